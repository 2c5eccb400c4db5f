//! How does a text stay a text in Markdown?

/// Escapes what Markdown or HTML would take for markup.
pub(crate) fn escape_markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' => escaped.extend(['\\', letter]),
            // No markup here, but of the templates that a generator may see in a page, whatever stands before it.
            '{' => escaped.push_str("&#123;"),
            '}' => escaped.push_str("&#125;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            _ if letter.is_control() => escaped.push(' '),
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// Writes a target of a Markdown link between angle brackets.
pub(crate) fn markdown_target(url: &str) -> String {
    let encoded = url.chars().map(|letter| match letter {
        '<' | '>' | '\\' | '{' | '}' => format!("%{:02X}", u32::from(letter)),
        _ if letter.is_control() => format!("%{:02X}", u32::from(letter)),
        _ => letter.to_string(),
    });
    format!("<{}>", encoded.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_titles_stays_text() {
        assert_eq!(escape_markdown("a *b* <script>\n[x]"), "a \\*b\\* &lt;script&gt; \\[x\\]");
        assert_eq!(escape_markdown("{% x %}"), "&#123;% x %&#125;");
        assert_eq!(markdown_target("/a b>(c)\n"), "</a b%3E(c)%0A>");
    }
}
