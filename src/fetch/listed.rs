//! Which feeds does a list name? Each once, in its order, up to a limit; what else it lists is counted and told.

use std::collections::HashSet;

use url::Url;

use super::gather::GatherError;
use crate::sources::{Outline, outlines};

/// The feeds of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListedFeeds {
    /// Each once, in the order of the list.
    pub feeds: Vec<Url>,
    /// What its reader should know: what of the list is left out, and why.
    pub told: Vec<String>,
}

/// How many outlines are left out, by the reason.
#[derive(Default)]
struct LeftOut {
    pages: usize,
    no_urls: usize,
    schemes: usize,
    beyond: usize,
}

/// Returns the feeds that a list names, at most `feeds_max`.
///
/// # Errors
/// It is no XML, or names none.
pub fn listed(name: &str, bytes: &[u8], feeds_max: usize) -> Result<ListedFeeds, GatherError> {
    let found = outlines(&String::from_utf8_lossy(bytes));
    let found = found.map_err(|fault| GatherError::Opml { url: name.to_owned(), fault })?;
    let mut known: HashSet<Url> = HashSet::new();
    let mut feeds = Vec::new();
    let mut left_out = LeftOut::default();
    for outline in found {
        let Outline::Feed { url } = outline else {
            left_out.pages += 1;
            continue;
        };
        match Url::parse(&url) {
            Err(_) => left_out.no_urls += 1,
            Ok(url) if !matches!(url.scheme(), "http" | "https") => left_out.schemes += 1,
            Ok(url) if known.contains(&url) => {}
            Ok(url) => {
                known.insert(url.clone());
                if feeds.len() < feeds_max { feeds.push(url) } else { left_out.beyond += 1 }
            }
        }
    }
    if feeds.is_empty() {
        return Err(GatherError::NoFeedListed { url: name.to_owned(), left_out: left_out.told(feeds_max) });
    }
    let told = left_out.told(feeds_max).into_iter().map(|told| format!("{name}: {told}")).collect();
    Ok(ListedFeeds { feeds, told })
}

impl LeftOut {
    fn told(&self, feeds_max: usize) -> Vec<String> {
        let beyond = format!("beyond the first {feeds_max} feeds; split the list, or index them by themselves");
        [
            (self.pages, "a page without its feed; index the page, which may name one"),
            (self.no_urls, "an address that is no URL; write it whole, as in https://blog.example/feed.xml"),
            (self.schemes, "an address that is not fetched; only http and https are"),
            (self.beyond, beyond.as_str()),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, why)| format!("{count} listed and left out: {why}"))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(outlines: &str, feeds: &[&str], told: &[&str]) {
        let list = format!("<opml version='2.0'><body>{outlines}</body></opml>");
        let found = listed("list", list.as_bytes(), 2).unwrap();
        assert_eq!(found.feeds.iter().map(Url::as_str).collect::<Vec<_>>(), feeds);
        assert_eq!(found.told, told);
    }

    #[test]
    fn what_is_left_out_of_a_list_is_counted_by_reason() {
        let a = "<outline xmlUrl='https://a.example/'/>";
        check(&a.repeat(3), &["https://a.example/"], &[]);
        check(
            &format!(
                "<outline text='Folder'>{a}<outline htmlUrl='https://b.example'/><outline xmlUrl='feed'/></outline>\
                 <outline xmlUrl='file:///etc/passwd'/><outline xmlUrl='feed:x'/>{a}\
                 <outline xmlUrl='http://c.example/'/><outline xmlUrl='http://d.example/'/>{a}\
                 <outline xmlUrl='http://d.example/'/>"
            ),
            &["https://a.example/", "http://c.example/"],
            &[
                "list: 1 listed and left out: a page without its feed; index the page, which may name one",
                "list: 1 listed and left out: an address that is no URL; write it whole, as in https://blog.example/feed.xml",
                "list: 2 listed and left out: an address that is not fetched; only http and https are",
                "list: 1 listed and left out: beyond the first 2 feeds; split the list, or index them by themselves",
            ],
        );
    }

    #[test]
    fn a_list_without_feeds_says_what_it_has() {
        let list = b"<opml><body><outline htmlUrl='https://b.example'/></body></opml>";
        let fault = listed("list", list, 9).unwrap_err().to_string();
        let expect =
            "list: lists no feed (1 listed and left out: a page without its feed; index the page, which may name one)";
        assert_eq!(fault, expect);
        assert_eq!(listed("list", b"<opml/>", 9).unwrap_err().to_string(), "list: lists no feed");
    }
}
