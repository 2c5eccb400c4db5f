//! What fills a list that is too short? Nothing, or posts that are marked as not similar enough.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::{Answer, Recommender};
use crate::post::Post;

/// What fills a list where fewer posts than asked for reach the least score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fallback {
    /// Nothing: rather a short list than filler.
    #[default]
    None,
    /// Posts with the same tags, of the same folder or source, the newest first.
    Section,
    /// The newest posts.
    Recent,
}

impl Fallback {
    /// The words by which fallbacks are chosen.
    pub const WORDS: [&'static str; 3] = ["none", "section", "recent"];

    /// Returns the word that means this.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Fallback::None => "none",
            Fallback::Section => "section",
            Fallback::Recent => "recent",
        }
    }

    /// Reads one of [`Fallback::WORDS`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Fallback> {
        [Fallback::None, Fallback::Section, Fallback::Recent].into_iter().find(|fallback| fallback.as_str() == word)
    }
}

/// Posts that fill a list, and what they were taken by.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filling {
    /// What they were taken by.
    pub by: Fallback,
    /// To be shown after all recommendations.
    pub posts: Vec<Filler>,
}

/// A post that fills a list. No score is claimed for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filler {
    /// Its position in the corpus.
    pub position: usize,
    /// What it has in common with the post that was asked about; none for the newest posts.
    pub section: Option<Section>,
}

/// What two posts of one section have in common.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// Tags that both carry, as the post that was asked about writes them.
    pub tags: Vec<String>,
    /// The folder in which both stand.
    pub folder: Option<String>,
    /// The source of both.
    pub source: Option<String>,
}

impl Recommender {
    /// Returns what fills an answer up to its limit: never a post of `known` (the question or the reading history), one
    /// that the answer shows, one that tells the same story as these, or one that is not `allowed`.
    ///
    /// The section is that of the last of `known`; where there is none, that of the best recommendation.
    #[must_use]
    pub fn filling(&self, by: Fallback, known: &[usize], answer: &Answer, allowed: &dyn Fn(usize) -> bool) -> Filling {
        let shown: Vec<usize> = answer.recommendations.iter().map(|shown| shown.position).collect();
        let about = known.last().or(shown.first()).map(|&position| self.corpus.post(position));
        let mut taken: BTreeSet<usize> = known.iter().chain(&shown).map(|&position| self.kinds()[position]).collect();
        let common = about.map_or_else(Vec::new, |about| self.common_tags(about));
        let section_of = |position: usize| about.and_then(|about| section(about, self.corpus.post(position), &common));
        let filler = |position: usize| match by {
            Fallback::None => None,
            Fallback::Recent => Some(Filler { position, section: None }),
            Fallback::Section => Some(Filler { position, section: Some(section_of(position)?) }),
        };
        let mut fillers: Vec<Filler> =
            (0..self.corpus.len()).filter(|&position| allowed(position)).filter_map(filler).collect();
        // Without a date nothing says that a post is new. Of one story the original is taken.
        fillers.sort_by_cached_key(|filler| {
            let (position, section) = (filler.position, filler.section.as_ref());
            let shared =
                section.map(|section| (section.tags.len(), section.folder.is_some(), section.source.is_some()));
            let is_copy = self.kinds()[position] != position;
            (Reverse(shared), Reverse(self.corpus.post(position).date), is_copy, position)
        });
        fillers.retain(|filler| taken.insert(self.kinds()[filler.position]));
        fillers.truncate(answer.limit.saturating_sub(shown.len()));
        Filling { by, posts: fillers }
    }
}

impl Recommender {
    /// Returns the tags of a post that most posts have: they make no section.
    fn common_tags(&self, about: &Post) -> Vec<String> {
        let posts = self.corpus.posts();
        let has = |post: &Post, tag: &str| post.tags.iter().any(|other| other.to_lowercase() == tag.to_lowercase());
        let is_common = |tag: &&String| posts.iter().filter(|post| has(post, tag)).count() * 2 > posts.len();
        about.tags.iter().filter(is_common).cloned().collect()
    }
}

/// Tells what two posts of one section have in common, `common` tags aside; `None` where they have nothing.
fn section(about: &Post, post: &Post, common: &[String]) -> Option<Section> {
    let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
    let has = |tag: &&String| !common.contains(tag) && post.tags.iter().any(|other| same(tag, other));
    let source = (about.source == post.source).then(|| post.source.clone());
    // Folders of two sources may have one name by chance.
    let folder = source.as_ref().and(folder(about)).filter(|ours| folder(post) == Some(ours));
    let section =
        Section { tags: about.tags.iter().filter(has).cloned().collect(), folder: folder.map(str::to_owned), source };
    (section != Section::default()).then_some(section)
}

fn folder(post: &Post) -> Option<&str> {
    let path = post.path.as_deref()?;
    // `a/b/index.md` is the page `a/b`.
    let page = path.strip_suffix("/index.md").or_else(|| path.strip_suffix("/index.mdx")).unwrap_or(path);
    page.rsplit_once('/').map(|(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::PostDate;
    use crate::post::fixture::post;

    #[test]
    fn words_read_back() {
        assert_eq!(Fallback::WORDS.map(|word| Fallback::parse(word).unwrap().as_str()), Fallback::WORDS);
        assert_eq!(Fallback::parse("all"), None);
    }

    #[test]
    fn a_section_is_tags_folder_or_source() {
        let mut posts = ["a", "b", "c", "d"].map(|id| post(id, id, ""));
        (posts[0].path, posts[1].path) = (Some("notes/a.md".into()), Some("notes/b/index.md".into()));
        posts[0].tags = vec!["SIMD".into(), "bread".into()];
        posts[2].tags = vec!["simd".into(), "bread".into()];
        (posts[2].source, posts[3].source) = ("other".into(), "other".into());
        posts[3].date = PostDate::parse("2026");
        let same = |b: usize| section(&posts[0], &posts[b], &["bread".to_owned()]);
        let (folder, source) = (Some("notes".into()), Some("blog".into()));
        assert_eq!(same(1), Some(Section { tags: vec![], folder, source }));
        assert_eq!(same(2), Some(Section { tags: vec!["SIMD".into()], ..Section::default() }));
        assert_eq!(same(3), None);
    }
}
