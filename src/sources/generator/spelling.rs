//! How does a generator spell a name in an address? What is kept, what parts words, what is folded to ASCII.

/// Replaces every run of letters that are not `kept` by one hyphen, and takes a hyphen off each end.
pub(super) fn hyphened(text: &str, kept: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_run = false;
    for letter in text.chars() {
        let keep = kept(letter);
        if keep {
            out.push(letter);
        } else if !in_run {
            out.push('-');
        }
        in_run = !keep;
    }
    let out = out.strip_prefix('-').unwrap_or(&out);
    out.strip_suffix('-').unwrap_or(out).to_owned()
}

/// Writes everything but ASCII letters, digits and `kept` as `%XX`.
pub(super) fn percent_encoded(text: &str, kept: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || (byte.is_ascii() && kept.contains(char::from(byte))) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// What `encodeURI` keeps.
pub(super) const ENCODE_URI: &str = "-_.!~*'();/?:@&=+$,#";

/// Replaces `:name` in a pattern; names are lower-case letters, digits and `_`.
///
/// # Errors
/// The first name that `value` does not know.
pub(super) fn filled(pattern: &str, mut value: impl FnMut(&str) -> Option<String>) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(at) = rest.find(':') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
        let name = &after[..end];
        // A name runs on into `_` where the pattern has it behind: `:year_:title`.
        let bare = name.trim_end_matches('_');
        match (name, value(name), value(bare)) {
            ("", ..) => out.push(':'),
            (_, Some(found), _) => out.push_str(&found),
            (_, None, Some(found)) => {
                out.push_str(&found);
                out.push_str(&name[bare.len()..]);
            }
            _ => return Err(name.to_owned()),
        }
        rest = &after[end..];
    }
    out.push_str(rest);
    Ok(out)
}

/// Makes `/a//b` of `a` and `/b`: one slash wherever there are several, and one in front.
pub(super) fn rooted(path: &str) -> String {
    let mut out = String::from("/");
    for letter in path.chars() {
        if letter != '/' || !out.ends_with('/') {
            out.push(letter);
        }
    }
    out
}

/// Writes letters with marks as ASCII; `None` where a letter has no such form here.
pub(super) fn ascii(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            letter if letter.is_ascii() => out.push(letter),
            '\u{300}'..='\u{36f}' => {}
            letter => out.push_str(folded(letter)?),
        }
    }
    Some(out)
}

/// The Latin letters of Europe, and the punctuation that stands between them.
fn folded(letter: char) -> Option<&'static str> {
    const FOLDS: &[(&str, &str)] = &[
        ("àáâãåāăąäǎ", "a"),
        ("ÀÁÂÃÅĀĂĄÄǍ", "A"),
        ("æ", "ae"),
        ("Æ", "AE"),
        ("çćĉċč", "c"),
        ("ÇĆĈĊČ", "C"),
        ("ďđð", "d"),
        ("ĎĐÐ", "D"),
        ("èéêëēĕėęěẽ", "e"),
        ("ÈÉÊËĒĔĖĘĚẼ", "E"),
        ("ĝğġģ", "g"),
        ("ĜĞĠĢ", "G"),
        ("ĥħ", "h"),
        ("ĤĦ", "H"),
        ("ìíîïĩīĭįı", "i"),
        ("ÌÍÎÏĨĪĬĮİ", "I"),
        ("ĵ", "j"),
        ("Ĵ", "J"),
        ("ķ", "k"),
        ("Ķ", "K"),
        ("ĺļľł", "l"),
        ("ĹĻĽŁ", "L"),
        ("ñńņň", "n"),
        ("ÑŃŅŇ", "N"),
        ("òóôõöøōŏő", "o"),
        ("ÒÓÔÕÖØŌŎŐ", "O"),
        ("œ", "oe"),
        ("Œ", "OE"),
        ("ŕŗř", "r"),
        ("ŔŖŘ", "R"),
        ("śŝşšș", "s"),
        ("ŚŜŞŠȘ", "S"),
        ("ß", "ss"),
        ("ţťŧț", "t"),
        ("ŢŤŦȚ", "T"),
        ("þ", "th"),
        ("Þ", "Th"),
        ("ùúûüũūŭůűų", "u"),
        ("ÙÚÛÜŨŪŬŮŰŲ", "U"),
        ("ŵ", "w"),
        ("Ŵ", "W"),
        ("ýÿŷ", "y"),
        ("ÝŸŶ", "Y"),
        ("źżž", "z"),
        ("ŹŻŽ", "Z"),
        ("‘’‚′", "'"),
        ("“”„«»", "\""),
        ("–—‐‑−", "-"),
        ("…", "..."),
        ("\u{a0}", " "),
    ];
    FOLDS.iter().find(|(letters, _)| letters.contains(letter)).map(|(_, plain)| *plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelled() {
        assert_eq!(hyphened("-A  b, c!", char::is_alphanumeric), "A-b-c");
        assert_eq!(percent_encoded("a é/%", "/"), "a%20%C3%A9/%25");
        assert_eq!(rooted("a//b/"), "/a/b/");
        assert_eq!(ascii("Über Łódź – ça").as_deref(), Some("Uber Lodz - ca"));
        assert_eq!(ascii("日"), None);
    }

    #[test]
    fn patterns_are_filled() {
        let fill = |pattern| filled(pattern, |name| (name == "year").then(|| "2024".to_owned()));
        assert_eq!(fill("/:year/a:/:year_x").unwrap_err(), "year_x");
        assert_eq!(fill("/:year_/:year.html").as_deref(), Ok("/2024_/2024.html"));
    }
}
