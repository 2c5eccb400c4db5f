//! Is a page a post? What can be told from what it says of itself, and where it lies in its site.
//!
//! | sign | then it is |
//! |---|---|
//! | `noindex`, a refresh to another page | no post, wherever it comes from |
//! | `404.html` and the like | an error page |
//! | JSON-LD of a post, `og:type` `article` | a post |
//! | the site's front page, a page of tags, categories, archives, a numbered page of a list | a list |
//! | two or more `<article>` | a list |
//! | `og:type` of another kind and no `<article>` | a page of the site, not a post |
//! | anything else | a post |
//!
//! All but the first are asked only of a site's pages: who names one page wants that page.

use super::Origin;
use super::facts::Facts;
use crate::sources::reasons::SkipReason;

/// Names that pages for errors have in built sites.
const ERROR_PAGES: [&str; 6] = ["404", "403", "500", "50x", "error", "offline"];
/// Pages that list others, by the names that generators and themes give them; some give them to old posts' folders, too.
const LISTS: [&str; 3] = ["archive", "archives", "search"];
/// Folders of such pages.
const FOLDERS_OF_LISTS: [&str; 6] = ["tag", "tags", "category", "categories", "author", "authors"];

/// Says why a page is no post, where it says so.
pub(super) fn refuse(facts: &Facts, is_described: bool, origin: Origin<'_>) -> Result<(), SkipReason> {
    if let Some(target) = refresh(facts) {
        return Err(SkipReason::RedirectStub(target));
    }
    let robots = facts.metas_of("robots").chain(facts.metas_of("googlebot")).map(str::to_lowercase);
    let words: Vec<String> =
        robots.flat_map(|said| said.split(',').map(|word| word.trim().to_owned()).collect::<Vec<_>>()).collect();
    if words.iter().any(|word| word == "noindex" || word == "none") {
        return Err(SkipReason::NoIndex);
    }
    match origin {
        Origin::Site(path) => refuse_in_site(facts, is_described, path),
        Origin::Address(_) | Origin::File(_) | Origin::Unnamed => Ok(()),
    }
}

fn refuse_in_site(facts: &Facts, is_described: bool, path: &str) -> Result<(), SkipReason> {
    let place = crate::sources::markdown::id(path);
    let mut parts: Vec<&str> = place.split('/').collect();
    let name = parts.pop().unwrap_or_default();
    if ERROR_PAGES.contains(&name) {
        return Err(SkipReason::ErrorPage);
    }
    let kind = facts.meta(&["og:type"]);
    if is_described || kind == Some("article") {
        return Ok(());
    }
    let is_numbered = parts.last() == Some(&"page") && name.bytes().all(|byte| byte.is_ascii_digit());
    let is_list = place == "index"
        || LISTS.contains(&name)
        || parts.iter().chain([&name]).any(|part| FOLDERS_OF_LISTS.contains(part));
    if is_list || is_numbered || facts.bodies > 1 {
        return Err(SkipReason::ListPage);
    }
    if kind.is_some() && facts.bodies == 0 { Err(SkipReason::SitePage) } else { Ok(()) }
}

/// Returns where a page sends its reader on its own; one that loads itself again sends nobody.
fn refresh(facts: &Facts) -> Option<String> {
    let content = facts.meta(&["refresh"])?;
    let (_, target) = content.split_once([';', ','])?;
    let target = target.trim();
    let target = match target.get(..4) {
        Some(start) if start.eq_ignore_ascii_case("url=") => &target[4..],
        _ => target,
    };
    let target = target.trim().trim_matches(['"', '\'']);
    (!target.is_empty()).then(|| target.chars().take(200).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::page::facts::facts;

    fn check(path: &str, html: &str, expect: Option<&SkipReason>) {
        assert_eq!(refuse(&facts(html), false, Origin::Site(path)).err().as_ref(), expect, "{path}: {html}");
    }

    #[test]
    fn what_is_no_post_says_so() {
        check("a.html", "<meta name=robots content='NoIndex, follow'>", Some(&SkipReason::NoIndex));
        check("a.html", "<meta name=robots content='index'>", None);
        let stub = "<meta http-equiv=refresh content='0; URL=\"/b/\"'>";
        check("a.html", stub, Some(&SkipReason::RedirectStub("/b/".to_owned())));
        check("a.html", "<meta http-equiv=refresh content=300>", None);
        check("404.html", "", Some(&SkipReason::ErrorPage));
        check("index.html", "", Some(&SkipReason::ListPage));
        check("posts/a/index.html", "", None);
        check("tags/rust/index.html", "<article>", Some(&SkipReason::ListPage));
        check("blog/page/2/index.html", "", Some(&SkipReason::ListPage));
        check("archives/000123.html", "", None);
        check("a.html", "<article></article><article>", Some(&SkipReason::ListPage));
        check("a.html", "<meta property=og:type content=article><article><article>", None);
        check("a.html", "<meta property=og:type content=website>", Some(&SkipReason::SitePage));
        check("a.html", "<meta property=og:type content=website><article>", None);
    }

    #[test]
    fn a_page_that_somebody_names_is_read() {
        let page = facts("<meta property=og:type content=website><article><article>");
        assert_eq!(refuse(&page, false, Origin::File("404.html")), Ok(()));
        let hidden = facts("<meta name=googlebot content=none>");
        assert_eq!(refuse(&hidden, false, Origin::Address("https://x.example/")), Err(SkipReason::NoIndex));
    }
}
