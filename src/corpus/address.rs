//! What does a link's target say? Host, folders, date and slug, as the generators of sites write them.

/// Endings that a page's address may have or not.
const PAGE_ENDINGS: [&str; 6] = [".md", ".mdx", ".markdown", ".html", ".htm", ".php"];
/// Names that stand for their folder.
const INDEXES: [&str; 3] = ["index", "_index", "readme"];

/// A target, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// Lower case, without `www.`; `None` for a link within the site.
    pub(super) host: Option<String>,
    /// Whether it begins at the site's root; one with a host does.
    pub(super) start: Start,
    /// Folded, the page's ending and `index` left out; `..` stays.
    pub(super) parts: Vec<String>,
    /// The ending of a file that is no page, such as `png`.
    pub(super) is_file: bool,
}

/// Where a target begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    Root,
    /// At the page in which it stands.
    Page,
}

/// A date as exact as an address has it: a year, a month, a day.
pub(super) type DateParts = (u16, Option<u8>, Option<u8>);

/// A page's address as `folders / date / slug`, wherever it keeps the date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) folders: Vec<String>,
    pub(super) date: Option<DateParts>,
    pub(super) slug: String,
}

impl Target {
    /// Takes a target apart; `None` where it is no page of the web, such as `mailto:`.
    pub(super) fn parse(target: &str) -> Option<Target> {
        let target = target.trim();
        let target = target.split(['#', '?']).next().unwrap_or(target);
        let lower = target.get(..8).unwrap_or(target).to_ascii_lowercase();
        let web = ["https://", "http://", "//"].into_iter().find(|scheme| lower.starts_with(scheme));
        if let Some(scheme) = web {
            let (host, path) = target[scheme.len()..].split_once('/').unwrap_or((&target[scheme.len()..], ""));
            let host = host.to_ascii_lowercase();
            let host = host.strip_prefix("www.").unwrap_or(&host).to_owned();
            return Some(Target::new(Some(host), Start::Root, path));
        }
        let head = target.split('/').next().unwrap_or_default();
        let has_scheme = head.split_once(':').is_some_and(|(scheme, _)| {
            !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        });
        if has_scheme {
            return None;
        }
        // Zola begins links within the site with `@/`.
        let path = target.strip_prefix('@').filter(|path| path.starts_with('/')).unwrap_or(target);
        let start = if path.starts_with('/') { Start::Root } else { Start::Page };
        Some(Target::new(None, start, path))
    }

    fn new(host: Option<String>, start: Start, path: &str) -> Target {
        let decoded = percent_decoded(path);
        let parts = decoded.split('/').filter(|part| !part.is_empty() && *part != ".");
        let mut parts: Vec<String> = parts.map(fold).collect();
        let is_file = parts.last_mut().is_some_and(|last| {
            let page = PAGE_ENDINGS.into_iter().find_map(|ending| last.strip_suffix(ending));
            let is_file = page.is_none() && has_file_ending(last);
            if let Some(page) = page.map(str::to_owned) {
                *last = page;
            }
            is_file
        });
        if parts.len() > 1 && parts.last().is_some_and(|last| INDEXES.contains(&last.as_str())) {
            parts.pop();
        }
        Target { host, start, parts, is_file }
    }

    /// Joins a target to the folders in which it stands; `None` where it climbs out of the site.
    pub(super) fn joined(&self, folders: &[String]) -> Option<Vec<String>> {
        let mut joined = if self.start == Start::Page { folders.to_vec() } else { Vec::new() };
        for part in &self.parts {
            if part == ".." {
                joined.pop()?;
            } else {
                joined.push(part.clone());
            }
        }
        Some(joined)
    }
}

impl Address {
    /// Reads the parts of an address; `None` where nothing but `..` is there.
    pub(super) fn of(parts: &[String]) -> Option<Address> {
        let parts: Vec<&String> = parts.iter().filter(|part| !matches!(part.as_str(), ".." | "-posts")).collect();
        let (last, folders) = parts.split_last()?;
        let mut folders: Vec<String> = folders.iter().map(|folder| (*folder).clone()).collect();
        if let Some((date, slug)) = dated_name(last) {
            drop_date(&mut folders);
            return Some(Address { folders, date: Some(date), slug: slug.to_owned() });
        }
        let date = drop_date(&mut folders);
        Some(Address { folders, date, slug: (*last).clone() })
    }
}

/// Makes names equal that generators write in several ways: case, and what parts words.
pub(super) fn fold(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '_'], "-")
}

/// Tells whether a name ends as pictures, archives and programs do: a dot and two to four letters, `mp4` among them.
fn has_file_ending(name: &str) -> bool {
    const FILES: [&str; 24] = [
        "png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "ico", "pdf", "zip", "gz", "mp3", "mp4", "webm", "css",
        "js", "json", "xml", "txt", "csv", "go", "rs", "py", "atom",
    ];
    name.rsplit_once('.').is_some_and(|(_, ending)| FILES.contains(&ending))
}

/// Parts `2020-01-02-slug`, also with one digit for a month or day.
fn dated_name(name: &str) -> Option<(DateParts, &str)> {
    let mut parts = name.splitn(4, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let slug = parts.next().filter(|slug| !slug.is_empty())?;
    Some(((year_of(year)?, Some(number(month, 12)?), Some(number(day, 31)?)), slug))
}

/// Takes `2020/01/02`, `2020/01` or `2020` off the end of folders.
fn drop_date(folders: &mut Vec<String>) -> Option<DateParts> {
    let count = folders.len();
    let at = |back: usize| count.checked_sub(back).map(|at| folders[at].as_str()).unwrap_or_default();
    let (date, length) =
        if let (Some(year), Some(month), Some(day)) = (year_of(at(3)), number(at(2), 12), number(at(1), 31)) {
            ((year, Some(month), Some(day)), 3)
        } else if let (Some(year), Some(month)) = (year_of(at(2)), number(at(1), 12)) {
            ((year, Some(month), None), 2)
        } else {
            ((year_of(at(1))?, None, None), 1)
        };
    folders.truncate(count - length);
    Some(date)
}

fn year_of(text: &str) -> Option<u16> {
    let year = text.parse().ok().filter(|_| text.len() == 4)?;
    (1_900..=2_200).contains(&year).then_some(year)
}

fn number(text: &str, most: u8) -> Option<u8> {
    let is_number = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_number && (1..=most).contains(number))
}

/// Resolves `%20` and the like; what is no UTF-8 then is left as it was.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        let code = code.filter(|_| byte == b'%').and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(code.unwrap_or(byte));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(target: &str, host: &str, parts: &str) {
        let parsed = Target::parse(target).unwrap();
        assert_eq!(
            (parsed.host.as_deref().unwrap_or_default(), parsed.parts.join("/").as_str()),
            (host, parts),
            "{target}"
        );
    }

    #[test]
    fn targets_come_apart() {
        check("https://www.X.example/Blog/A_b/index.html?q#f", "x.example", "blog/a-b");
        check("//x.example", "x.example", "");
        check("@/a/b.md#c", "", "a/b");
        check("../a%20b/", "", "../a-b");
        check("v1.2.0", "", "v1.2.0");
        check("index.md", "", "index");
        check("a%zz%e4", "", "a%zz%e4");
        assert!(["mailto:a@b", "javascript:x", "tel:1"].iter().all(|target| Target::parse(target).is_none()));
        assert!(Target::parse("/a/b.png").unwrap().is_file && !Target::parse("/a/v1.0.go-on").unwrap().is_file);
    }

    #[test]
    fn addresses_keep_dates_in_many_places() {
        let day = Some((2020, Some(1), Some(2)));
        for (parts, folders, date, slug) in [
            ("blog/2020/01/02/a", "blog", day, "a"),
            ("blog/2020/1/2/a", "blog", day, "a"),
            ("-posts/2020-01-02-a-b", "", day, "a-b"),
            ("2020/2020-1-02-a", "", day, "a"),
            ("blog/2020/01/a", "blog", Some((2020, Some(1), None)), "a"),
            ("2020/a", "", Some((2020, None, None)), "a"),
            ("../13/40/a", "13/40", None, "a"),
            ("2020-01-02", "", None, "2020-01-02"),
        ] {
            let parts: Vec<String> = parts.split('/').map(str::to_owned).collect();
            let address = Address::of(&parts).unwrap();
            assert_eq!(
                (address.folders.join("/").as_str(), address.date, address.slug.as_str()),
                (folders, date, slug)
            );
        }
        assert_eq!(Address::of(&["..".to_owned()]), None);
    }
}
