//! How does a title stay a title, whatever is in it? One function a language.

/// Escapes text for XML, in content and in attributes; what XML has no way to write becomes U+FFFD.
pub(super) fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' | '\r' => escaped.push_str(&format!("&#{};", u32::from(letter))),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// Escapes text for a string of DOT in double quotes; line breaks are shown as such.
pub(super) fn dot(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' | '\\' => escaped.extend(['\\', letter]),
            '\n' => escaped.push_str("\\n"),
            _ if letter.is_control() => escaped.push(' '),
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// Escapes text for a label of Mermaid in double quotes, which may hold HTML and Markdown.
pub(super) fn mermaid(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' | '#' | '<' | '>' | '&' | '`' | '\\' | '*' | '_' | '%' | '{' | '}' => {
                escaped.push_str(&format!("#{};", u32::from(letter)));
            }
            _ if letter.is_control() => escaped.push(' '),
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// Makes a relative path of a name: what is no letter, digit, `.`, `_` or `-` is written as `%2F` is, and so are the dots of
/// `.` and `..`. Different names make different paths.
pub(super) fn file_path(name: &str) -> String {
    let name = name.strip_prefix("./").unwrap_or(name);
    let part = |part: &str| -> String {
        let is_place = matches!(part, "" | "." | "..");
        let byte = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' => char::from(byte).to_string(),
            b'.' if !is_place => ".".to_owned(),
            _ => format!("%{byte:02X}"),
        };
        if part.is_empty() { "%".to_owned() } else { part.bytes().map(byte).collect() }
    };
    name.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASTY: &str = "a \"b\" <c> & ]]> -- it's\n#d `e` \\f %%{g}\u{1}";

    #[test]
    fn nothing_is_markup() {
        let written = xml(NASTY);
        assert_eq!(written, "a &quot;b&quot; &lt;c&gt; &amp; ]]&gt; -- it&#39;s&#10;#d `e` \\f %%{g}\u{fffd}");
        assert_eq!(dot(NASTY), "a \\\"b\\\" <c> & ]]> -- it's\\n#d `e` \\\\f %%{g} ");
        let written = mermaid(NASTY);
        assert!(!written.contains(['"', '<', '>', '`', '\n', '%', '{']), "{written}");
        assert!(written.starts_with("a #34;b#34; #60;c#62; #38; ]]#62; -- it's #35;d"), "{written}");
    }

    #[test]
    fn names_stay_below_their_folder() {
        for (name, expect) in [
            ("posts/a.md", "posts/a.md"),
            ("./posts/a.md", "posts/a.md"),
            ("../../x", "%2E%2E/%2E%2E/x"),
            ("/etc/x", "%/etc/x"),
            ("https://x.example/a?b", "https%3A/%/x.example/a%3Fb"),
            ("a//b", "a/%/b"),
            ("é\\..", "%C3%A9%5C.."),
        ] {
            assert_eq!(file_path(name), expect);
        }
    }
}
