//! Which address does Jekyll give? Styles, placeholders, and how it spells what it puts in their place.

use chrono::NaiveDateTime;

use super::moment::part;
use super::spelling::{hyphened, percent_encoded};

/// What the placeholders of a document stand for.
pub(super) struct Names<'n> {
    pub(super) at: Option<NaiveDateTime>,
    pub(super) categories: &'n [String],
    pub(super) collection: &'n str,
    /// Without the collection's folder and the ending.
    pub(super) path: &'n str,
    /// The file's name, without date and ending.
    pub(super) base: &'n str,
    pub(super) slug: Option<&'n str>,
}

/// Returns the pattern of a style's name, or the pattern itself.
pub(super) fn style(name: &str) -> &str {
    match name {
        "pretty" => "/:categories/:year/:month/:day/:title/",
        "date" | "" => "/:categories/:year/:month/:day/:title:output_ext",
        "ordinal" => "/:categories/:year/:y_day/:title:output_ext",
        "weekdate" => "/:categories/:year/W:week/:short_day/:title:output_ext",
        "none" => "/:categories/:title:output_ext",
        pattern => pattern,
    }
}

/// Returns what pages and collections have at their end under a site's style.
pub(super) fn ending(style: &str) -> &'static str {
    match style {
        "pretty" => "/",
        "" | "date" | "ordinal" | "weekdate" | "none" => ":output_ext",
        other if other.ends_with('/') => "/",
        other if other.ends_with(":output_ext") => ":output_ext",
        _ => "",
    }
}

/// Fills a pattern.
///
/// # Errors
/// A placeholder that is not known here, or that needs a date where there is none.
pub(super) fn fill(pattern: &str, names: &Names<'_>) -> Result<String, String> {
    let value = |name: &str| {
        let words = match name {
            "output_ext" => ".html".to_owned(),
            "title" => slugified(names.slug.unwrap_or(names.base), is_pretty),
            "slug" => slugified(names.slug.unwrap_or(names.base), is_default).to_lowercase(),
            "name" | "basename" => names.base.to_owned(),
            "path" => names.path.to_owned(),
            "collection" => names.collection.to_owned(),
            "categories" => joined(names.categories.iter().map(|it| it.to_lowercase())),
            "slugified_categories" => {
                joined(names.categories.iter().map(|it| slugified(it, is_default).to_lowercase()))
            }
            date => part(names.at?, date)?,
        };
        Some(escaped(&words))
    };
    super::spelling::filled(pattern, value).map(|path| sanitized(&path))
}

fn joined(words: impl Iterator<Item = String>) -> String {
    let mut seen: Vec<String> = Vec::new();
    for word in words {
        if !seen.contains(&word) {
            seen.push(word);
        }
    }
    seen.join("/")
}

fn slugified(text: &str, kept: fn(char) -> bool) -> String {
    hyphened(text, kept)
}

fn is_default(letter: char) -> bool {
    letter.is_alphabetic() || letter.is_ascii_digit() || matches!(letter, '\u{300}'..='\u{36f}')
}

fn is_pretty(letter: char) -> bool {
    is_default(letter) || "._~!$&'()+,;=@".contains(letter)
}

fn escaped(text: &str) -> String {
    percent_encoded(text, "-._~:/?[]@!$&'()*+,;=")
}

fn sanitized(path: &str) -> String {
    super::spelling::rooted(&path.replace("..", "/").replace("./", ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, expect: &str) {
        let at = chrono::NaiveDate::from_ymd_opt(2024, 1, 2).unwrap().and_hms_opt(3, 4, 5);
        let categories = ["News".to_owned(), "C d".to_owned(), "news".to_owned()];
        let names =
            Names { at, categories: &categories, collection: "posts", path: "x/a", base: "A b_é!", slug: None };
        assert_eq!(fill(style(pattern), &names).unwrap_or_else(|name| name), expect, "{pattern}");
    }

    #[test]
    fn styles_and_placeholders() {
        check("date", "/news/c%20d/2024/01/02/A-b_%C3%A9!.html");
        check("pretty", "/news/c%20d/2024/01/02/A-b_%C3%A9!/");
        check("ordinal", "/news/c%20d/2024/002/A-b_%C3%A9!.html");
        check("weekdate", "/news/c%20d/2024/W01/Tue/A-b_%C3%A9!.html");
        check("none", "/news/c%20d/A-b_%C3%A9!.html");
        check("/:slugified_categories/:i_day-:short_year/:slug", "/news/c-d/2-24/a-b-%C3%A9");
        check("/:year/:nothing/", "nothing");
        check("/x/:year_:month/:hour:minute", "/x/2024_01/0304");
    }
}
