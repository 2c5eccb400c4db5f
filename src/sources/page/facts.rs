//! What does a page say about itself? Its `<title>`, `<meta>`, `<link>`, `<time>` and JSON-LD, and what it is made of.

use super::tokens::{Piece, Tag, pieces};

/// Facts of one kind that are kept; no page needs more.
const KEPT_MAX: usize = 512;
/// Bytes of one fact.
const FACT_BYTES_MAX: usize = 8 << 10;
/// Bytes of all JSON-LD, in as many scripts as there may be facts of a kind.
const JSON_LD_BYTES_MAX: usize = 512 << 10;

/// A `<link>` with an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) rel: String,
    pub(super) href: String,
    /// In lower case, without parameters.
    pub(super) media_type: String,
    pub(super) title: String,
}

#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) language: Option<String>,
    /// What `<title>` says.
    pub(super) title: String,
    /// The headings of the first level.
    pub(super) headings: Vec<String>,
    /// Names (`name`, `property`, `itemprop`, `http-equiv`, in lower case) and contents.
    metas: Vec<(String, String)>,
    pub(super) links: Vec<Link>,
    /// The first `<base>`.
    pub(super) base: Option<String>,
    /// What `<time>` elements say, those marked as the time of publication first.
    pub(super) times: Vec<String>,
    /// Scripts that say something.
    pub(super) json_ld: Vec<String>,
    /// How many `<article>` elements there are.
    pub(super) bodies: usize,
    pub(super) password_fields: usize,
}

impl Facts {
    /// Returns what is said under the first of `names` that says something.
    pub(super) fn meta(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.metas_of(name).next())
    }

    /// Returns everything that is said under one name.
    pub(super) fn metas_of(&self, name: &str) -> impl Iterator<Item = &str> {
        self.metas.iter().filter(move |(given, _)| given == name).map(|(_, content)| content.as_str())
    }

    /// Returns where the first `<link>` of a kind leads.
    pub(super) fn link(&self, rel: &str) -> Option<&str> {
        let mut links = self.links.iter();
        let has_rel = |link: &&Link| link.rel.split_ascii_whitespace().any(|given| given.eq_ignore_ascii_case(rel));
        links.find(has_rel).map(|link| link.href.as_str())
    }
}

/// Looks a page through.
pub(super) fn facts(html: &str) -> Facts {
    let mut looker = Looker { facts: Facts::default(), inside: Inside::Page, said: String::new(), json_ld_bytes: 0 };
    for piece in pieces(html) {
        match piece {
            Piece::Start(tag) => looker.start(&tag),
            Piece::Text(text) => looker.text(&text),
            Piece::End(name) => looker.end(&name),
        }
    }
    looker.facts
}

/// In which element whose text counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Page,
    Title,
    Heading,
    JsonLd,
}

struct Looker {
    facts: Facts,
    inside: Inside,
    said: String,
    json_ld_bytes: usize,
}

impl Looker {
    fn start(&mut self, tag: &Tag) {
        let facts = &mut self.facts;
        match tag.name.as_str() {
            "html" => facts.language = facts.language.take().or_else(|| fact(tag, "lang")),
            "base" => facts.base = facts.base.take().or_else(|| fact(tag, "href")),
            "meta" => self.meta(tag),
            "link" => self.link(tag),
            "article" => facts.bodies += 1,
            "input" => facts.password_fields += usize::from(tag.has_word("type", "password")),
            "time" => self.time(tag),
            "title" => self.enter(Inside::Title),
            "h1" => self.enter(Inside::Heading),
            "script" if tag.get("type").is_some_and(|kind| kind.to_ascii_lowercase().contains("ld+json")) => {
                self.enter(Inside::JsonLd);
            }
            _ => {}
        }
    }

    fn enter(&mut self, inside: Inside) {
        self.inside = inside;
        self.said.clear();
    }

    fn text(&mut self, text: &str) {
        let limit = match self.inside {
            Inside::Page => return,
            Inside::Title | Inside::Heading => FACT_BYTES_MAX,
            Inside::JsonLd => JSON_LD_BYTES_MAX,
        };
        let room = limit.saturating_sub(self.said.len());
        self.said.push_str(&text[..text.floor_char_boundary(room)]);
    }

    fn end(&mut self, name: &str) {
        let ended = match (self.inside, name) {
            (Inside::Title, "title") | (Inside::Heading, "h1") | (Inside::JsonLd, "script") => self.inside,
            _ => return,
        };
        self.inside = Inside::Page;
        let said = std::mem::take(&mut self.said);
        let facts = &mut self.facts;
        let words = crate::text::one_line(&said);
        match ended {
            // An image may have a title of its own, further down.
            Inside::Title if facts.title.is_empty() => facts.title = words,
            Inside::Heading if facts.headings.len() < KEPT_MAX && !words.is_empty() => facts.headings.push(words),
            Inside::JsonLd
                if !said.trim().is_empty()
                    && facts.json_ld.len() < KEPT_MAX
                    && self.json_ld_bytes + said.len() <= JSON_LD_BYTES_MAX =>
            {
                self.json_ld_bytes += said.len();
                facts.json_ld.push(said);
            }
            _ => {}
        }
    }

    fn meta(&mut self, tag: &Tag) {
        let names = ["property", "name", "itemprop", "http-equiv"].into_iter().filter_map(|name| tag.get(name));
        let names: Vec<String> = names.map(|name| name.trim().to_ascii_lowercase()).collect();
        if let Some(content) = fact(tag, "content") {
            for name in names {
                if self.facts.metas.len() < KEPT_MAX {
                    self.facts.metas.push((name, content.clone()));
                }
            }
        }
    }

    fn link(&mut self, tag: &Tag) {
        if let (Some(rel), Some(href)) = (fact(tag, "rel"), fact(tag, "href"))
            && self.facts.links.len() < KEPT_MAX
        {
            let media_type = fact(tag, "type").unwrap_or_default().to_ascii_lowercase();
            let media_type = media_type.split(';').next().unwrap_or_default().trim().to_owned();
            let title = crate::text::one_line(&fact(tag, "title").unwrap_or_default());
            self.facts.links.push(Link { rel, href, media_type, title });
        }
    }

    fn time(&mut self, tag: &Tag) {
        let Some(said) = fact(tag, "datetime").filter(|_| self.facts.times.len() < KEPT_MAX) else { return };
        let is_published = tag.get("pubdate").is_some()
            || tag.has_word("itemprop", "datePublished")
            || ["published", "dt-published", "entry-date"].iter().any(|class| tag.has_word("class", class));
        if is_published {
            self.facts.times.insert(0, said);
        } else {
            self.facts.times.push(said);
        }
    }
}

fn fact(tag: &Tag, name: &str) -> Option<String> {
    let value = tag.get(name)?;
    let value = value.trim();
    (!value.is_empty() && value.len() <= FACT_BYTES_MAX).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expect: impl Fn(&Facts) -> bool) {
        let facts = facts(html);
        assert!(expect(&facts), "{html}: {facts:?}");
    }

    #[test]
    fn what_a_page_says_is_found_wherever_it_stands() {
        check("<html lang=de><title> A &amp;\nB </title><svg><title>no</title></svg>", |facts| {
            facts.title == "A & B" && facts.language.as_deref() == Some("de")
        });
        check("<META PROPERTY='og:Title' content=' T '><meta name=x><meta name=keywords content=a>", |facts| {
            facts.meta(&["no", "og:title"]) == Some("T") && facts.meta(&["keywords"]) == Some("a")
        });
        check("<link rel='x CANONICAL' href=/a><base href=/b>", |facts| {
            facts.link("canonical") == Some("/a") && facts.base.as_deref() == Some("/b")
        });
        check(
            "<article><h1>H <b>i</b></h1><time datetime=2>x</time><time pubdate datetime=1></article><article>",
            |facts| facts.headings == ["H i"] && facts.times == ["1", "2"] && facts.bodies == 2,
        );
        check("<script type='application/ld+json'>{\"a\": \"<p>\"}</script><input type=Password>", |facts| {
            facts.json_ld == ["{\"a\": \"<p>\"}"] && facts.password_fields == 1
        });
    }

    #[test]
    fn scripts_are_bounded_and_blank_ones_are_none() {
        let script = |text: &str| format!("<script type=application/ld+json>{text}</script>");
        check(&(script(" \n").repeat(KEPT_MAX + 1) + &script("{}")), |facts| facts.json_ld == ["{}"]);
        check(&script("{}").repeat(KEPT_MAX + 1), |facts| facts.json_ld.len() == KEPT_MAX);
        let half = script(&" 1".repeat(JSON_LD_BYTES_MAX / 4));
        check(&(half.repeat(3) + &script("{}")), |facts| facts.json_ld.len() == 2);
    }
}
