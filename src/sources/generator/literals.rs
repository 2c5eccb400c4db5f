//! What do the literals of a program say? A configuration in JavaScript or Python is read, never run.
//!
//! Only `key: 'text'` and `KEY = 'text'` count: quoted, without an expression in it, the same wherever it stands. A key that is
//! there with anything else is told apart from one that is not there.

/// What a program says of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Literal {
    Text(String),
    /// It is there, and is no literal, or differs from place to place.
    Open,
    Missing,
}

impl Literal {
    pub(super) fn text(self) -> Option<String> {
        match self {
            Literal::Text(text) => Some(text),
            Literal::Open | Literal::Missing => None,
        }
    }
}

/// Drops comments: from `mark` to the end of a line, and `/* */`; not within quotes.
pub(super) fn without_comments(program: &str, mark: &str) -> String {
    let mut out = String::with_capacity(program.len());
    let mut rest = program;
    while let Some(first) = rest.chars().next() {
        if rest.starts_with(mark) {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
        } else if rest.starts_with("/*") {
            rest = rest.find("*/").map_or("", |end| &rest[end + 2..]);
        } else {
            let length = if ['\'', '"', '`'].contains(&first) {
                quoted(rest).map_or(1, |(_, end)| end)
            } else {
                first.len_utf8()
            };
            out.push_str(&rest[..length]);
            rest = &rest[length..];
        }
    }
    out
}

/// Returns what is between the quotes at the start of `text`, and where they end; one line only.
fn quoted(text: &str) -> Option<(&str, usize)> {
    let quote = text.chars().next().filter(|c| ['\'', '"', '`'].contains(c))?;
    let end = text[1..].find([quote, '\n'])? + 1;
    text[end..].starts_with(quote).then(|| (&text[1..end], end + 1))
}

/// Looks for `key: …` or `key = …`.
pub(super) fn literal(program: &str, key: &str) -> Literal {
    let mut found = Literal::Missing;
    for value in values(program, key) {
        let now = match quoted(value) {
            Some((text, _)) if !text.contains(['\\', '$', '{']) => Literal::Text(text.to_owned()),
            _ => Literal::Open,
        };
        found = match found {
            Literal::Missing => now,
            before if before == now => before,
            _ => Literal::Open,
        };
    }
    found
}

/// Looks for `key: true` or `KEY = True`; `None` where it is not there or is no literal.
pub(super) fn switch(program: &str, key: &str) -> Option<bool> {
    let value = values(program, key).next()?;
    let word: String = value.chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
    match word.as_str() {
        "true" | "True" => Some(true),
        "false" | "False" => Some(false),
        _ => None,
    }
}

/// Returns what stands behind each `key:` and `key =`.
fn values<'p>(program: &'p str, key: &'p str) -> impl Iterator<Item = &'p str> {
    program.match_indices(key).filter_map(move |(at, _)| {
        let before = program[..at].trim_end_matches(['\'', '"']);
        let after = program[at + key.len()..].trim_start_matches(['\'', '"']).trim_start();
        let is_word = |c: char| c.is_alphanumeric() || "_$.-".contains(c);
        let value =
            after.strip_prefix(':').or_else(|| after.strip_prefix('=').filter(|rest| !rest.starts_with(['=', '>'])))?;
        (!before.ends_with(is_word)).then(|| value.trim_start())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(program: &str, expect: &Literal) {
        assert_eq!(&literal(&without_comments(program, "//"), "site"), expect, "{program}");
    }

    #[test]
    fn only_literals_are_taken() {
        let text = |text: &str| Literal::Text(text.to_owned());
        check("export default { site: 'https://x.example', }", &text("https://x.example"));
        check("{\"site\": \"/a\"}", &text("/a"));
        check("site = `/b`", &text("/b"));
        check("// site: 'no'\n/* site: 'no' */ other: 'x'", &Literal::Missing);
        check("site: process.env.SITE", &Literal::Open);
        check("site: `https://${host}`", &Literal::Open);
        check("site: dev ? 'a' : 'b'", &Literal::Open);
        check("site: 'a', x: { site: 'b' }", &Literal::Open);
        check("website: 'a', my.site = 'b', site == 'c'", &Literal::Missing);
        check("const url = 'https://y.example'; site: 'https://x.example' // c", &text("https://x.example"));
        check("site: 'never closed", &Literal::Open);
        assert_eq!(switch("A = True", "A"), Some(true));
        assert_eq!(switch("a: !x", "a"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_program_goes_through(text in "(\\PC|site|[:='\"`/*\n ]){0,60}") {
            let _ = literal(&without_comments(&text, "//"), "site");
        }
    }
}
