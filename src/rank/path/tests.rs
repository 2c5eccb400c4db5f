//! Paths through small worlds of posts.

use proptest::prelude::*;

use super::*;
use crate::corpus::TermCounter;
use crate::index::{Flat, Index};
use crate::post::fixture::post;
use crate::rank::mmr::Candidate;
use crate::rank::series::places;
use crate::rank::story::Stories;

/// Posts on a quarter circle, titled as given, with minutes and a text each.
struct World {
    corpus: Corpus,
    embeddings: Embeddings,
    places: Vec<Option<Place>>,
    kinds: Vec<usize>,
    stages: Stages,
}

type Told<'a> = (&'a str, f32, Option<u32>, &'a str);

impl World {
    fn new(told: &[Told<'_>]) -> World {
        let posts = told
            .iter()
            .enumerate()
            .map(|(n, (title, _, minutes, _))| {
                let mut post = post(&format!("p{n:02}"), title, &n.to_string());
                post.minutes = *minutes;
                post
            })
            .collect();
        let angles = told.iter().flat_map(|(_, degrees, ..)| {
            let radians = degrees.to_radians();
            [radians.cos(), radians.sin()]
        });
        let entry = |(position, (title, _, _, text)): (usize, &Told<'_>)| Entry {
            position,
            title: (*title).to_owned(),
            text: (*text).to_owned(),
            date: None,
            links: Vec::new(),
        };
        let entries: Vec<Entry> = told.iter().enumerate().map(entry).collect();
        let corpus = Corpus::new(posts).unwrap();
        let counter = TermCounter::default();
        let terms: Vec<_> = corpus.posts().iter().map(|post| counter.of_post(post)).collect();
        World {
            embeddings: Embeddings::from_rows(2, angles.collect()).unwrap(),
            places: places(corpus.posts()),
            kinds: Stories::find(corpus.posts(), &terms, &|_, _| 0.0).originals().to_vec(),
            stages: Stages::read(&entries, &|_| 0.0),
            corpus,
        }
    }

    fn map(&self) -> Map<'_> {
        Map { corpus: &self.corpus, embeddings: &self.embeddings, places: &self.places, kinds: &self.kinds }
    }

    fn candidates(&self, query: &[f32], except: Option<usize>) -> Vec<Candidate> {
        let near = Flat::new(&self.embeddings).nearest(query, self.corpus.len()).into_iter();
        let candidate = near.map(|neighbor| Candidate { position: neighbor.position, score: neighbor.similarity });
        candidate.filter(|candidate| Some(candidate.position) != except).collect()
    }

    fn topic(&self, budget: &Budget) -> Vec<usize> {
        let candidates = self.candidates(&[1.0, 0.0], None);
        let units = choose(&candidates, candidates.len(), &self.map(), budget, 0.0);
        order(&units, &self.map(), &self.stages, None)
    }

    fn goal(&self, goal: usize, budget: &Budget) -> Option<Vec<usize>> {
        let candidates = self.candidates(self.embeddings.row(goal), Some(goal));
        let units = before(goal, &candidates, candidates.len(), (&self.map(), &self.stages), budget, 0.0)?;
        Some(order(&units, &self.map(), &self.stages, Some(units.len() - 1)))
    }

    fn clues(&self, path: &[usize]) -> Vec<Vec<Clue>> {
        let steps = describe(path, OrderedBy::Stages, (&self.map(), &self.stages), &|_| 0.0);
        steps.into_iter().map(|step| step.clues).collect()
    }
}

const BUDGET: Budget = Budget { steps: 7, minutes: None, assumed_minutes: 5 };

const BAKING: [Told<'static>; 4] = [
    ("Loaf", 2.0, Some(4), "A loaf is a dough that was baked. You have already seen the dough rise."),
    ("Dough", 1.0, Some(3), "Dough is wet flour that has rested, and rested, and rested."),
    ("Flour", 0.0, Some(2), "Grain that somebody has ground."),
    ("Advanced ovens", 3.0, Some(9), "Steam makes a loaf rise."),
];

#[test]
fn what_others_speak_of_comes_first() {
    assert_eq!(World::new(&BAKING).topic(&BUDGET), [2, 1, 0, 3]);
}

#[test]
fn every_step_says_why_it_comes_there() {
    let clues = World::new(&BAKING).clues(&[2, 1, 0, 3]);
    assert_eq!(clues[0][0], Clue::Introduces { subject: "Flour".to_owned(), used_by: vec![1] });
    let uses = Clue::Uses {
        subject: "Dough".to_owned(),
        of: 1,
        sentence: "You have already seen the dough rise.".to_owned(),
        looks_back: true,
    };
    assert!(clues[2].contains(&uses), "{:?}", clues[2]);
    assert!(clues[1].contains(&Clue::Adds(vec!["rested".to_owned(), "dough".to_owned()])), "{:?}", clues[1]);
    assert_eq!(clues[3][0], Clue::Title { place: TitlePlace::Last, words: "advanced".to_owned() });
    let against = World::new(&BAKING).clues(&[0, 1]);
    assert!(against[1].contains(&Clue::NamedBefore { subject: "Dough".to_owned(), by: 0 }), "{:?}", against[1]);
}

#[test]
fn nothing_decides_between_posts_that_say_the_same() {
    let world = World::new(&[("Rye", 0.0, None, "A grain."), ("Oats", 1.0, None, "A grain.")]);
    assert_eq!(world.clues(&[0, 1])[1], [Clue::Undecided]);
}

#[test]
fn parts_come_in_order_and_together() {
    let part = |title, degrees| (title, degrees, None, "");
    let world = World::new(&[part("Part 3: S", 0.0), part("X", 5.0), part("Part 1: S", 12.0), part("Part 2: S", 1.0)]);
    let path = world.topic(&BUDGET);
    let parts: Vec<usize> = path.iter().copied().filter(|&position| position != 1).collect();
    assert_eq!((parts, path.len()), (vec![2, 3, 0], 4));
    assert!(path[0] == 1 || path[3] == 1, "{path:?}");
    let short = World::new(&[part("Part 3: S", 0.0), part("Part 1: S", 12.0), part("Part 2: S", 1.0)]);
    assert_eq!(short.topic(&Budget { steps: 2, ..BUDGET }), [1, 2]);
}

#[test]
fn minutes_are_kept() {
    let world = World::new(&[
        ("A", 0.0, Some(30), ""),
        ("B", 10.0, Some(8), ""),
        ("C", 20.0, None, ""),
        ("D", 30.0, Some(8), ""),
    ]);
    assert_eq!(world.topic(&Budget { minutes: Some(14), ..BUDGET }), [1, 2]);
    let world = World::new(&[
        ("Part 1: S", 9.0, Some(3), ""),
        ("Part 2: S", 0.0, Some(20), ""),
        ("Part 3: S", 1.0, Some(20), ""),
    ]);
    assert_eq!(world.topic(&Budget { minutes: Some(14), ..BUDGET }), [0]);
}

#[test]
fn before_a_goal_comes_what_it_needs() {
    let world = World::new(&BAKING);
    assert_eq!(world.goal(0, &BUDGET), Some(vec![2, 1, 0]));
    assert_eq!(world.goal(0, &Budget { steps: 2, ..BUDGET }), Some(vec![1, 0]));
    assert_eq!(world.goal(0, &Budget { minutes: Some(6), ..BUDGET }), Some(vec![2, 0]));
    assert_eq!(world.goal(0, &Budget { minutes: Some(3), ..BUDGET }), None);
}

#[test]
fn a_goal_in_a_series_comes_after_its_earlier_parts() {
    let part = |title, degrees| (title, degrees, Some(5), "");
    let world =
        World::new(&[part("S, part 3", 0.0), part("S, part 2", 80.0), part("S, part 1", 40.0), part("S, part 4", 1.0)]);
    assert_eq!(world.goal(0, &BUDGET), Some(vec![2, 1, 0]));
    assert_eq!(world.goal(0, &Budget { minutes: Some(10), ..BUDGET }), Some(vec![2, 0]));
}

#[test]
fn a_tour_stops_once_in_every_corner() {
    let at = |title, degrees| (title, degrees, Some(5), "");
    let world = World::new(&[
        at("A", 0.0),
        at("B", 2.0),
        at("C", 4.0),
        at("S, part 2", 88.0),
        at("S, part 1", 80.0),
        at("T", 89.0),
        at("U", 90.0),
    ]);
    let stops = tour(&[0, 1, 2, 3, 4, 5, 6], &world.map(), &Budget { steps: 2, ..BUDGET });
    let found: Vec<(usize, usize)> = stops.iter().map(|stop| (stop.unit.positions[0], stop.stands_for)).collect();
    assert_eq!(found, [(4, 4), (1, 3)]);
    assert_eq!(tour(&[0, 1, 2], &world.map(), &Budget { minutes: Some(4), ..BUDGET }), []);
    assert_eq!(tour(&[], &world.map(), &BUDGET), []);
}

#[test]
fn a_path_between_two_posts_goes_in_small_steps() {
    let at = |title, degrees| (title, degrees, None, "");
    let world = World::new(&[at("A", 0.0), at("B", 80.0), at("C", 22.0), at("D", 58.0), at("E", 40.0)]);
    let positions = |budget: &Budget| between(0, 1, &world.map(), budget);
    assert_eq!(positions(&BUDGET), Some(vec![0, 2, 4, 3, 1]));
    assert_eq!(positions(&Budget { steps: 3, ..BUDGET }), Some(vec![0, 4, 1]));
    assert_eq!(positions(&Budget { minutes: Some(15), ..BUDGET }), Some(vec![0, 4, 1]));
    assert_eq!(positions(&Budget { minutes: Some(9), ..BUDGET }), None);
}

proptest! {
    /// Any posts, any budget: nothing twice, series in order and from their beginning, steps and minutes kept.
    #[test]
    fn paths_keep_what_they_promise(
        posts in prop::collection::vec(("(Part [1-4]: [ST]|[A-D]|Dough|Intro)", 0.0f32..90.0, prop::option::of(1u32..20), "(Dough|We saw Dough|\\PC|[.\n ]){0,12}"), 1..14),
        steps in 1usize..9,
        minutes in prop::option::of(1u32..60),
        goal in 0usize..14,
    ) {
        let told: Vec<Told<'_>> = posts.iter().map(|(title, at, minutes, text)| (title.as_str(), *at, *minutes, text.as_str())).collect();
        let world = World::new(&told);
        let budget = Budget { steps, minutes, assumed_minutes: 5 };
        let goal = goal % told.len();
        let all: Vec<usize> = (0..told.len()).collect();
        let stops: Vec<usize> = tour(&all, &world.map(), &budget).iter().map(|stop| stop.unit.positions[0]).collect();
        let to_goal = world.goal(goal, &budget);
        prop_assert!(to_goal.as_ref().is_none_or(|path| path.last() == Some(&goal)));
        for path in [world.topic(&budget), to_goal.unwrap_or_default(), stops] {
            let mut distinct = path.clone();
            distinct.sort_unstable();
            distinct.dedup();
            prop_assert_eq!(distinct.len(), path.len());
            prop_assert!(path.len() <= steps);
            let spent: u32 = path.iter().map(|&position| world.map().minutes(position, &budget)).sum();
            prop_assert!(minutes.is_none_or(|most| spent <= most));
            for (at, &later) in path.iter().enumerate() {
                prop_assert!(path[..at].iter().all(|&earlier| !world.map().follows_in_series(later, earlier)));
            }
            prop_assert_eq!(world.clues(&path).len(), path.len());
        }
    }
}
