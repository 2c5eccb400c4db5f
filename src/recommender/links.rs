//! Which posts are related to every post? All at once, near to what was shown before.

use rayon::prelude::*;

use super::answer::{Choice, Gate};
use super::scores::Depth;
use super::{Least, Recommender, Rejected, RelatedOptions};
use crate::rank::filter::Excluded;
use crate::rank::mmr::{Candidate, sort_candidates};
use crate::rank::stable::{Gain, Preferences, Settled, Stability, settle};
use crate::rank::word_columns::WORD_COLUMNS;

/// Groups of posts for each thread between two reports of progress: few enough to be heard of, and so many that the last
/// ones are little to wait for.
const GROUPS_A_THREAD: usize = 8;

/// How the links of all posts are chosen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LinksOptions {
    /// As for one post.
    pub related: RelatedOptions,
    /// How much may change from what was shown before.
    pub stability: Stability,
    /// The most places of a list that are kept for posts that nothing else leads to. Default none.
    pub orphans: usize,
}

/// Which posts have links, which may be linked to, and what was shown before; all by position.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// Tells whether a post is of the site: only these have links and are linked to.
    pub has: &'a (dyn Fn(usize) -> bool + Sync),
    /// Returns the links of before, in their order; `None` for a post that had no list.
    pub before: &'a (dyn Fn(usize) -> Option<Vec<usize>> + Sync),
}

/// The links of one post.
#[derive(Debug, Clone, PartialEq)]
pub struct PostLinks {
    /// The post's position in the corpus.
    pub position: usize,
    /// In the order in which they are shown; best first where nothing was shown before.
    pub links: Vec<Link>,
    /// Links of before that are no more; those to posts that are gone are not known here.
    pub lost: Vec<Lost>,
    /// Better links that were held back: not better by the margin, and beyond the number of changes.
    pub held_back: (usize, usize),
    /// What was left out; complete only where there are fewer links than were asked for.
    pub rejected: Rejected,
}

/// A link from one post to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// The position of the post that it leads to.
    pub position: usize,
    /// As [`Recommender::related`] scores it.
    pub score: f32,
    /// Why it is new; `None` where it was shown before.
    pub gain: Option<Gain>,
    /// Whether its place is its author's wish, whatever its score.
    pub is_pinned: bool,
}

/// A link that was shown before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lost {
    /// The position of the post that it led to.
    pub position: usize,
    /// Its score of today, where it is ranked.
    pub score: Option<f32>,
    /// Why it is no more.
    pub why: Loss,
}

/// Why a link is no more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Loss {
    /// This post is better by the margin.
    Replaced(usize),
    /// Fewer links are wanted, or fewer of its kind.
    NoPlace,
    /// Below this least score.
    Below(f32),
    /// It tells the story of the post itself or of another that stands for it.
    SameStory,
    /// The post wants no list any more.
    NoList,
    /// A filter, or its author, keeps it out.
    Filtered(Excluded),
    /// It is not of the site any more.
    NotOfSite,
}

impl Recommender {
    /// Recommends related posts for every post of a site, as [`Recommender::related`] does for one, without the evidence; what
    /// was shown before stays unless something is better by a margin. Ascending by position.
    ///
    /// By all threads of the current rayon pool, with the same result for any number of them. Where there is no graph, each
    /// compares 32 posts at a time with all others.
    #[must_use]
    pub fn links_of_site(
        &self,
        site: &Site<'_>,
        options: &LinksOptions,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Vec<PostLinks> {
        let posts: Vec<usize> = (0..self.corpus.len()).filter(|&position| (site.has)(position)).collect();
        let mut all = Vec::with_capacity(posts.len());
        self.make_ready();
        for round in posts.chunks(WORD_COLUMNS * GROUPS_A_THREAD * rayon::current_num_threads()) {
            progress(all.len(), posts.len());
            let of_group = |group: &[usize]| {
                let scores = self.scores_of(group, &posts, site, options);
                let linked = group.iter().zip(scores);
                linked.map(|(&position, scores)| self.links_of(position, &scores, site, options)).collect::<Vec<_>>()
            };
            all.par_extend(round.par_chunks(WORD_COLUMNS).flat_map_iter(of_group));
        }
        if options.orphans > 0 {
            self.lead_to_orphans(&mut all, site, options);
        }
        all
    }

    /// Has everything made that is made when it is first asked for: threads that wait for one another to make it could wait
    /// for ever.
    fn make_ready(&self) {
        let _ = (self.words(), self.links(), self.kinds(), self.background());
    }

    /// Returns for each post of a group the posts of the site that are ranked for it, itself left out.
    fn scores_of(
        &self,
        group: &[usize],
        posts: &[usize],
        site: &Site<'_>,
        options: &LinksOptions,
    ) -> Vec<Vec<Candidate>> {
        if self.graph.is_some() && options.related.depth(&[]) != Depth::All {
            let by_graph = |position: &usize| self.scores_by_graph(*position, site, &options.related);
            return group.iter().map(by_graph).collect();
        }
        let questions: Vec<_> = group.iter().map(|&position| self.question_of(position, &options.related)).collect();
        let mut scores: Vec<Vec<Candidate>> = group.iter().map(|_| Vec::with_capacity(posts.len())).collect();
        self.for_each_parts(&questions, posts, |first, at, parts| {
            for (number, parts) in (first..).zip(parts).filter(|(number, _)| group[*number] != posts[at]) {
                scores[number].push(Candidate { position: posts[at], score: parts.sum() });
            }
        });
        scores
    }

    /// The links of before are ranked even if the graph does not find them.
    fn scores_by_graph(&self, position: usize, site: &Site<'_>, related: &RelatedOptions) -> Vec<Candidate> {
        let related = &self.with_linked(position, related);
        let question = self.question_of(position, related);
        let mut positions = self.ranked_for(&[question], related.depth(&[position]));
        positions.extend((site.before)(position).unwrap_or_default());
        positions.extend(self.editorial.pins(position));
        positions.sort_unstable();
        positions.dedup();
        positions.retain(|&other| other != position && (site.has)(other));
        let parts = self.parts(question, &positions);
        positions.iter().zip(parts).map(|(&position, parts)| Candidate { position, score: parts.sum() }).collect()
    }

    fn links_of(&self, position: usize, scores: &[Candidate], site: &Site<'_>, options: &LinksOptions) -> PostLinks {
        if !self.editorial.has_list(position) {
            return without_list(position, (site.before)(position));
        }
        let known = [position];
        let related = self.with_linked(position, &options.related);
        let find = |among: &[Candidate], other: usize| among.iter().find(|found| found.position == other).copied();
        let pins = self.pins_of(position, &related, |pin| Some(find(scores, pin)?.score));
        let (background, editorial) = (self.background(), Some(&self.editorial));
        let gate = Gate { pins: &pins, editorial, ..related.gate(background, &known) };
        // What is below the least score is never chosen: most posts need not be sorted.
        let (choices, mut rejected) = self.choose(&at_least(scores, gate.min_score), &gate);
        let today: Vec<Candidate> = choices.into_iter().map(|Choice { candidate, .. }| candidate).collect();
        if today.len() < gate.limit {
            let mut scores = scores.to_vec();
            sort_candidates(&mut scores);
            rejected = self.choose(&scores, &gate).1;
        }
        let (pinned, today) = today.split_at(pins.len());
        let Some(before) = (site.before)(position) else {
            let pinned = pinned.iter().map(|&pin| Link::pinned(pin, Some(Gain::First)));
            let links = today.iter().map(|&candidate| Link::new((candidate, Some(Gain::First))));
            let links = pinned.chain(links).collect();
            return PostLinks { position, links, lost: Vec::new(), held_back: (0, 0), rejected };
        };
        // The least score is drawn from the posts and moves with each that comes; what it moves past stays within the margin.
        let least = match options.related.least {
            Least::CloserThan(_) => gate.min_score - options.stability.margin * gate.min_score.abs(),
            Least::Score(least) => least,
        };
        let still_gate = Gate { min_score: least, ..gate };
        let passed = self.pass(&at_least(scores, least), &still_gate).candidates;
        let kept: Vec<Candidate> = before.iter().filter_map(|&other| find(&passed, other)).collect();
        let beside_pins = |shown: &[Candidate], new: Candidate| self.caps_allow(&gate, &[pinned, shown].concat(), new);
        let favored = |position: usize| gate.favors(position);
        let preferences = Preferences { may_follow: &beside_pins, favored: &favored };
        let room = gate.limit.saturating_sub(pins.len());
        let settled = settle(&kept, today, room, &options.stability, &preferences);
        let not_pinned = before.iter().filter(|&&other| find(pinned, other).is_none());
        let lost = not_pinned.filter_map(|&other| {
            let scored = find(scores, other);
            let why = self.loss(other, scored, &settled, &still_gate)?;
            Some(Lost { position: other, score: scored.map(|candidate| candidate.score), why })
        });
        let pin_gain = |pin: &Candidate| (!before.contains(&pin.position)).then_some(Gain::Pinned);
        let pinned_links = pinned.iter().map(|&pin| Link::pinned(pin, pin_gain(&pin)));
        PostLinks {
            position,
            lost: lost.collect(),
            held_back: (settled.within_margin, settled.over_changes),
            links: pinned_links.chain(settled.links.into_iter().map(Link::new)).collect(),
            rejected,
        }
    }

    /// Says why a link of before is no more; `None` where it is.
    fn loss(&self, old: usize, scored: Option<Candidate>, settled: &Settled, gate: &Gate<'_>) -> Option<Loss> {
        if settled.links.iter().any(|(link, _)| link.position == old) {
            return None;
        }
        if let Some((_, by)) = settled.replaced.iter().find(|(link, _)| link.position == old) {
            return Some(Loss::Replaced(by.position));
        }
        if settled.crowded_out.iter().any(|link| link.position == old) {
            return Some(Loss::NoPlace);
        }
        let Some(candidate) = scored else { return Some(Loss::NotOfSite) };
        let kind = self.kinds()[old];
        let is_kind_of = |positions: &[usize]| positions.iter().any(|&other| self.kinds()[other] == kind);
        if is_kind_of(&gate.filter.blocked) {
            return Some(Loss::Filtered(Excluded::Blocked));
        }
        if let Some(why) = gate.filter.excludes(old, self.corpus.post(old)) {
            return Some(Loss::Filtered(why));
        }
        Some(if candidate.score < gate.min_score && !is_kind_of(gate.known) {
            Loss::Below(gate.min_score)
        } else {
            Loss::SameStory
        })
    }
}

/// Takes away what a post showed before that wants no list.
fn without_list(position: usize, before: Option<Vec<usize>>) -> PostLinks {
    let lost = |other| Lost { position: other, score: None, why: Loss::NoList };
    let lost = before.unwrap_or_default().into_iter().map(lost).collect();
    PostLinks { position, links: Vec::new(), lost, held_back: (0, 0), rejected: Rejected::default() }
}

/// Returns the candidates with this score or more, best first.
fn at_least(scores: &[Candidate], least: f32) -> Vec<Candidate> {
    let mut above: Vec<Candidate> = scores.iter().filter(|candidate| candidate.score >= least).copied().collect();
    sort_candidates(&mut above);
    above
}

impl Link {
    fn new((candidate, gain): (Candidate, Option<Gain>)) -> Link {
        Link { position: candidate.position, score: candidate.score, gain, is_pinned: false }
    }

    fn pinned(pin: Candidate, gain: Option<Gain>) -> Link {
        Link { is_pinned: true, ..Link::new((pin, gain)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::HnswOptions;
    use crate::rank::filter::Filter;
    use crate::recommender::GraphIndex;
    use crate::recommender::testing::recommender;

    fn many() -> Vec<String> {
        let words = ["moss", "bread", "cache", "ferry", "anvil", "quilt", "zebra"];
        let of = |at: usize| format!("{}-{}-{}-{at:03}", words[at % 7], words[at / 7 % 7], words[at / 49 % 7]);
        (0..343).map(of).collect()
    }

    const EVERYWHERE: Site<'_> = Site { has: &|_| true, before: &|_| None };

    fn linked(recommender: &Recommender, site: &Site<'_>, options: &LinksOptions) -> Vec<PostLinks> {
        recommender.links_of_site(site, options, &mut |_, _| ())
    }

    #[test]
    fn links_of_all_are_those_of_each() {
        let ids = many();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut recommender = recommender(&ids);
        let options = LinksOptions::default();
        let check = |recommender: &Recommender| {
            let all = linked(recommender, &EVERYWHERE, &options);
            assert_eq!(all.len(), ids.len());
            for links in all.iter().step_by(23) {
                let answer =
                    recommender.related(&recommender.corpus().post(links.position).id, &options.related).unwrap();
                let ours: Vec<(usize, f32)> = links.links.iter().map(|link| (link.position, link.score)).collect();
                let theirs = answer.recommendations.iter().map(|shown| (shown.position, shown.score));
                assert_eq!(ours, theirs.collect::<Vec<_>>());
                assert!(ours.len() == options.related.limit || links.rejected == answer.rejected);
            }
        };
        check(&recommender);
        let graph =
            GraphIndex::build(recommender.corpus(), recommender.embeddings(), &HnswOptions::default(), &mut |_| ());
        recommender.set_graph(graph.unwrap());
        check(&recommender);
    }

    #[test]
    fn any_number_of_threads_finds_the_same() {
        let ids = many();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let options = LinksOptions { orphans: 1, ..LinksOptions::default() };
        let by = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            // From nothing each time: a thread must not wait for what it makes itself.
            pool.install(|| linked(&recommender(&ids), &EVERYWHERE, &options))
        };
        let expect = by(1);
        assert!(expect.iter().all(|links| links.links.iter().all(|link| link.score > 0.0)));
        assert_eq!([by(2), by(5)], [expect.clone(), expect]);
    }

    #[test]
    fn orphans_get_a_place_and_make_no_other() {
        let ids = many();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let recommender = recommender(&ids);
        let orphans = |all: &[PostLinks]| {
            let led_to: std::collections::HashSet<usize> =
                all.iter().flat_map(|list| &list.links).map(|link| link.position).collect();
            ids.len() - led_to.len()
        };
        let related = RelatedOptions { limit: 2, ..RelatedOptions::default() };
        let none = LinksOptions { related, ..LinksOptions::default() };
        let before = orphans(&linked(&recommender, &EVERYWHERE, &none));
        let some = LinksOptions { orphans: 1, ..none };
        let all = linked(&recommender, &EVERYWHERE, &some);
        assert!(before >= 5 && orphans(&all) == 0, "{before} {}", orphans(&all));
        assert!(all.iter().all(|list| list.links.len() <= 2));
        let places = |list: &PostLinks| list.links.iter().filter(|link| link.gain == Some(Gain::Orphan)).count();
        assert!(all.iter().all(|list| places(list) <= 1));
        // What was given a place stays in it.
        let shown = |position: usize| Some(all[position].links.iter().map(|link| link.position).collect());
        let again = linked(&recommender, &Site { has: &|_| true, before: &shown }, &some);
        let changed = again.iter().filter(|list| !list.lost.is_empty()).count();
        assert!(orphans(&again) <= orphans(&all) && changed < ids.len() / 10, "{changed}");
    }

    #[test]
    fn what_is_lost_says_why() {
        let recommender = recommender(&["cold-cache", "cold-caches", "cool-cache", "rye-bread", "warm-cache"]);
        let [cold, caches, cool, bread, warm] = [0, 1, 2, 3, 4];
        let related =
            RelatedOptions { limit: 2, least: Least::Score(0.2), diversity: 0.0, ..RelatedOptions::default() };
        let lost =
            |before: &[usize], related: RelatedOptions, has: &(dyn Fn(usize) -> bool + Sync)| -> Vec<(usize, Loss)> {
                let before = |position: usize| (position == cold).then(|| before.to_vec());
                let options = LinksOptions { related, ..LinksOptions::default() };
                let all = linked(&recommender, &Site { has, before: &before }, &options);
                all[0].lost.iter().map(|lost| (lost.position, lost.why)).collect()
            };
        let everywhere = |_: usize| true;
        assert_eq!(lost(&[bread], related.clone(), &everywhere), [(bread, Loss::Below(0.2))]);
        let one = RelatedOptions { limit: 1, ..related.clone() };
        assert_eq!(lost(&[caches, warm], one, &everywhere), [(warm, Loss::NoPlace)]);
        let filter = Filter { blocked: vec![caches], ..Filter::NONE };
        let blocked = RelatedOptions { filter, ..related.clone() };
        assert_eq!(lost(&[caches], blocked, &everywhere), [(caches, Loss::Filtered(Excluded::Blocked))]);
        assert_eq!(lost(&[caches], related.clone(), &|position| position != caches), [(caches, Loss::NotOfSite)]);
        let all_but_best = lost(&[cool, warm], related, &everywhere);
        assert_eq!(all_but_best.len(), 1, "the best, which was not there, takes one place: {all_but_best:?}");
        assert!(matches!(all_but_best[0].1, Loss::Replaced(by) if by == caches));
    }

    #[test]
    fn a_least_score_that_moved_takes_no_link_away() {
        let ids = many();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let recommender = recommender(&ids);
        let related = RelatedOptions { limit: 400, diversity: 0.0, ..RelatedOptions::default() };
        let least = recommender.background().score(related.least);
        let wider = RelatedOptions { least: Least::Score(least * 0.95), ..related.clone() };
        let answer = recommender.related(&recommender.corpus().post(0).id, &wider).unwrap();
        let below = answer.recommendations.last().unwrap();
        assert!(below.score < least, "{} and {least}", below.score);
        let before = |position: usize| (position == 0).then(|| vec![below.position]);
        let site = Site { has: &|_| true, before: &before };
        let lost = |related: RelatedOptions| {
            let all = linked(&recommender, &site, &LinksOptions { related, ..LinksOptions::default() });
            all[0].lost.iter().map(|lost| lost.why).collect::<Vec<_>>()
        };
        assert_eq!(lost(related.clone()), []);
        let fixed = RelatedOptions { least: Least::Score(least), ..related };
        assert_eq!(lost(fixed), [Loss::Below(least)], "a score that was asked for as such is kept");
    }
}
