//! How does what a source gives become posts? One rule for all formats: ids, titles, summaries, dates, languages.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;
use serde_json::{Map, Value};

use super::Read;
use super::dates::parse_date;
use super::field_map::value;
use super::html::{Extent, html_to_prose, looks_like_html, title_text};
use super::language::{detect_language, language_code};
use super::options::{ReadOptions, SourceName};
use super::prose::{Prose, clean};
use super::raw_post::{Given, RawPost, TitleRule};
use super::reasons::{NoteKind, SkipReason};
use super::report::{Place, Report};
use crate::corpus::{LinkOrigin, PostLink, Wishes};
use crate::post::{Post, PostDate, PostId, Summary, SummaryOrigin};
use crate::text;

/// Words of a title that is taken from the text.
const TITLE_WORDS: usize = 12;
/// Of fewer other posts a tag may be common by chance.
const POSTS_WITH_COMMON_TAGS_MIN: usize = 2;
/// What is longer is a data URL or worse.
const URL_BYTES_MAX: usize = 2_048;

/// Gathers the posts of one source, keeps their ids unique and counts what happens.
pub(super) struct Collector<'o> {
    pub(super) options: &'o ReadOptions,
    pub(super) report: Report,
    /// The source's name where neither the caller nor the record gives one.
    source: String,
    posts: Vec<Post>,
    links: Vec<PostLink>,
    wishes: BTreeMap<PostId, Wishes>,
    places: HashMap<PostId, Place>,
    /// How often an id was made of the same title's words.
    slugs: HashMap<String, usize>,
    /// Names on the right side of the field map that no record has had yet.
    unseen: Vec<String>,
    records: usize,
}

impl<'o> Collector<'o> {
    pub(super) fn new(options: &'o ReadOptions, derived_source: &str) -> Collector<'o> {
        Collector {
            options,
            report: Report::default(),
            source: derived_source.to_owned(),
            posts: Vec::new(),
            links: Vec::new(),
            wishes: BTreeMap::new(),
            places: HashMap::new(),
            slugs: HashMap::new(),
            unseen: options.fields.theirs().map(str::to_owned).collect(),
            records: 0,
        }
    }

    /// Notices which of the caller's field names a record has.
    pub(super) fn see_fields(&mut self, record: &Map<String, Value>) {
        self.records += 1;
        self.unseen.retain(|name| value(record, name).is_none());
    }

    /// Makes the name that a feed gives itself the derived one.
    pub(super) fn rename_source(&mut self, name: &str) {
        let name = clean(name);
        if !name.is_empty() {
            self.source = name;
        }
    }

    pub(super) fn skip(&mut self, place: Place, reason: SkipReason) {
        self.report.skip(place, reason);
    }

    pub(super) fn note(&mut self, place: &Place, kind: NoteKind) {
        self.report.note(place.clone(), kind);
    }

    /// Notes what is true of a whole file, the first time that it is seen.
    pub(super) fn note_once(&mut self, place: &Place, kind: NoteKind) {
        if self.report.notes.first.iter().all(|note| note.what != kind) {
            self.note(place, kind);
        }
    }

    /// Notes that the site's rules give a post no address.
    pub(super) fn note_no_address(&mut self, place: &Place, why: String) {
        if let Some(site) = &mut self.report.site {
            site.without_url += 1;
        }
        self.note(place, NoteKind::NoAddress(why));
    }

    /// Drops tags that every post has: they name the collection, and tell no post from another.
    pub(super) fn drop_common_tags(&mut self) {
        let Some((first, others)) = self.posts.split_first() else { return };
        let common: Vec<String> =
            first.tags.iter().filter(|tag| others.iter().all(|post| post.tags.contains(tag))).cloned().collect();
        if others.len() >= POSTS_WITH_COMMON_TAGS_MIN {
            self.posts.iter_mut().for_each(|post| post.tags.retain(|tag| !common.contains(tag)));
        }
    }

    /// Hands over what was read; `name` is what the source as a whole is called in notes.
    pub(super) fn finish(mut self, name: &str) -> Read {
        for field in std::mem::take(&mut self.unseen) {
            if self.records > 0 {
                self.note(&Place::file(name), NoteKind::FieldNeverSeen(field));
            }
        }
        if self.posts.is_empty() && self.report.skipped.total() == 0 {
            self.note(&Place::file(name), NoteKind::Empty);
        }
        // By all threads, because it takes as long as all else.
        self.posts
            .par_iter_mut()
            .filter(|post| post.language.is_none())
            .for_each(|post| post.language = heard_in(post));
        Read { posts: self.posts, links: self.links, wishes: self.wishes, report: self.report }
    }

    /// Adds one post, or counts why not.
    pub(super) fn add(&mut self, raw: RawPost, place: Place) {
        match self.build(raw, &place) {
            Ok(post) => {
                *self.report.summaries.entry(post.summary.origin).or_default() += 1;
                self.places.insert(post.id.clone(), place);
                self.posts.push(post);
            }
            Err(reason) => self.skip(place, reason),
        }
    }

    fn build(&mut self, raw: RawPost, place: &Place) -> Result<Post, SkipReason> {
        let mut body = raw.text.map(|given| self.prose(given, place)).unwrap_or_default();
        let summary = self.summary(raw.summary, raw.description, &body, place);
        let mut title = raw.title.as_deref().map(title_text).unwrap_or_default();
        if title.is_empty() {
            title = title_from(&body, &summary.text, raw.title_rule)?;
            self.note(place, NoteKind::TitleTaken(title.clone()));
        }
        let title = self.cut_title(title, place);
        let url = raw.url.and_then(|url| self.link(&url, place));
        let id = self.id(raw.id.as_deref(), url.as_deref(), &title)?;
        let body_links = std::mem::take(&mut body.links).into_iter().map(|link| (link.target, link.words));
        self.add_links(&id, LinkOrigin::Body, body_links);
        self.add_links(&id, LinkOrigin::Related, raw.related.into_iter().map(|target| (target, String::new())));
        let (wishes, faults) = raw.wishes;
        faults.into_iter().for_each(|fault| self.note(place, NoteKind::Wish(fault)));
        if !wishes.is_empty() {
            self.wishes.insert(id.clone(), wishes);
        }
        let text = (!body.is_empty()).then(|| self.cut_text(body.plain(), place));
        let language = self.language(raw.language.as_deref(), place);
        Ok(Post {
            id,
            minutes: text.as_deref().map(text::reading_minutes),
            url,
            date: self.date(&raw.dates, place),
            tags: distinct(&raw.tags),
            source: raw
                .source
                .as_deref()
                .map(clean)
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| self.source_name()),
            author: raw.author.as_deref().map(clean).filter(|name| !name.is_empty()),
            language,
            series: raw.series,
            path: raw.path,
            title,
            summary,
            text,
        })
    }

    fn add_links(&mut self, from: &PostId, origin: LinkOrigin, links: impl Iterator<Item = (String, String)>) {
        let link = |(target, words)| PostLink { from: from.clone(), target, words, origin };
        self.links.extend(links.map(link));
    }

    fn source_name(&self) -> String {
        match &self.options.source {
            SourceName::Derived => self.source.clone(),
            SourceName::Named(name) => name.clone(),
        }
    }

    fn prose(&mut self, given: Given, place: &Place) -> Prose {
        let mut prose = self.prose_of(given, place);
        prose.take_bare_urls(&self.options.link_words);
        prose
    }

    fn prose_of(&mut self, given: Given, place: &Place) -> Prose {
        match given {
            Given::Prose(prose) => prose,
            Given::Either(text) if looks_like_html(&text) => self.prose_of(Given::Html(text), place),
            Given::Either(text) => Prose::from_plain(&text),
            Given::Html(html) => {
                let limit = self.options.limits.html_bytes;
                let (prose, extent) = html_to_prose(&html, limit, &self.options.link_words);
                if extent == Extent::Cut {
                    self.note(place, NoteKind::HtmlCut { limit });
                }
                prose
            }
        }
    }

    /// The id given, else the URL, else the title's words; titles that occur again are numbered.
    fn id(&mut self, given: Option<&str>, url: Option<&str>, title: &str) -> Result<PostId, SkipReason> {
        let prefix = &self.options.id_prefix;
        let known = given.map(str::trim).filter(|id| !id.is_empty()).or(url);
        if let Some(known) = known {
            let id = PostId::new(&format!("{prefix}{known}"))?;
            return match self.places.get(&id) {
                Some(first) => Err(SkipReason::DuplicateId { id, first: first.clone() }),
                None => Ok(id),
            };
        }
        let base = format!("{prefix}{}", slug(title));
        let number = self.slugs.entry(base.clone()).or_default();
        loop {
            *number += 1;
            let id = PostId::new(&if *number == 1 { base.clone() } else { format!("{base}-{number}") })?;
            if !self.places.contains_key(&id) {
                return Ok(id);
            }
        }
    }

    /// The summary given, else a description, else the first paragraphs.
    fn summary(&mut self, given: Option<Given>, description: Option<Given>, body: &Prose, place: &Place) -> Summary {
        for (text, origin) in [(given, SummaryOrigin::Given), (description, SummaryOrigin::Description)] {
            let text = text.map(|text| self.prose(text, place).plain()).unwrap_or_default();
            if !text.is_empty() {
                return Summary { text: self.cut_text(text, place), origin };
            }
        }
        match body.lead() {
            Some(text) => Summary { text, origin: SummaryOrigin::FirstParagraphs },
            None => Summary { text: String::new(), origin: SummaryOrigin::Missing },
        }
    }

    fn date(&mut self, candidates: &[String], place: &Place) -> Option<PostDate> {
        let date = candidates.iter().find_map(|text| parse_date(text));
        if let (None, Some(text)) = (date, candidates.first()) {
            self.note(place, NoteKind::Date(shown(text)));
        }
        date
    }

    fn language(&mut self, given: Option<&str>, place: &Place) -> Option<String> {
        let given = given.filter(|given| !given.trim().is_empty())?;
        let code = language_code(given);
        if code.is_none() {
            self.note(place, NoteKind::Language(shown(given)));
        }
        code
    }

    /// Keeps http links and links without a scheme; `javascript:` and the like lead nowhere.
    fn link(&mut self, url: &str, place: &Place) -> Option<String> {
        let url = url.trim();
        if url.is_empty() {
            return None;
        }
        let head = url.split(['/', '?', '#']).next().unwrap_or_default();
        let scheme = head.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
        let followable = scheme.is_none_or(|scheme| scheme == "http" || scheme == "https");
        if followable && url.len() <= URL_BYTES_MAX && !url.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Some(url.to_owned());
        }
        self.note(place, NoteKind::Url(shown(url)));
        None
    }

    fn cut_title(&mut self, mut title: String, place: &Place) -> String {
        let limit = self.options.limits.title_chars;
        if let Some((end, _)) = title.char_indices().nth(limit) {
            title.truncate(end);
            self.note(place, NoteKind::TitleCut { limit });
        }
        title
    }

    fn cut_text(&mut self, mut text: String, place: &Place) -> String {
        let limit = self.options.limits.text_bytes;
        if text.len() > limit {
            text.truncate(text.floor_char_boundary(limit));
            self.note(place, NoteKind::TextCut { limit });
        }
        text
    }
}

/// Finds out in which language a post is.
fn heard_in(post: &Post) -> Option<String> {
    let text = post.text.as_deref().unwrap_or_default();
    detect_language(&format!("{}\n{}\n{text}", post.title, post.summary.text))
}

fn title_from(body: &Prose, summary: &str, rule: TitleRule) -> Result<String, SkipReason> {
    match rule {
        TitleRule::Skip(reason) => Err(reason),
        TitleRule::HeadingOr(words) => Ok(body.top_heading().map_or(words, str::to_owned)),
        TitleRule::FirstWords => {
            let words = body.first_words(TITLE_WORDS).or_else(|| Prose::from_plain(summary).first_words(TITLE_WORDS));
            words.ok_or(SkipReason::NothingToRead)
        }
    }
}

/// Returns the letters and digits of a title in lower case, its words joined by hyphens.
fn slug(title: &str) -> String {
    let words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.map(str::to_lowercase).collect::<Vec<_>>().join("-");
    if slug.is_empty() { title.to_owned() } else { slug }
}

fn distinct(tags: &[String]) -> Vec<String> {
    let mut seen = HashSet::new();
    let tags = tags.iter().map(|tag| clean(tag)).filter(|tag| !tag.is_empty());
    tags.filter(|tag| seen.insert(tag.clone())).collect()
}

/// Shortens what is quoted in a message.
fn shown(text: &str) -> String {
    clean(&text.chars().take(60).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(title: &str) -> RawPost {
        RawPost { title: Some(title.to_owned()), ..RawPost::new(TitleRule::Skip(SkipReason::NoTitle)) }
    }

    fn check(raws: Vec<RawPost>, expect_ids: &[&str], expect_skips: &[&str]) -> Read {
        let mut options = ReadOptions::new(PostDate::parse("2026-06-01").unwrap());
        options.limits.title_chars = 10;
        let mut collector = Collector::new(&options, "blog");
        for (number, raw) in raws.into_iter().enumerate() {
            collector.add(raw, Place::line("x", number + 1));
        }
        let read = collector.finish("x");
        assert_eq!(read.posts.iter().map(|post| post.id.as_str()).collect::<Vec<_>>(), expect_ids);
        let skips: Vec<String> = read.report.skipped.first.iter().map(ToString::to_string).collect();
        assert_eq!(skips, expect_skips);
        read
    }

    #[test]
    fn ids_come_from_id_then_url_then_title() {
        let with = |id: &str, url: &str| RawPost { id: Some(id.into()), url: Some(url.into()), ..raw("A b") };
        check(
            vec![
                with("1", "https://x.example/"),
                with("", "https://x.example/"),
                raw("A, b!"),
                raw("a b"),
                with("1", ""),
            ],
            &["1", "https://x.example/", "a-b", "a-b-2"],
            &["x:5: id \"1\" was used already at x:1; give it another"],
        );
    }

    #[test]
    fn summaries_fall_back_and_are_counted() {
        let text = |text: &str| Some(Given::Either(text.into()));
        let read = check(
            vec![
                RawPost { summary: text("<p>s</p>"), description: text("d"), ..raw("1") },
                RawPost { summary: text(" "), description: text("d"), text: text("t"), ..raw("2") },
                RawPost { text: text("<p>The body of it is here.</p>"), ..raw("3") },
                raw("4"),
                RawPost { title: None, ..raw("") },
            ],
            &["1", "2", "3", "4"],
            &["x:5: no title; add one or name its field with --map title=FIELD"],
        );
        let summaries: Vec<&str> = read.posts.iter().map(|post| post.summary.text.as_str()).collect();
        assert_eq!(summaries, ["s", "d", "The body of it is here.", ""]);
        assert_eq!(read.report.summaries.values().copied().collect::<Vec<_>>(), [1, 1, 1, 1]);
        assert_eq!((read.posts[1].minutes, read.posts[3].minutes), (Some(1), None));
    }

    #[test]
    fn what_is_dropped_or_cut_is_noted() {
        let odd = RawPost {
            dates: vec!["99999-01-01".into()],
            url: Some("javascript:alert(1)".into()),
            language: Some("tlh".into()),
            tags: vec!["b".into(), "a ".into(), "b".into(), " ".into()],
            ..raw("A title that is long")
        };
        let read = check(vec![odd], &["a-title-th"], &[]);
        assert_eq!(read.posts[0].tags, ["b", "a"]);
        assert_eq!((read.posts[0].date, &read.posts[0].url), (None, &None));
        let groups: Vec<&str> = read.report.notes.counts.keys().copied().collect();
        assert_eq!(groups, ["date unreadable", "language unknown", "link left out", "title cut"]);
    }
}
