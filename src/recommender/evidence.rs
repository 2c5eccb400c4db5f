//! Which evidence is there for a pair? The ranking's reasons and the best-matching sentences.

use std::cell::OnceCell;

use super::Recommender;
use crate::post::Post;
use crate::rank::explain::{Namer, Pair, Reason, nearest_sentences, reasons, sentence_naming};
use crate::rank::hybrid::PostWords;
use crate::rank::relation::{Relation, Titles};
use crate::rank::said_by_both::{Body, said_by_both};
use crate::rank::series::Place;
use crate::similarity::Code;

/// A sentence of a post's summary with its vector.
#[derive(Debug, Clone, PartialEq)]
pub struct Sentence {
    /// The sentence's text.
    pub text: String,
    /// Its vector, 8 bits a component.
    pub code: Code,
}

/// Finds the sentences of a post's summary; empty where they are not known.
pub type SentenceLookup = dyn Fn(&Post) -> Vec<Sentence> + Send + Sync;

/// What a recommendation answers to.
pub(super) enum Asked {
    /// A post, with the sentences of its summary and its body.
    Post { position: usize, sentences: Vec<Sentence>, body: BodyText },
    /// A post that is not in the corpus, with its vector and words.
    Draft(Box<Draft>),
    /// Free text.
    Text(Code),
}

/// A post that is not in the corpus.
pub(super) struct Draft {
    pub(super) post: Post,
    pub(super) code: Code,
    pub(super) words: PostWords,
    pub(super) body: BodyText,
}

/// A body, cut into sentences when they are asked for.
pub(super) struct BodyText {
    text: Option<String>,
    body: OnceCell<Body>,
}

impl BodyText {
    pub(super) fn new(text: Option<String>) -> BodyText {
        BodyText { text, body: OnceCell::new() }
    }

    fn body(&self) -> &Body {
        self.body.get_or_init(|| self.text.as_deref().map(Body::read).unwrap_or_default())
    }
}

impl Recommender {
    /// Collects the evidence that the post at `position` belongs with the one at `query`.
    ///
    /// # Panics
    /// A position is not below the corpus's length.
    #[must_use]
    pub fn evidence(&self, query: usize, position: usize) -> Vec<Reason> {
        self.reasons(&self.asked_post(query), position)
    }

    /// Makes a post the question; its sentences are read once, however many recommendations answer to it.
    pub(super) fn asked_post(&self, position: usize) -> Asked {
        let post = self.corpus.post(position);
        Asked::Post { position, sentences: (self.sentences)(post), body: BodyText::new((self.texts)(post)) }
    }

    pub(super) fn reasons(&self, asked: &Asked, position: usize) -> Vec<Reason> {
        let post = self.corpus.post(position);
        let theirs = (self.sentences)(post);
        match asked {
            Asked::Draft(draft) => {
                let mut all = reasons(&self.pair(&draft.post, None, position), self.vocabulary());
                let sentences = sentence_reason(&[], std::slice::from_ref(&draft.code), &theirs);
                let theirs = || BodyText::new((self.texts)(post));
                all.extend(sentences.or_else(|| self.said_by_both((&draft.words, &draft.body), (position, &theirs()))));
                all
            }
            Asked::Text(code) => sentence_reason(&[], std::slice::from_ref(code), &theirs).into_iter().collect(),
            Asked::Post { position: query, sentences: ours, body } => {
                let pair = self.pair(self.corpus.post(*query), self.place(*query), position);
                let codes: Vec<Code> = ours.iter().map(|sentence| sentence.code.clone()).collect();
                let relation = self.relation(*query, position).map(Reason::Relation);
                let mut all: Vec<Reason> = relation.into_iter().collect();
                all.extend(reasons(&pair, self.vocabulary()));
                let their_body = BodyText::new((self.texts)(post));
                let bodies = (body.text.as_deref(), their_body.text.as_deref());
                all.extend(self.leading((*query, position), bodies));
                let words = self.words().post(*query);
                let sentences = sentence_reason(ours, &codes, &theirs);
                all.extend(sentences.or_else(|| self.said_by_both((words, body), (position, &their_body))));
                all
            }
        }
    }

    fn pair<'a>(&'a self, query: &'a Post, query_place: Option<&'a Place>, position: usize) -> Pair<'a> {
        Pair { query, post: self.corpus.post(position), query_place, post_place: self.place(position) }
    }
}

impl Recommender {
    /// Says what the post at `to` is to the one at `from`; `None` where nothing in them tells it.
    ///
    /// # Panics
    /// A position is not below the corpus's length.
    #[must_use]
    pub fn relation(&self, from: usize, to: usize) -> Option<Relation> {
        let original = self.kinds()[from];
        if original == self.kinds()[to] {
            let copy = |position: usize| self.stories().copies(original).iter().find(|copy| copy.position == position);
            return copy(to).or_else(|| copy(from)).map(|copy| Relation::SameStory(copy.sameness));
        }
        let titles = self.titles.get_or_init(|| Titles::new(self.corpus.posts()));
        titles.relation(self.corpus.posts(), &self.places, from, to)
    }

    /// Finds how one of two posts leads to the other: links of both, or else a sentence in which one names the other. What
    /// was read first looks ahead seldom, so the recommendation is asked first.
    fn leading(&self, (query, post): (usize, usize), (ours, theirs): (Option<&str>, Option<&str>)) -> Vec<Reason> {
        let by_post = || sentence_naming(&self.corpus.post(query).title, theirs?);
        let by_query = || sentence_naming(&self.corpus.post(post).title, ours?);
        let mut found = Vec::new();
        if self.links().has(post, query) {
            found.push(Reason::Links { by: Namer::Post, sentence: by_post().flatten() });
        }
        if self.links().has(query, post) {
            found.push(Reason::Links { by: Namer::Query, sentence: by_query().flatten() });
        }
        if found.is_empty() {
            let by_post = by_post().map(|sentence| Reason::Names { by: Namer::Post, sentence });
            let names = by_post.or_else(|| by_query().map(|sentence| Reason::Names { by: Namer::Query, sentence }));
            found.extend(names);
        }
        found
    }

    /// Finds the sentences of two bodies that say the same: where the summaries' do not.
    fn said_by_both(
        &self,
        (words, ours): (&PostWords, &BodyText),
        (position, theirs): (usize, &BodyText),
    ) -> Option<Reason> {
        let index = self.words();
        said_by_both(index, (words, ours.body()), (index.post(position), theirs.body())).map(Reason::SaidByBoth)
    }
}

/// Sentences less similar than this say nothing about each other.
const SENTENCE_SIMILARITY_MIN: f32 = 0.5;

fn sentence_reason(ours: &[Sentence], our_codes: &[Code], theirs: &[Sentence]) -> Option<Reason> {
    let their_codes: Vec<Code> = theirs.iter().map(|sentence| sentence.code.clone()).collect();
    let nearest = nearest_sentences(our_codes, &their_codes)?;
    let is_boilerplate = ours.get(nearest.a).is_some_and(|sentence| sentence.text == theirs[nearest.b].text);
    if nearest.similarity < SENTENCE_SIMILARITY_MIN || is_boilerplate {
        return None;
    }
    Some(Reason::Sentences {
        query: ours.get(nearest.a).map(|sentence| sentence.text.clone()),
        post: theirs[nearest.b].text.clone(),
        similarity: nearest.similarity,
    })
}
