//! Which posts does the reader want at all? Filters by what posts say of themselves, and how many of one kind.

use crate::post::{Post, PostDate};

/// What a post must be to be an answer; empty lists and `None` ask for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// One of these tags, whatever their letter case.
    pub tags: Vec<String>,
    /// None of these tags.
    pub without_tags: Vec<String>,
    /// From one of these sources.
    pub sources: Vec<String>,
    /// From none of these sources.
    pub without_sources: Vec<String>,
    /// In one of these languages, as ISO 639-3 codes ("eng").
    pub languages: Vec<String>,
    /// Dated on or after this.
    pub since: Option<PostDate>,
    /// Dated on or before this.
    pub until: Option<PostDate>,
    /// None of the posts at these positions of the corpus.
    pub blocked: Vec<usize>,
    /// None of the posts at these positions of the corpus, to which the question links already.
    pub linked: Vec<usize>,
    /// None of the posts at these positions of the corpus: the author of the question blocks them.
    pub blocked_by_author: Vec<usize>,
    /// None of the posts at these positions of the corpus, which are hidden from lists; ascending.
    pub hidden: Vec<usize>,
}

/// Why a filter keeps a post out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Excluded {
    /// The reader blocked it.
    Blocked,
    /// The post that was asked about links to it.
    Linked,
    /// The author of the post that was asked about blocks it.
    BlockedByAuthor,
    /// Its own author hides it from all lists.
    Hidden,
    /// It lacks every wanted tag, or has an unwanted one.
    Tag,
    /// It is of another source.
    Source,
    /// It is in another language, or does not say in which.
    Language,
    /// It is too old or too new, or has no date.
    Date,
}

impl Excluded {
    /// Tells whether authors keep the post out, not who asks.
    #[must_use]
    pub fn is_by_author(self) -> bool {
        matches!(self, Excluded::BlockedByAuthor | Excluded::Hidden)
    }
}

impl Filter {
    /// Asks for nothing.
    pub const NONE: Filter = Filter {
        tags: Vec::new(),
        without_tags: Vec::new(),
        sources: Vec::new(),
        without_sources: Vec::new(),
        languages: Vec::new(),
        since: None,
        until: None,
        blocked: Vec::new(),
        linked: Vec::new(),
        blocked_by_author: Vec::new(),
        hidden: Vec::new(),
    };

    /// Tells whether every post passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Filter::NONE
    }

    /// Says why the post at `position` is kept out; `None` where it passes.
    #[must_use]
    pub fn excludes(&self, position: usize, post: &Post) -> Option<Excluded> {
        let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
        let has_tag = |wanted: &String| post.tags.iter().any(|tag| same(tag, wanted));
        let is_of = |wanted: &String| same(&post.source, wanted);
        let kept_out = [
            (Excluded::Blocked, self.blocked.contains(&position)),
            (Excluded::Linked, self.linked.contains(&position)),
            (Excluded::BlockedByAuthor, self.blocked_by_author.contains(&position)),
            (Excluded::Hidden, self.hidden.binary_search(&position).is_ok()),
            (Excluded::Tag, !self.tags.is_empty() && !self.tags.iter().any(has_tag)),
            (Excluded::Tag, self.without_tags.iter().any(has_tag)),
            (Excluded::Source, !self.sources.is_empty() && !self.sources.iter().any(is_of)),
            (Excluded::Source, self.without_sources.iter().any(is_of)),
            (
                Excluded::Language,
                !self.languages.is_empty() && !post.language.as_ref().is_some_and(|code| self.languages.contains(code)),
            ),
            (Excluded::Date, !self.has_date(post)),
        ];
        kept_out.into_iter().find(|(_, is_out)| *is_out).map(|(why, _)| why)
    }

    fn has_date(&self, post: &Post) -> bool {
        if self.since.is_none() && self.until.is_none() {
            return true;
        }
        // A month or a year passes where one of its days does.
        let is_late = |date: PostDate| self.since.is_none_or(|since| date.last_day() >= since.days());
        let is_early = |date: PostDate| self.until.is_none_or(|until| date.days() <= until.last_day());
        post.date.is_some_and(|date| is_late(date) && is_early(date))
    }
}

/// The most answers of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Caps {
    /// Of one source.
    pub per_source: Option<usize>,
    /// Of one author; posts without one do not count.
    pub per_author: Option<usize>,
    /// Of one numbered series.
    pub per_series: Option<usize>,
}

/// A kind of posts that is capped, as words that differ from those of every other kind, and its cap.
pub type Kind = (String, usize);

impl Caps {
    /// Sets no cap.
    pub const NONE: Caps = Caps { per_source: None, per_author: None, per_series: None };

    /// Returns the kinds of a post that are capped; `series` is the number of the post's series.
    #[must_use]
    pub fn kinds(&self, post: &Post, series: Option<usize>) -> Vec<Kind> {
        let series = series.map(|series| series.to_string());
        let kinds = [
            (self.per_source, "source", Some(post.source.as_str())),
            (self.per_author, "author", post.author.as_deref()),
            (self.per_series, "series", series.as_deref()),
        ];
        let capped = kinds.into_iter().filter_map(|(cap, kind, name)| Some((cap?, kind, name?)));
        capped.map(|(cap, kind, name)| (format!("{kind} {}", name.to_lowercase()), cap)).collect()
    }
}

/// Tells whether a post of these kinds may join others: `taken` are the kinds of all of them, one after the other.
#[must_use]
pub fn has_room<'a>(kinds: &[Kind], taken: impl Iterator<Item = &'a Kind>) -> bool {
    let mut counts = vec![0; kinds.len()];
    for (other, _) in taken {
        if let Some(at) = kinds.iter().position(|(kind, _)| kind == other) {
            counts[at] += 1;
        }
    }
    kinds.iter().zip(counts).all(|((_, cap), count)| count < *cap)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::fixture::post;

    fn check(change: impl Fn(&mut Filter), expect: Option<Excluded>) {
        let mut bread = post("bread", "Bread", "Rye.");
        bread.tags = vec!["Baking".to_owned(), "rye".to_owned()];
        bread.language = Some("eng".to_owned());
        bread.date = PostDate::parse("2026-03");
        let mut filter = Filter::default();
        change(&mut filter);
        assert_eq!(filter.excludes(3, &bread), expect, "{filter:?}");
    }

    #[test]
    fn each_filter_keeps_out_what_it_names() {
        let words = |word: &str| vec!["other".to_owned(), word.to_owned()];
        let date = |text: &str| PostDate::parse(text);
        check(|_| (), None);
        check(|filter| filter.tags = words("baking"), None);
        check(|filter| filter.tags = words("bake"), Some(Excluded::Tag));
        check(|filter| filter.without_tags = words("RYE"), Some(Excluded::Tag));
        check(|filter| filter.sources = words("nowhere"), Some(Excluded::Source));
        check(|filter| filter.languages = words("eng"), None);
        check(|filter| filter.languages = words("deu"), Some(Excluded::Language));
        check(|filter| filter.blocked = vec![3], Some(Excluded::Blocked));
        check(|filter| filter.blocked_by_author = vec![7, 3], Some(Excluded::BlockedByAuthor));
        check(|filter| filter.hidden = vec![1, 3], Some(Excluded::Hidden));
        check(|filter| filter.since = date("2026-03-31"), None);
        check(|filter| filter.since = date("2026-04"), Some(Excluded::Date));
        check(|filter| filter.until = date("2026-03-01"), None);
        check(|filter| filter.until = date("2026-02"), Some(Excluded::Date));
        check(|filter| (filter.since, filter.until) = (date("2026"), date("2026")), None);
        check(|filter| (filter.since, filter.until) = (date("2025"), date("2025")), Some(Excluded::Date));
    }

    #[test]
    fn what_a_post_does_not_say_is_no_match() {
        let plain = post("a", "A", "");
        let dated = Filter { until: PostDate::parse("2026"), ..Filter::default() };
        let english = Filter { languages: vec!["eng".to_owned()], ..Filter::default() };
        assert_eq!(dated.excludes(0, &plain), Some(Excluded::Date));
        assert_eq!(english.excludes(0, &plain), Some(Excluded::Language));
        assert!(Filter::default().is_empty() && !english.is_empty());
    }

    #[test]
    fn caps_name_the_kinds_of_a_post() {
        let caps = Caps { per_source: Some(2), per_author: Some(1), per_series: Some(3) };
        let mut one = post("a", "A", "");
        one.source = "Blog".to_owned();
        assert_eq!(caps.kinds(&one, Some(7)), [("source blog".to_owned(), 2), ("series 7".to_owned(), 3)]);
        assert_eq!(Caps::NONE.kinds(&one, Some(7)), []);
    }

    #[test]
    fn there_is_room_below_every_cap() {
        let kind = |name: &str, cap: usize| (name.to_owned(), cap);
        let taken = [kind("source a", 2), kind("author x", 1), kind("source a", 2), kind("source b", 2)];
        let check = |kinds: &[Kind], expect: bool| assert_eq!(has_room(kinds, taken.iter()), expect, "{kinds:?}");
        check(&[], true);
        check(&[kind("source a", 2)], false);
        check(&[kind("source b", 2)], true);
        check(&[kind("source b", 2), kind("author x", 1)], false);
        check(&[kind("source c", 0)], false);
    }
}
