//! Which post is a Markdown file? Its front matter, its name and its place in the folder say.

use std::path::Path;

use serde_json::{Map, Value};

use super::front_matter::{Split, split};
use super::hashtags::hashtags;
use super::summary::before_mark;
use super::templates::strip_templates;
use super::text::markdown_to_prose;
use crate::post::PostDate;
use crate::sources::collector::Collector;
use crate::sources::dates::parse_date;
use crate::sources::field_map::{Field, first_value, value};
use crate::sources::generator::{Head, Page, PageFile, PageTitle, PageUrl, Site, SiteKind};
use crate::sources::html::Extent;
use crate::sources::language::language_code;
use crate::sources::options::{Drafts, Expired, Future, MissingTitles, ReadOptions};
use crate::sources::page::is_page;
use crate::sources::raw_post::{Given, RawPost, TitleRule};
use crate::sources::reasons::{NoteKind, SkipReason};
use crate::sources::record::{read_record, text_of};
use crate::sources::report::Place;

/// Names of dates that tell of a change, not of the publication: a date in the file's name comes before them.
const CHANGES: [&str; 4] = ["lastmod", "updated", "date_modified", "modified"];

/// Adds the post of one file, `path` being its place in the folder with forward slashes, or counts why not.
pub(super) fn add(text: &str, path: &str, place: Place, site: &mut Site, posts: &mut Collector<'_>) {
    if is_section_page(path) {
        return posts.skip(place, SkipReason::SectionPage);
    }
    if crate::text::is_written_by_us(text) {
        return posts.skip(place, SkipReason::WrittenByUs);
    }
    match split(text, &posts.options.limits) {
        Err((line, reason)) => posts.skip(Place::line(&place.file, line), reason),
        Ok(mut split) => {
            let has_none = split.body.len() == text.trim_start_matches('\u{feff}').len();
            let mut head = if has_none { Head::Nothing } else { Head::FrontMatter };
            if let Some((fields, body)) = site.header(text).filter(|_| has_none) {
                (split, head) = (Split { fields, body: &text[body..] }, Head::FrontMatter);
            }
            let whole = site.path_of(path);
            site.complete(&whole, &mut split.fields);
            let page = site.page(&PageFile { path: &whole, fields: &split.fields, head });
            match page.and_then(|page| read(&split, path, page, &place, site, posts)) {
                Err(reason) => posts.skip(place, reason),
                Ok(raw) => posts.add(raw, place),
            }
        }
    }
}

fn read(
    split: &Split<'_>,
    path: &str,
    page: Page,
    place: &Place,
    site: &Site,
    posts: &mut Collector<'_>,
) -> Result<RawPost, SkipReason> {
    let fields = &split.fields;
    posts.see_fields(fields);
    let options = posts.options;
    let from_heading = options.titles == MissingTitles::FromHeading || page.title == PageTitle::HeadingOrName;
    let titles = match from_heading {
        false => TitleRule::Skip(SkipReason::NoTitleInFrontMatter),
        true => TitleRule::HeadingOr(words_of_name(path)),
    };
    let mut raw = read_record(fields, &options.fields, titles);
    if options.fields.mapped(Field::Id).is_none() {
        raw.id = Some(id(path).to_owned());
    }
    raw.path = Some(path.to_owned());
    add_date_in_name(&mut raw, fields, path, options);
    if options.fields.mapped(Field::Date).is_none() {
        raw.dates.splice(0..0, page.date.clone());
    }
    is_shown(fields, path, &page, &raw, site, options)?;
    raw.language = raw.language.or(page.language).or_else(|| language_in_name(path));
    raw.url = match page.url {
        PageUrl::Unknown => raw.url.filter(|url| is_link(url)),
        _ if options.fields.mapped(Field::Url).is_some() => raw.url.filter(|url| is_link(url)),
        PageUrl::LeftOut(why) => {
            posts.note_no_address(place, why);
            None
        }
        url => site.whole_url(url),
    };
    let mut prose = |markdown: &str| {
        let (prose, extent) = markdown_to_prose(markdown, options.limits.html_bytes, &options.link_words);
        if extent == Extent::Cut {
            posts.note(place, NoteKind::HtmlCut { limit: options.limits.html_bytes });
        }
        Given::Prose(prose)
    };
    raw.summary = raw.summary.map(|given| as_markdown(given, &mut prose));
    raw.description = raw.description.map(|given| as_markdown(given, &mut prose));
    if site.kind() != SiteKind::Plain && raw.summary.is_none() && raw.description.is_none() {
        let separator = first_value(fields, &["excerpt_separator"]).and_then(text_of);
        raw.summary = before_mark(split.body, separator.as_deref()).map(&mut prose);
    }
    if site.kind() == SiteKind::Obsidian {
        raw.tags.extend(hashtags(split.body));
    }
    raw.text =
        Some(if is_page(Path::new(path)) { Given::Html(strip_templates(split.body)) } else { prose(split.body) });
    Ok(raw)
}

/// A date in the file's name comes before dates of a change, and behind one of the publication.
fn add_date_in_name(raw: &mut RawPost, fields: &Map<String, Value>, path: &str, options: &ReadOptions) {
    let Some(date) = date_in_name(path) else { return };
    let published = Field::Date.names().iter().filter(|name| !CHANGES.contains(name));
    let mapped = options.fields.mapped(Field::Date).is_some();
    let given = mapped || published.into_iter().any(|name| value(fields, name).is_some_and(|date| !date.is_boolean()));
    raw.dates.insert(if given { raw.dates.len() } else { 0 }, date.to_string());
}

/// Drafts, what is not yet or no longer published: kept out unless the caller or the site's configuration has them in.
fn is_shown(
    fields: &Map<String, Value>,
    path: &str,
    page: &Page,
    raw: &RawPost,
    site: &Site,
    options: &ReadOptions,
) -> Result<(), SkipReason> {
    let included = site.includes();
    let status = || site.kind() == SiteKind::Pelican && says(fields, &["status"], &["draft"]);
    if options.drafts == Drafts::Skip && !included.drafts && (is_draft(fields, path) || status()) {
        return Err(SkipReason::Draft);
    }
    let dates = page.shown_from.iter().chain(&raw.dates);
    if let Future::SkipAfter(today) = options.future
        && let Some(date) = dates.filter_map(|text| parse_date(text)).next().filter(|date| *date > today)
        && !included.future
    {
        return Err(SkipReason::Future(date));
    }
    let expiry = first_value(fields, &["expiryDate", "unpublishDate"]).and_then(text_of);
    if let Expired::SkipBy(today) = options.expired
        && let Some(date) = expiry.and_then(|text| parse_date(&text)).filter(|date| *date <= today)
        && site.kind() == SiteKind::Hugo
        && !included.expired
    {
        return Err(SkipReason::Expired(date));
    }
    Ok(())
}

fn as_markdown(given: Given, prose: &mut impl FnMut(&str) -> Given) -> Given {
    match given {
        Given::Either(text) | Given::Html(text) => prose(&text),
        Given::Prose(_) => given,
    }
}

/// Returns a file's path without its extension; of `folder/index.md` and `folder/index.html` the folder.
pub(in crate::sources) fn id(path: &str) -> &str {
    let stem = path.rfind('.').map_or(path, |dot| &path[..dot]);
    stem.strip_suffix("/index").unwrap_or(stem)
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn is_section_page(path: &str) -> bool {
    file_name(path).split('.').next() == Some("_index")
}

/// `draft: true` (Hugo, Zola, Astro), `published: false` (Jekyll), a `_drafts` folder (Jekyll).
fn is_draft(fields: &Map<String, Value>, path: &str) -> bool {
    says(fields, &["draft"], &["true", "yes", "on", "1"])
        || says(fields, &["published"], &["false", "no", "off", "0"])
        || path.split('/').any(|folder| folder == "_drafts")
}

fn says(fields: &Map<String, Value>, names: &[&str], words: &[&str]) -> bool {
    let said = first_value(fields, names).and_then(text_of).map(|word| word.trim().to_lowercase());
    said.is_some_and(|word| words.contains(&word.as_str()))
}

/// Keeps links that lead somewhere as they stand: `permalink: pretty` and `/:year/:title/` are patterns.
fn is_link(url: &str) -> bool {
    let url = url.trim();
    url.starts_with("https://") || url.starts_with("http://") || (url.starts_with('/') && !url.contains([':', '{']))
}

/// Reads the date at the start of `2024-01-31-slug.md`, or of its folder where the file is `index.md`.
fn date_in_name(path: &str) -> Option<PostDate> {
    let name = file_name(id(path));
    let date = name.get(..10)?;
    let parts_off = name.len() == 10 || name[10..].starts_with(['-', '_', '.', ' ']);
    PostDate::parse(date).filter(|_| parts_off)
}

/// Returns the words of the file's name, its date left out: `2024-01-31-on_slugs.md` is "On slugs".
fn words_of_name(path: &str) -> String {
    let name = file_name(id(path));
    let slug = if date_in_name(path).is_some() && name.len() > 11 { &name[11..] } else { name };
    let words = crate::text::one_line(&slug.replace(['-', '_'], " "));
    let mut chars = words.chars();
    chars.next().map_or_else(|| name.to_owned(), |first| first.to_uppercase().chain(chars).collect())
}

/// Reads the language of `post.fr.md`.
fn language_in_name(path: &str) -> Option<String> {
    let stem = file_name(path).rsplit_once('.')?.0;
    let suffix = stem.rsplit_once('.')?.1;
    language_code(suffix).filter(|_| suffix.len() == 2).map(|_| suffix.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::{Post, SummaryOrigin};
    use crate::sources::SiteRule;

    fn post(text: &str, path: &str) -> Post {
        let options = ReadOptions::new(PostDate::parse("2026-06-01").unwrap());
        let mut posts = Collector::new(&options, "site");
        let mut site = Site::of(std::path::Path::new("."), SiteRule::Is(SiteKind::Plain)).unwrap();
        add(text, path, Place::file(path), &mut site, &mut posts);
        posts.finish("site").posts.remove(0)
    }

    #[test]
    fn names_and_places_speak() {
        for (path, expect_id, expect_date) in [
            ("2024-01-31-a.md", "2024-01-31-a", Some("2024-01-31")),
            ("x/2024-01-31_b/index.md", "x/2024-01-31_b", Some("2024-01-31")),
            ("index.md", "index", None),
            ("2024-01-311.md", "2024-01-311", None),
            ("v1.2.0.md", "v1.2.0", None),
            ("2024-13-01-a.md", "2024-13-01-a", None),
        ] {
            let post = post("---\ntitle: T\nlastmod: 2025-01-01\n---\n", path);
            assert_eq!(post.id.as_str(), expect_id);
            assert_eq!(post.date.unwrap().to_string(), expect_date.unwrap_or("2025-01-01"), "{path}");
        }
        assert_eq!(
            post("---\ntitle: T\ndate: 2023-05-05\n---\n", "2024-01-31-a.md").date,
            PostDate::parse("2023-05-05")
        );
    }

    #[test]
    fn names_are_titles_in_need() {
        for (path, expect) in [
            ("2024-01-31-on_slugs.md", "On slugs"),
            ("a/b/index.md", "B"),
            ("2024-01-31.md", "2024 01 31"),
            ("--.md", "--"),
        ] {
            assert_eq!(words_of_name(path), expect);
        }
    }

    #[test]
    fn front_matter_of_every_generator() {
        let hugo = post(
            "+++\ntitle = 'T'\nseries = ['S']\nseries_order = 2\nurl = '/t/'\n[params]\nauthor = 'A'\n+++\n",
            "a.md",
        );
        assert_eq!(
            (hugo.series.unwrap().part, hugo.url.as_deref(), hugo.author.as_deref()),
            (2, Some("/t/"), Some("A"))
        );
        let jekyll = post(
            "---\ntitle: \"T &amp; `U`\"\ncategory: c\npermalink: /:year/:title/\nexcerpt: An **old** [link](x).\n---\n",
            "a.md",
        );
        assert_eq!((jekyll.title.as_str(), jekyll.url, jekyll.tags), ("T & `U`", None, vec!["c".to_owned()]));
        assert_eq!((jekyll.summary.text.as_str(), jekyll.summary.origin), ("An old link.", SummaryOrigin::Description));
        let zola = post("+++\ntitle = 'T'\n[taxonomies]\ntags = ['x']\n[extra]\nlang = 'de'\n+++\nText", "a.md");
        assert_eq!((zola.tags, zola.language.as_deref(), zola.minutes), (vec!["x".to_owned()], Some("deu"), Some(1)));
    }
}
