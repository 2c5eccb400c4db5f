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
}
