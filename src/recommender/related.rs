//! Which posts are related to this one, or to these words?

use std::borrow::Cow;

use super::answer::{Choice, Gate};
use super::evidence::{Asked, BodyText, Draft};
use super::scores::{Depth, Question, Scored};
use super::{Answer, Background, Least, Query, Recommendation, Recommender, RecommenderError, ScoreParts};
use crate::corpus::{Term, TermCounter};
use crate::post::{Post, PostId};
use crate::rank::filter::{Caps, Filter};
use crate::similarity::quantize;

/// How `related` and `search` choose.
#[derive(Debug, Clone, PartialEq)]
pub struct RelatedOptions {
    /// The most recommendations. Default 5.
    pub limit: usize,
    /// The least score that is still shown.
    pub least: Least,
    /// 0 (pure relevance) to 1 (only different from each other). Default 0.1.
    pub diversity: f32,
    /// What an answer must be. Default anything.
    pub filter: Filter,
    /// The most answers of one kind. Default any number.
    pub caps: Caps,
    /// What links between the post and an answer are to it. Default [`Linked::Prefer`].
    pub linked: Linked,
}

/// What links between posts are to a list of related posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Linked {
    /// A link either way adds [`LINKED`](crate::rank::hybrid::LINKED) to the score.
    #[default]
    Prefer,
    /// They do not count.
    Ignore,
    /// What the post links to already is left out; what links to it is preferred.
    LeaveOut,
}

impl Linked {
    /// Reads `prefer`, `ignore` or `leave-out`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Linked> {
        Some(match word {
            "prefer" => Linked::Prefer,
            "ignore" => Linked::Ignore,
            "leave-out" => Linked::LeaveOut,
            _ => return None,
        })
    }
}

impl Default for RelatedOptions {
    fn default() -> RelatedOptions {
        RelatedOptions {
            limit: 5,
            least: Least::default(),
            diversity: 0.1,
            filter: Filter::NONE,
            caps: Caps::NONE,
            linked: Linked::Prefer,
        }
    }
}

impl RelatedOptions {
    pub(super) fn gate<'a>(&'a self, background: &Background, known: &'a [usize]) -> Gate<'a> {
        Gate {
            limit: self.limit,
            min_score: background.score(self.least),
            measured: None,
            diversity: self.diversity,
            known,
            filter: &self.filter,
            caps: self.caps,
            turns: None,
            pins: &[],
            editorial: None,
        }
    }

    /// Returns how deep to look: behind filters and caps, the nearest posts may not be enough.
    pub(super) fn depth<'a>(&self, known: &'a [usize]) -> Depth<'a> {
        // A few posts that authors keep out are made up for by as many more.
        let kept_out = self.filter.hidden.len() + self.filter.blocked_by_author.len();
        let of_reader = Filter { hidden: Vec::new(), blocked_by_author: Vec::new(), ..self.filter.clone() };
        if of_reader.is_empty() && self.caps == Caps::NONE {
            Depth::Answers { limit: self.limit.saturating_add(kept_out), known }
        } else {
            Depth::All
        }
    }
}

/// Where words are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// In title, tags, summary and body.
    Whole,
    Title,
}

impl Recommender {
    /// Recommends posts related to one post: never itself, never a duplicate of it, no duplicate twice.
    ///
    /// The score is the similarity of the two posts: of their vectors, words, titles and dates ([`crate::rank::hybrid`]), and
    /// whether one links to the other.
    ///
    /// # Errors
    /// The post is not in the corpus.
    pub fn related(&self, post: &PostId, options: &RelatedOptions) -> Result<Answer, RecommenderError> {
        let query = self.position(post)?;
        if !self.editorial.has_list(query) {
            return Ok(self.no_list(options));
        }
        let options = &self.with_linked(query, options);
        let known = [query];
        let depth = if self.editorial.pins(query).is_empty() { options.depth(&known) } else { Depth::All };
        let scored = self.scored(self.question_of(query, options), depth);
        Ok(self.answer(&scored, &self.asked_post(query), options))
    }

    /// Makes a post the question as the options want its links.
    pub(super) fn question_of(&self, position: usize, options: &RelatedOptions) -> Question<'_> {
        let linked = (options.linked != Linked::Ignore).then_some(position);
        Question { linked, ..self.question(position) }
    }

    /// Adds to what is left out what the post at `position` links to already, where the options want it, and what authors do not
    /// want there.
    pub(super) fn with_linked<'o>(&self, position: usize, options: &'o RelatedOptions) -> Cow<'o, RelatedOptions> {
        let mut options = Cow::Borrowed(options);
        if options.linked == Linked::LeaveOut {
            options.to_mut().filter.linked = self.links().from(position).to_vec();
        }
        if !self.editorial.blocks(position).is_empty() || !self.editorial.hidden().is_empty() {
            options.to_mut().filter = self.with_wishes(Some(position), &options.filter);
        }
        options
    }

    /// Adds to a filter what authors do not want in the list of a post, or in any.
    #[must_use]
    pub fn with_wishes(&self, post: Option<usize>, filter: &Filter) -> Filter {
        Filter {
            blocked_by_author: post.map(|post| self.editorial.blocks(post).to_vec()).unwrap_or_default(),
            hidden: self.editorial.hidden().to_vec(),
            ..filter.clone()
        }
    }

    /// Recommends posts for free text. The score is made as that of [`Recommender::related`]; a post that has every content
    /// word of the text is shown even if its score is below a least score that is a share of pairs drawn by chance.
    ///
    /// # Errors
    /// The vector has another length than those of the posts.
    pub fn search(&self, query: &Query<'_>, options: &RelatedOptions) -> Result<Answer, RecommenderError> {
        let scored = self.scored_for_text(query, options.depth(&[]))?;
        let asked = Asked::Text(quantize(query.vector));
        let Least::CloserThan(_) = options.least else { return Ok(self.answer(&scored, &asked, options)) };
        let mut measured = vec![f32::NEG_INFINITY; self.corpus.len()];
        let has_all = self.has_words(query.text, Part::Whole);
        for (&position, parts) in scored.positions.iter().zip(&scored.parts) {
            measured[position] = if has_all(position) { f32::INFINITY } else { parts.sum() };
        }
        Ok(self.answer_measured(&scored, &asked, options, Some(&measured)))
    }

    /// Tells of a post whether it has every content word of a text; of none where the text has no such word.
    pub(super) fn has_words(&self, text: &str, part: Part) -> impl Fn(usize) -> bool {
        let counter = TermCounter::default();
        let words = counter.words_of(text);
        move |position: usize| {
            let has = |word: &Term| match part {
                Part::Whole => self.terms()[position].counts.binary_search_by_key(word, |count| count.0).is_ok(),
                Part::Title => counter.words_of(&self.corpus.post(position).title).binary_search(word).is_ok(),
            };
            !words.is_empty() && words.iter().all(has)
        }
    }

    /// Recommends posts for one that is not in the corpus, such as a draft; never one of its title, which will be its older
    /// self.
    ///
    /// # Errors
    /// The vector has another length than those of the posts.
    pub fn related_to_draft(
        &self,
        draft: &Post,
        vector: &[f32],
        options: &RelatedOptions,
    ) -> Result<Answer, RecommenderError> {
        let wish = self.wish_of_draft(draft, vector)?;
        let options = &RelatedOptions { filter: self.with_wishes(None, &options.filter), ..options.clone() };
        let title = draft.title.to_lowercase();
        let is_itself = |position: &usize| {
            let post = self.corpus.post(*position);
            post.id == draft.id || post.title.to_lowercase() == title
        };
        let itself: Vec<usize> = (0..self.corpus.len()).filter(is_itself).collect();
        let scored = self.scored(wish.question(), options.depth(&itself)).without(&itself);
        let (post, body) = (draft.clone(), BodyText::new(draft.text.clone()));
        let asked = Asked::Draft(Box::new(Draft { post, code: quantize(vector), words: wish.words, body }));
        Ok(self.answer(&scored, &asked, options))
    }

    pub(super) fn scored_for_text(&self, query: &Query<'_>, depth: Depth<'_>) -> Result<Scored, RecommenderError> {
        let wish = self.wish(query)?;
        Ok(self.scored(wish.question(), depth))
    }

    fn answer(&self, scored: &Scored, asked: &Asked, options: &RelatedOptions) -> Answer {
        self.answer_measured(scored, asked, options, None)
    }

    fn answer_measured(
        &self,
        scored: &Scored,
        asked: &Asked,
        options: &RelatedOptions,
        measured: Option<&[f32]>,
    ) -> Answer {
        let (query, background) = match asked {
            Asked::Post { position, .. } => (Some(*position), self.background()),
            Asked::Draft(..) => (None, self.background()),
            Asked::Text(_) => (None, self.background_of_texts()),
        };
        let score = |position: usize| scored.of(position).map(ScoreParts::sum);
        let pins = query.map_or_else(Vec::new, |query| self.pins_of(query, options, score));
        let editorial = query.map(|_| &self.editorial);
        let gate = Gate { measured, pins: &pins, editorial, ..options.gate(background, query.as_slice()) };
        let (choices, rejected) = self.choose(&scored.ranked(query), &gate);
        let recommendations = choices
            .into_iter()
            .map(|Choice { candidate, also, is_pinned }| Recommendation {
                position: candidate.position,
                score: candidate.score,
                parts: scored.of(candidate.position),
                factors: None,
                closer_than: background.share_below(candidate.score),
                reasons: self.reasons(asked, candidate.position),
                also,
                is_pinned,
            })
            .collect();
        Answer { recommendations, limit: options.limit, least: gate.min_score, rejected, interests: None }
    }
}
