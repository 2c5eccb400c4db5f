//! The verbs on a small world: what is never shown, what adds up, what an indexing embeds.

use proptest::prelude::*;

use super::testing::{LetterCounter, posts, recommender};
use super::*;
use crate::embed::Embedder;
use crate::index::HnswOptions;
use crate::post::Post;
use crate::rank::filter::{Caps, Filter};
use crate::rank::novelty::Recency;
use crate::store::{SourceKey, Store};

fn id(text: &str) -> PostId {
    PostId::new(text).unwrap()
}

fn ids_of(answer: &Answer, recommender: &Recommender) -> Vec<String> {
    let id = |shown: &Recommendation| recommender.corpus().post(shown.position).id.to_string();
    answer.recommendations.iter().map(id).collect()
}

const ALL: RelatedOptions = RelatedOptions {
    limit: 100,
    least: Least::Score(-1.0),
    diversity: 0.0,
    filter: Filter::NONE,
    caps: Caps::NONE,
    linked: Linked::Prefer,
};

#[test]
fn related_ranks_all_others_and_its_scores_are_the_sum_of_their_parts() {
    let recommender = recommender(&["cold-cache", "cold-caches", "rye-bread", "warm-cache"]);
    let answer = recommender.related(&id("cold-cache"), &ALL).unwrap();
    assert_eq!(ids_of(&answer, &recommender), ["cold-caches", "warm-cache", "rye-bread"]);
    for shown in &answer.recommendations {
        assert!((shown.parts.unwrap().sum() - shown.score).abs() < 1e-6);
    }
    assert!(answer.recommendations.is_sorted_by(|a, b| a.score >= b.score));
}

#[test]
fn an_exact_duplicate_is_neither_shown_for_its_twin_nor_twice() {
    let mut twins = posts(&["a-cache", "b-bread", "c-cache"]);
    (twins[0].title, twins[2].title) = ("The cache".to_owned(), "the  CACHE".to_owned());
    let corpus = Corpus::new(twins).unwrap();
    let embeddings = Embeddings::from_rows(2, vec![1.0, 0.1, 0.9, 0.3, 1.0, 0.1]).unwrap();
    let recommender = Recommender::new(corpus, embeddings).unwrap();
    let answer = recommender.related(&id("a-cache"), &ALL).unwrap();
    assert_eq!(ids_of(&answer, &recommender), ["b-bread"]);
    let answer = recommender.related(&id("b-bread"), &ALL).unwrap();
    assert_eq!(ids_of(&answer, &recommender), ["a-cache"]);
    assert_eq!(answer.recommendations[0].also, [2]);
    let verdict = recommender.explain(&id("b-bread"), &id("c-cache"), &ALL).unwrap().verdict;
    assert_eq!(verdict, Verdict::StoodForBy(0));
}

#[test]
fn what_the_minimum_score_keeps_out_is_counted_and_named() {
    let recommender = recommender(&["cold-cache", "cold-caches", "rye-bread"]);
    let answer = recommender.related(&id("cold-cache"), &RelatedOptions { least: Least::Score(2.0), ..ALL }).unwrap();
    assert_eq!((answer.recommendations.len(), answer.rejected.below_min_score), (0, 2));
    assert_eq!(answer.rejected.nearest_below.unwrap().position, 1);
}

#[test]
fn next_never_shows_what_was_read_and_names_the_read_that_speaks_for_it() {
    let recommender = recommender(&["cold-cache", "cold-caches", "rye-bread", "rye-breads", "warm-cache"]);
    let history = [id("rye-bread"), id("cold-cache")];
    let options = NextOptions { limit: 10, least: Least::Score(-1.0), ..NextOptions::default() };
    let answer = recommender.next(&Reader::of(&history), &options).unwrap();
    let shown = ids_of(&answer, &recommender);
    assert_eq!(shown.len(), 3);
    assert!(!shown.contains(&"rye-bread".to_owned()) && !shown.contains(&"cold-cache".to_owned()));
    assert_eq!(answer.rejected.already_read, 2);
    let breads = answer.recommendations.iter().find(|shown| shown.position == 3).unwrap();
    assert!(matches!(breads.reasons[0], crate::rank::explain::Reason::BecauseRead { position: 2, .. }));
    assert!(matches!(recommender.next(&Reader::default(), &options), Err(RecommenderError::EmptyHistory)));
}

#[test]
fn many_questions_together_give_the_parts_of_each_by_itself() {
    let ids: Vec<String> = (0..50).map(|post| format!("cache-{}-of-{}", "ab".repeat(post % 7), post * post)).collect();
    let recommender = recommender(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    let bits = |parts: ScoreParts| [parts.vectors, parts.words, parts.title, parts.date, parts.links].map(f32::to_bits);
    for positions in [(0..50).collect(), vec![3, 4, 11, 49]] {
        for count in [0, 1, 31, 32, 33, 50] {
            let questions: Vec<_> = (0..count).map(|at| recommender.question(at * 17 % 47)).collect();
            let mut visited = 0;
            recommender.for_each_parts(&questions, &positions, |first, at, parts| {
                for (question, parts) in questions[first..].iter().zip(parts) {
                    let expect = recommender.parts(*question, &positions)[at];
                    assert_eq!(bits(*parts), bits(expect), "{count} questions");
                    visited += 1;
                }
            });
            assert_eq!(visited, count * positions.len());
        }
    }
}

#[test]
fn odd_questions_are_errors_or_empty_answers() {
    let one = recommender(&["alone"]);
    assert_eq!(one.related(&id("alone"), &ALL).unwrap().recommendations, []);
    assert!(matches!(one.related(&id("other"), &ALL), Err(RecommenderError::UnknownPost(_))));
    assert!(matches!(one.explain(&id("alone"), &id("alone"), &ALL), Err(RecommenderError::SamePost(_))));
    let query = Query { text: "alone", vector: &[1.0] };
    assert!(matches!(one.search(&query, &ALL), Err(RecommenderError::Dimension { query: 1, posts: 27 })));
    let corpus = Corpus::new(posts(&["a"])).unwrap();
    let none = Embeddings::from_rows(2, vec![]).unwrap();
    assert!(matches!(Recommender::new(corpus, none), Err(RecommenderError::Shape { posts: 1, rows: 0 })));
}

/// A store and what an indexing of it does.
struct Indexing {
    _folder: tempfile::TempDir,
    store: Store,
}

impl Indexing {
    fn new() -> Indexing {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create_or_open(&folder.path().join("store"), &mut |_| ()).unwrap();
        Indexing { _folder: folder, store }
    }

    fn index(&mut self, source: &str, posts: &[Post], gone: Gone<'_>, embedder: &LetterCounter) -> Indexed {
        let key = SourceKey::new(source);
        let mut writer = self.store.write(&mut |_| ()).unwrap();
        writer.register_source(&key, "").unwrap();
        let done = index_source(
            &mut writer,
            &key,
            Held { posts, links: &[], wishes: &std::collections::BTreeMap::new() },
            gone,
            embedder,
            &mut |_, _| (),
        )
        .unwrap();
        complete_space(&mut writer, embedder, &mut |_, _| ()).unwrap();
        done
    }

    fn ids(&self) -> Vec<String> {
        self.store.posts().unwrap().items.iter().map(|post| post.id.to_string()).collect()
    }
}

#[test]
fn only_what_is_new_or_reads_otherwise_is_embedded() {
    let (mut world, embedder) = (Indexing::new(), LetterCounter::new("letters"));
    let mut all = posts(&["a", "b", "c"]);
    let done = world.index("s", &all, Gone::Remove, &embedder);
    assert_eq!((done.added, done.embedded, embedder.take()), (3, 3, 3));
    let done = world.index("s", &all, Gone::Remove, &embedder);
    assert_eq!((done.unchanged, done.embedded, embedder.take()), (3, 0, 0));
    all[0].url = Some("https://blog.example/a".to_owned());
    all[1].title = "bread".to_owned();
    let done = world.index("s", &all, Gone::Remove, &embedder);
    assert_eq!((done.changed, done.unchanged, embedder.take()), (2, 1, 1));
    let done = world.index("s", &all[1..], Gone::Keep, &embedder);
    assert_eq!((done.kept, done.removed), (1, 0));
    let done = world.index("s", &all[1..], Gone::RemoveIf(&|id| id.as_str() == "a"), &embedder);
    assert_eq!((done.kept, done.removed, embedder.take()), (0, 1, 0));
    assert_eq!(world.ids(), ["b", "c"]);
}

#[test]
fn an_id_of_another_source_is_neither_stored_nor_embedded() {
    let (mut world, embedder) = (Indexing::new(), LetterCounter::new("letters"));
    world.index("one", &posts(&["a", "b"]), Gone::Remove, &embedder);
    embedder.take();
    let done = world.index("two", &posts(&["b", "c"]), Gone::Remove, &embedder);
    assert_eq!((done.added, done.taken.len(), embedder.take()), (1, 1, 1));
    assert_eq!(done.taken[0].owner, Some(SourceKey::new("one")));
    assert_eq!(world.ids(), ["a", "b", "c"]);
}

#[test]
fn another_model_embeds_all_once_and_the_old_vectors_stay() {
    let (mut world, old) = (Indexing::new(), LetterCounter::new("old"));
    let all = posts(&["a", "b"]);
    world.index("one", &all[..1], Gone::Remove, &old);
    world.index("two", &all[1..], Gone::Remove, &old);
    let new = LetterCounter::new("new");
    world.index("one", &all[..1], Gone::Remove, &new);
    assert_eq!(new.take(), 2);
    assert_eq!(world.store.active_space().unwrap(), Some(space_of(&new)));
    assert_eq!(world.store.spaces().unwrap().items.iter().map(|space| space.embeddings).collect::<Vec<_>>(), [2, 2]);
    old.take();
    world.index("one", &all[..1], Gone::Remove, &old);
    assert_eq!(old.take(), 0);
}

#[test]
fn no_vector_outlives_its_text_in_any_space() {
    let (mut world, old, new) = (Indexing::new(), LetterCounter::new("old"), LetterCounter::new("new"));
    let mut all = posts(&["a"]);
    world.index("s", &all, Gone::Remove, &old);
    all[0].title = "bread".to_owned();
    world.index("s", &all, Gone::Remove, &new);
    old.take();
    world.index("s", &all, Gone::Remove, &old);
    assert_eq!(old.take(), 1);
}

/// Posts of words that are drawn by chance, more than a graph is asked for.
fn many_posts() -> Vec<Post> {
    let words = ["rye", "bread", "cache", "index", "walk", "moss", "fern", "tile", "sand", "rope", "leaf", "kernel"];
    let mut random = fastrand::Rng::with_seed(8);
    let mut title = || (0..4).map(|_| words[random.usize(..words.len())]).collect::<Vec<_>>().join("-");
    let ids: Vec<String> = (0..700).map(|number| format!("{}-{number}", title())).collect();
    posts(&ids.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn a_graph_answers_as_all_posts_compared_do() {
    let corpus = Corpus::new(many_posts()).unwrap();
    let ids: Vec<String> = corpus.posts().iter().map(|post| post.id.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let (exact, mut walked) = (recommender(&ids), recommender(&ids));
    let graph = GraphIndex::build(&corpus, walked.embeddings(), &HnswOptions::default(), &mut |_| ()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.snapshot");
    graph.save(&path, "letters").unwrap();
    assert!(GraphIndex::open(&path, "other letters", &corpus, walked.embeddings()).is_err());
    let mut graph = GraphIndex::open(&path, "letters", &corpus, walked.embeddings()).unwrap();
    assert_eq!(graph.changed(), (0, 0));
    // Counted letters lie so near each other that four bits cannot tell the ten nearest apart, however far a walk goes.
    assert!(!graph.aim_at(0.99) && graph.ef_search() == 640);
    walked.set_graph(graph);
    for at in (0..700).step_by(70) {
        let (post, other) = (id(ids[at]), id(ids[(at + 33) % 700]));
        let options = RelatedOptions::default();
        let (one, all) = (walked.related(&post, &options).unwrap(), exact.related(&post, &options).unwrap());
        assert_eq!(one.recommendations, all.recommendations);
        assert!(one.rejected.considered < all.rejected.considered);
        let options = NextOptions::default();
        let history = [post, other];
        let (one, all) = (
            walked.next(&Reader::of(&history), &options).unwrap(),
            exact.next(&Reader::of(&history), &options).unwrap(),
        );
        assert_eq!((one.recommendations, one.rejected.already_read), (all.recommendations, 2));
        let query = Query { text: "bread and moss", vector: exact.embeddings().row(at) };
        let options = PathOptions::default();
        assert_eq!(
            walked.path_along(&query, &options).unwrap().steps,
            exact.path_along(&query, &options).unwrap().steps
        );
    }
}

#[test]
fn what_was_read_or_is_a_copy_leaves_room_for_answers() {
    // Three hundred posts about one thing, which the graph finds first, and fifty others.
    let ids: Vec<String> =
        (0..350).map(|at| format!("{}-{at}", if at < 300 { "rye-bread" } else { "fern-moss" })).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let (exact, mut walked) = (recommender(&ids), recommender(&ids));
    let options = HnswOptions::default();
    walked.set_graph(GraphIndex::build(walked.corpus(), walked.embeddings(), &options, &mut |_| ()).unwrap());
    let read: Vec<PostId> = ids[..300].iter().map(|read| id(read)).collect();
    let options = NextOptions { least: Least::Score(-1.0), ..NextOptions::default() };
    let (one, all) =
        (walked.next(&Reader::of(&read), &options).unwrap(), exact.next(&Reader::of(&read), &options).unwrap());
    assert_eq!((ids_of(&one, &walked), one.recommendations.len()), (ids_of(&all, &exact), options.limit));
}

#[test]
fn a_graph_of_other_days_finds_what_is_new_and_nothing_that_is_gone() {
    let all = many_posts();
    let world = |posts: &[Post]| {
        let ids: Vec<&str> = posts.iter().map(|post| post.id.as_str()).collect();
        recommender(&ids)
    };
    let (then, mut now) = (world(&all[..690]), world(&all[20..]));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.snapshot");
    let graph = GraphIndex::build(then.corpus(), then.embeddings(), &HnswOptions::default(), &mut |_| ()).unwrap();
    graph.save(&path, "letters").unwrap();
    let graph = GraphIndex::open(&path, "letters", now.corpus(), now.embeddings()).unwrap();
    assert_eq!((graph.changed(), graph.is_outdated()), ((10, 20), false));
    now.set_graph(graph);
    let exact = world(&all[20..]);
    for post in &all[680..] {
        let options = RelatedOptions::default();
        let (one, other) = (now.related(&post.id, &options).unwrap(), exact.related(&post.id, &options).unwrap());
        assert_eq!(one.recommendations, other.recommendations);
    }
    let graph =
        GraphIndex::open(&path, "letters", world(&all[100..]).corpus(), world(&all[100..]).embeddings()).unwrap();
    assert!(graph.is_outdated());
}

/// Posts of two kinds, some of which are copies of others, with tags, sources and dates.
fn mixed_world() -> Recommender {
    let kinds = ["cache", "cold cache", "warm cache", "rye bread", "bread oven", "bread"];
    let mut all: Vec<Post> = (0..40)
        .map(|at| {
            let title = format!("{} {}", kinds[at % 6], ["one", "two", "three", "four"][at / 6 % 4]);
            let mut post = crate::post::fixture::post(&format!("p{at:02}"), &title, "");
            post.tags = vec![["a", "b", "c"][at % 3].to_owned()];
            post.source = ["x", "y"][at % 2].to_owned();
            post.date = crate::post::PostDate::new(2020 + (at % 5) as i32, None, None);
            post
        })
        .collect();
    all.truncate(38);
    let corpus = Corpus::new(all).unwrap();
    let texts: Vec<String> = corpus.posts().iter().map(text_of).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let embeddings = LetterCounter::new("letters").embed(&texts).unwrap();
    Recommender::new(corpus, embeddings).unwrap()
}

fn some_reader(rng: &mut fastrand::Rng) -> Reader {
    let liking = |rng: &mut fastrand::Rng| match rng.u8(..4) {
        0 => Liking::Disliked,
        1 => Liking::Liked(0.6),
        _ => Liking::Liked(1.0),
    };
    let read = |rng: &mut fastrand::Rng| Read { post: id(&format!("p{:02}", rng.u8(..38))), liking: liking(rng) };
    Reader { reads: (0..rng.usize(1..9)).map(|_| read(rng)).collect(), ..Reader::default() }
}

fn some_options(rng: &mut fastrand::Rng) -> NextOptions {
    let sometimes = |rng: &mut fastrand::Rng, most: usize| rng.bool().then(|| rng.usize(1..=most));
    NextOptions {
        limit: rng.usize(1..12),
        least: if rng.bool() { Least::Score(-1.0) } else { Least::CloserThan(rng.f32()) },
        diversity: if rng.bool() { 0.0 } else { rng.f32() },
        surprise: if rng.bool() { 0.0 } else { rng.f32() },
        freshness_days: rng.bool().then_some(400.0),
        seed: rng.bool().then(|| rng.u64(..)),
        filter: Filter {
            without_tags: if rng.bool() { vec!["A".to_owned()] } else { Vec::new() },
            blocked: (0..rng.usize(..4)).map(|_| rng.usize(..38)).collect(),
            ..Filter::NONE
        },
        caps: Caps { per_source: sometimes(rng, 3), per_author: None, per_series: None },
        ..NextOptions::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn whatever_is_asked_nothing_read_blocked_or_kept_out_is_shown(seed in any::<u64>()) {
        let recommender = mixed_world();
        let mut rng = fastrand::Rng::with_seed(seed);
        let (reader, options) = (some_reader(&mut rng), some_options(&mut rng));
        let ask = || match reader.likes_something() {
            true => recommender.next(&reader, &options).unwrap(),
            false => recommender.cold_start(&reader, &options).unwrap(),
        };
        let answer = ask();
        prop_assert_eq!(&answer, &ask());
        prop_assert!(answer.recommendations.len() <= options.limit);
        let read: Vec<usize> = reader.reads.iter().map(|read| recommender.kinds()[recommender.position(&read.post).unwrap()]).collect();
        for shown in &answer.recommendations {
            let post = recommender.corpus().post(shown.position);
            prop_assert!(!read.contains(&recommender.kinds()[shown.position]), "{} was read", post.id);
            prop_assert_eq!(options.filter.excludes(shown.position, post), None);
            if let (Some(parts), Some(factors)) = (shown.parts, shown.factors) {
                prop_assert!((parts.sum() * factors.product() - shown.score).abs() < 1e-5);
            }
        }
        if let Some(cap) = options.caps.per_source {
            for source in ["x", "y"] {
                let of_source = answer.recommendations.iter().filter(|shown| recommender.corpus().post(shown.position).source == source);
                prop_assert!(of_source.count() <= cap);
            }
        }
    }

    #[test]
    fn without_diversity_and_surprise_the_order_is_that_of_relevance(seed in any::<u64>()) {
        let recommender = mixed_world();
        let mut rng = fastrand::Rng::with_seed(seed);
        let reader = some_reader(&mut rng);
        prop_assume!(reader.likes_something());
        let options = NextOptions { limit: 8, least: Least::Score(-1.0), diversity: 0.0, surprise: 0.0, ..NextOptions::default() };
        let few = recommender.next(&reader, &options).unwrap();
        let all = recommender.next(&reader, &NextOptions { limit: 100, ..options }).unwrap();
        prop_assert_eq!(&few.recommendations[..], &all.recommendations[..few.recommendations.len()]);
        prop_assert!(all.recommendations.is_sorted_by(|a, b| a.score > b.score || (a.score == b.score && a.position < b.position)));
        for shown in &all.recommendations {
            let factors = shown.factors.unwrap();
            prop_assert_eq!((factors.surprise, factors.freshness), (1.0, 1.0));
        }
        let post = &recommender.corpus().post(rng.usize(..38)).id;
        let related = recommender.related(post, &RelatedOptions { limit: 5, ..ALL }).unwrap();
        let all = recommender.related(post, &ALL).unwrap();
        prop_assert_eq!(&related.recommendations[..], &all.recommendations[..5]);
    }
}

#[test]
fn two_interests_share_the_list_and_zero_diversity_is_by_score_alone() {
    let ids: Vec<String> =
        (0..10).map(|at| format!("cache-{at}{at}")).chain((0..10).map(|at| format!("bread-{at}{at}"))).collect();
    let recommender = recommender(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    // Bread was read long ago.
    let reads: Vec<PostId> = ["bread-00", "bread-11", "cache-00", "cache-11", "cache-22", "cache-33"].map(id).to_vec();
    let options = NextOptions {
        limit: 4,
        least: Least::Score(-1.0),
        recency: Recency { half_life: 3.0 },
        ..NextOptions::default()
    };
    let count = |options: &NextOptions| {
        let answer = recommender.next(&Reader::of(&reads), options).unwrap();
        (answer.interests.unwrap(), ids_of(&answer, &recommender).iter().filter(|id| id.starts_with("bread")).count())
    };
    assert_eq!(count(&options), (2, 1));
    assert_eq!(count(&NextOptions { diversity: 0.0, ..options }), (2, 0));
}

#[test]
fn what_is_nearer_to_a_dislike_is_left_out() {
    let recommender = recommender(&["cache-one", "cache-two", "rye-bread", "rye-breads", "bread"]);
    let mut reader = Reader::of(&[id("cache-one"), id("rye-bread")]);
    reader.reads[1].liking = Liking::Disliked;
    let options = NextOptions { least: Least::Score(-1.0), ..NextOptions::default() };
    let answer = recommender.next(&reader, &options).unwrap();
    assert_eq!(ids_of(&answer, &recommender), ["cache-two"]);
    assert_eq!((answer.rejected.disliked, answer.rejected.already_read), (2, 2));
    reader.reads.remove(0);
    assert!(!reader.likes_something());
    let start = recommender.cold_start(&reader, &options).unwrap();
    assert!(!ids_of(&start, &recommender).contains(&"rye-bread".to_owned()) && !start.recommendations.is_empty());
}

#[test]
fn a_post_that_has_every_word_asked_for_is_found_however_little_else_there_is() {
    let mut ids: Vec<String> = (0..19).map(|at| format!("cache-{at}-{}", "ab".repeat(at))).collect();
    ids.push("zebra-stripes".to_owned());
    let recommender = recommender(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    let vector = recommender.embeddings().row(0).to_vec();
    let found = |text: &str, least: Least| {
        let options = RelatedOptions { least, ..ALL };
        let answer = recommender.search(&Query { text, vector: &vector }, &options).unwrap();
        ids_of(&answer, &recommender)
    };
    let never = Least::CloserThan(1.0);
    assert!(found("the zebra", never).contains(&"zebra-stripes".to_owned()));
    assert!(!found("zebra cache", never).contains(&"zebra-stripes".to_owned()));
    assert!(!found("the", never).contains(&"zebra-stripes".to_owned()));
    assert_eq!(found("zebra", Least::Score(2.0)), [""; 0]);
}
