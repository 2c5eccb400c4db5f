//! Where does a text name a post? Its title, word for word, in any letter case.

use aho_corasick::{AhoCorasick, MatchKind};

use crate::text::{is_whole_words, one_line, sentences};

/// Words of a title that is looked for, at least: texts have shorter ones by chance.
pub(super) const TITLE_WORDS_MIN: usize = 3;

/// Finds the titles of all posts in one pass over a text.
#[derive(Debug, Clone)]
pub struct TitleFinder {
    automaton: AhoCorasick,
    /// The post of each title, by the title's number.
    posts: Vec<usize>,
}

/// A title in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    /// The number of the post, as its title had it.
    pub post: usize,
    /// The title as the text writes it: what a link would stand on.
    pub anchor: String,
    /// The sentence that it stands in, on one line.
    pub sentence: String,
}

impl TitleFinder {
    /// Takes titles by the numbers of their posts; one of fewer than three words, or that several posts have, is not looked
    /// for.
    ///
    /// # Panics
    /// The titles are more than an automaton takes: two billions of letters.
    #[must_use]
    pub fn new<'t>(titles: impl Iterator<Item = &'t str>) -> TitleFinder {
        let folded = titles.enumerate().map(|(post, title)| (one_line(title).to_lowercase(), post));
        let mut titles: Vec<(String, usize)> =
            folded.filter(|(title, _)| title.split(' ').count() >= TITLE_WORDS_MIN).collect();
        titles.sort_unstable();
        let alone: Vec<(String, usize)> =
            titles.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() == 1).map(|same| same[0].clone()).collect();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .ascii_case_insensitive(true)
            .build(alone.iter().map(|(title, _)| title))
            .expect("fewer than two billions of letters in titles");
        TitleFinder { automaton, posts: alone.into_iter().map(|(_, post)| post).collect() }
    }

    /// Finds the titles that a text has as whole words, in its order; of each post the first.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<Naming> {
        let mut found: Vec<Naming> = Vec::new();
        for paragraph in text.split("\n\n").map(one_line) {
            for title in self.automaton.find_iter(&paragraph) {
                let post = self.posts[title.pattern().as_usize()];
                let is_new = found.iter().all(|naming| naming.post != post);
                if is_new && is_whole_words(&paragraph, title.range()) {
                    let ranges = sentences(&paragraph);
                    let around =
                        ranges.into_iter().find(|range| range.start <= title.start() && range.end >= title.end());
                    let sentence = around.map_or(paragraph.as_str(), |range| &paragraph[range]);
                    let anchor = paragraph[title.range()].to_owned();
                    found.push(Naming { post, anchor, sentence: sentence.to_owned() });
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[(usize, &str, &str)]) {
        let titles = ["Bread Rises Slowly", "Ovens", "All about flour", "all about flour", "Bread Rises"];
        let found = TitleFinder::new(titles.into_iter()).find(text);
        let found: Vec<(usize, &str, &str)> =
            found.iter().map(|naming| (naming.post, &*naming.anchor, &*naming.sentence)).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn titles_are_found_as_whole_words_with_their_sentence() {
        check(
            "It was warm in there. See bread\nrises slowly, of last year. For bread rises slowly in the cold.",
            &[(0, "bread rises slowly", "See bread rises slowly, of last year.")],
        );
        check("Bread rises slowlyish. Ovens, all about flour, bread rises.", &[]);
        check("", &[]);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(\\PC|bread rises slowly|\n\n){0,40}") {
            let finder = TitleFinder::new(["Bread rises slowly", "é è ê"].into_iter());
            for naming in finder.find(&text) {
                proptest::prop_assert!(naming.sentence.contains(&naming.anchor));
            }
        }
    }
}
