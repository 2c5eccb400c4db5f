//! What does Hugo make of `permalinks`? Its tokens, and how it spells what it puts in their place.

use chrono::{Datelike, NaiveDateTime};

use super::moment::part;

/// What the tokens of a pattern stand for.
#[derive(Debug)]
pub(super) struct Tokens<'t> {
    /// Without a date it is the first day of year 1.
    pub(super) at: NaiveDateTime,
    /// Folders of the page's section: of the nearest folder above with an `_index.md`, else the first.
    pub(super) sections: &'t [&'t str],
    pub(super) title: &'t str,
    pub(super) slug: &'t str,
    /// The file's name without ending and language; of a bundle the folder's.
    pub(super) name: &'t str,
}

/// Fills a pattern such as `/:year/:sections[1:]/:slug/`.
///
/// # Errors
/// A token that is not known here.
pub(super) fn expand(pattern: &str, tokens: &Tokens<'_>) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(at) = rest.find(':') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let mut end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
        if after[end..].starts_with('[') {
            end = after.find(']').map_or(after.len(), |close| close + 1);
        }
        if end == 0 {
            out.push(':');
        } else {
            out.push_str(&tokens.value(&after[..end]).ok_or_else(|| format!(":{}", &after[..end]))?);
        }
        rest = &after[end..];
    }
    out.push_str(rest);
    Ok(out)
}

impl Tokens<'_> {
    fn value(&self, token: &str) -> Option<String> {
        let title_or = |given: &str, other: &str| sanitized(if given.is_empty() { other } else { given });
        Some(match token {
            "year" | "month" | "day" | "hour" | "minute" | "second" => part(self.at, token)?,
            "monthname" => part(self.at, "long_month")?,
            "weekdayname" => part(self.at, "long_day")?,
            // Sunday is 0.
            "weekday" => self.at.weekday().num_days_from_sunday().to_string(),
            "yearday" => self.at.ordinal().to_string(),
            "section" => (*self.sections.first().unwrap_or(&"")).to_owned(),
            "sections" => self.sections.join("/"),
            "title" => sanitized(self.title),
            "slug" => title_or(self.slug, self.title),
            "slugorfilename" | "slugorcontentbasename" => title_or(self.slug, self.name),
            "filename" | "contentbasename" => sanitized(self.name),
            _ => self.some_sections(token.strip_prefix("sections[")?.strip_suffix(']')?)?,
        })
    }

    /// `1`, `last`, `1:`, `:last`, `0:2`: as slices of Go, what is out of range is left out.
    fn some_sections(&self, range: &str) -> Option<String> {
        let count = self.sections.len();
        let index = |text: &str| match text {
            // Of one section it is the one behind it, as Hugo has it.
            "last" => Some(count.saturating_sub(1).max(1)),
            number => number.parse().ok(),
        };
        let Some((from, to)) = range.split_once(':') else {
            return Some((*self.sections.get(index(range)?).unwrap_or(&"")).to_owned());
        };
        let from = if from.is_empty() { 0 } else { index(from)? }.min(count);
        let to = if to.is_empty() { count } else { index(to)? }.min(count);
        Some(self.sections.get(from..to).unwrap_or_default().join("/"))
    }
}

/// Keeps letters, digits and a few marks; white space between them becomes one hyphen, everything else goes.
pub(super) fn sanitized(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut owes_hyphen, mut had_hyphen) = (false, false);
    for (at, letter) in text.char_indices() {
        let is_code = letter == '%' && text[at + 1..].chars().take(2).filter(char::is_ascii_hexdigit).count() == 2;
        if letter.is_alphanumeric() || is_mark(letter) || "./\\_#+~-@".contains(letter) || is_code {
            had_hyphen = letter == '-';
            if owes_hyphen && !had_hyphen {
                out.push('-');
            }
            owes_hyphen = false;
            out.push(letter);
        } else if !out.is_empty() && !had_hyphen && letter.is_whitespace() {
            owes_hyphen = true;
        }
    }
    out
}

/// Marks that stand above or below a letter.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, expect: &str) {
        let at = chrono::NaiveDate::from_ymd_opt(2024, 1, 7).unwrap().into();
        let tokens = Tokens { at, sections: &["blog", "a", "b"], title: "A Title!", slug: "", name: "file name" };
        let made = expand(pattern, &tokens).unwrap_or_else(|token| format!("no {token}"));
        assert_eq!(made, expect, "{pattern}");
    }

    #[test]
    fn tokens_are_filled() {
        check("/:year/:month/:day/:weekday/:weekdayname/:yearday", "/2024/01/07/0/Sunday/7");
        check("/:section/:sections/:slug", "/blog/blog/a/b/A-Title");
        let one = Tokens { at: chrono::NaiveDateTime::default(), sections: &["blog"], title: "", slug: "", name: "" };
        assert_eq!(expand("/:sections[last]/:sections[:last]/", &one).as_deref(), Ok("//blog/"));
        check("/:sections[1:]/:sections[last]/:sections[0]/:sections[:last]/:sections[5]", "/a/b/b/blog/blog/a/");
        check("/:slugorfilename/:contentbasename.html", "/file-name/file-name.html");
        check("/:monthname-:never", "no :never");
        check("/a:b", "no :b");
    }

    #[test]
    fn names_are_sanitized() {
        for (name, expect) in
            [("C# & C++", "C#-C++"), ("a - b", "a-b"), (" a  b ", "a-b"), ("Été?", "Été"), ("%2fx%", "%2fx")]
        {
            assert_eq!(sanitized(name), expect);
        }
    }
}
