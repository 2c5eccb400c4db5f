//! What is folded, what is not, and that the order of posts does not matter.

use proptest::prelude::*;

use super::*;
use crate::corpus::TermCounter;
use crate::post::PostDate;
use crate::post::fixture::post;

fn find(posts: &[Post], cosine: f32) -> Stories {
    let counter = TermCounter::default();
    let terms: Vec<Terms> = posts.iter().map(|post| counter.of_post(post)).collect();
    Stories::find(posts, &terms, &|_, _| cosine)
}

/// A post of a source of its own with `words` words, those from `from` on of a text that goes on for ever.
fn told(id: &str, title: &str, from: usize, words: usize) -> Post {
    let mut post = post(id, title, "");
    post.source = format!("blog of {id}");
    post.text = Some(text(from, words));
    post
}

fn text(from: usize, words: usize) -> String {
    let word = |at: usize| {
        let letter = |n: usize| char::from(b'a' + (n % 26) as u8);
        format!("{}x{}q{}", letter(at), letter(at / 26), letter(at * at / 7))
    };
    (from..from + words).map(word).collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(posts: &[Post], cosine: f32, expect: &[usize]) {
    assert_eq!(find(posts, cosine).originals(), expect);
}

#[test]
fn a_text_is_known_again_edited_cut_or_with_a_comment() {
    let mut posts = [
        told("a", "Why bread rises in the cold", 0, 300),
        told("b", "Why bread rises", 0, 300),
        told("c", "Why bread rises in the cold | Planet", 0, 100),
        told("d", "On “Why bread rises in the cold”", 400, 60),
        told("e", "Why bread rises in the cold", 700, 300),
    ];
    posts[3].text = Some(format!("{}\n\n{}", text(400, 60), text(0, 300)));
    posts[0].date = PostDate::parse("2020-01-01");
    check(&posts, 0.9, &[0, 0, 0, 0, 4]);
    let stories = find(&posts, 0.9);
    let told: Vec<_> = stories.told_again().map(|(first, copies)| (first, copies.len())).collect();
    assert_eq!(told, [(0, 3)]);
    assert!(stories.copies(0).iter().all(|copy| copy.precedence == Precedence::Older));
    assert!(matches!(stories.copies(0)[0].sameness, Sameness::Words { share } if share > 0.9));
}

#[test]
fn parts_versions_and_issues_are_stories_of_their_own() {
    for (a, b) in [
        ("Bread 1.2 released", "Bread 1.3 released"),
        ("Bread survey 2019", "Bread survey 2020"),
        ("Bread 2.0 Beta 1", "Bread 2.0"),
        ("Bread in March", "Bread in April"),
        ("Bread, part 1", "Bread, part 2"),
        ("Bread (pt. 1/2)", "Bread (pt. 2/2)"),
    ] {
        let posts = [told("a", a, 0, 300), told("b", b, 10, 290)];
        check(&posts, 1.0, &[0, 1]);
    }
    // A text that comes again a year later with some new words, as that of a survey does.
    let mut posts = [told("a", "Share your feedback", 0, 60), told("b", "Share your feedback", 12, 60)];
    check(&posts, 1.0, &[0, 0]);
    (posts[0].date, posts[1].date) = (PostDate::parse("2019-11-01"), PostDate::parse("2020-11-01"));
    check(&posts, 1.0, &[0, 1]);
}

#[test]
fn one_page_is_one_story_unless_all_speaks_against_it() {
    let mut posts =
        [told("a", "Why bread rises", 0, 200), post("b", "Worth a look", "It is the cold."), post("c", "C", "")];
    for post in &mut posts {
        post.source = format!("blog of {}", post.id);
        post.url = Some("https://bread.example/rises".to_owned());
    }
    posts[1].url = Some("http://www.bread.example/rises/?utm_source=digest".to_owned());
    posts[2].url = Some("https://bread.example/rises#comments".to_owned());
    check(&posts, 0.6, &[0, 0, 2]);
    check(&posts, 0.1, &[0, 1, 2]);
    assert_eq!(find(&posts, 0.6).copies(0)[0].sameness, Sameness::Page);
}

#[test]
fn a_card_goes_with_the_post_of_its_title_where_that_is_the_only_one() {
    let mut posts = vec![
        told("a", "Why bread rises in the cold", 0, 200),
        post("b", "Why bread rises in the cold", "Yeast is slow, and that is good."),
        post("c", "Bread", "Short titles are many's."),
        told("d", "Bread", 500, 100),
    ];
    (posts[1].source, posts[2].source) = ("digest".into(), "digest".into());
    check(&posts, 0.7, &[0, 0, 2, 3]);
    check(&posts, 0.3, &[0, 1, 2, 3]);
    let copy = find(&posts, 0.7).copies(0)[0];
    assert_eq!((copy.sameness, copy.precedence), (Sameness::Title { similarity: 0.7 }, Precedence::WholeText));
    // Of two posts with that title, nothing tells which one the card means.
    let mut again = told("e", "Why bread rises in the cold", 900, 200);
    again.source = posts[0].source.clone();
    posts.push(again);
    check(&posts, 0.7, &[0, 1, 2, 3, 4]);
}

#[test]
fn one_source_repeats_a_post_only_word_for_word() {
    let mut posts = ["a", "b", "c", "d"].map(|id| post(id, "Survey", "Take part."));
    posts[0].text = Some("This year we asked about editors and debuggers.".to_owned());
    posts[1].text = Some("Now we ask about modules, proxies, and generics instead.".to_owned());
    posts[2].text = Some("This year we asked about editors, and debuggers!".to_owned());
    posts[3].title = "survey ".to_owned();
    // The copy without its text stands for the first.
    check(&posts, 1.0, &[0, 1, 0, 0]);
    check(&[told("a", "Why bread rises", 0, 200), told("b", "Why bread rises, again", 0, 200)], 0.5, &[0, 0]);
}

#[test]
fn the_original_stands_at_its_own_address_has_its_text_and_is_older() {
    let whole = told("z", "Why bread rises in the cold", 0, 300);
    let card = |id: &str, source: &str, url: &str| {
        let mut card = post(id, "Why bread rises in the cold", &text(0, 40));
        (card.source, card.url) = (source.to_owned(), Some(url.to_owned()));
        card
    };
    let mut own = whole.clone();
    own.url = Some("https://bread.example/rises".to_owned());
    let mut posts = vec![card("a", "digest", "https://bread.example/rises"), own];
    posts.extend(["b", "c"].map(|id| {
        let mut other = card(id, "digest", &format!("https://digest.example/{id}"));
        (other.title, other.summary.text) = (id.repeat(9), id.repeat(40));
        other
    }));
    let stories = find(&posts, 0.7);
    assert_eq!(stories.originals(), [1, 1, 2, 3]);
    assert_eq!(stories.copies(1)[0].precedence, Precedence::OwnAddress);
}

fn some_post() -> impl Strategy<Value = (usize, usize, usize, usize, Option<usize>, bool)> {
    (0..4_usize, 0..3_usize, 0..4_usize, 0..120_usize, prop::option::of(0..3_usize), any::<bool>())
}

fn make(
    at: usize,
    (title, source, from, words, page, is_dated): (usize, usize, usize, usize, Option<usize>, bool),
) -> Post {
    let titles = ["Why bread rises in the cold", "Why bread rises", "Bread 1.2 released", "Bread 1.3 released"];
    let mut post = told(&format!("p{at:02}"), titles[title], from * 20, words);
    post.source = format!("source {source}");
    post.url = page.map(|page| format!("https://bread.example/{page}"));
    post.date = PostDate::parse(&format!("20{:02}", 10 + at)).filter(|_| is_dated);
    post.text = post.text.filter(|_| words > 20);
    post
}

proptest! {
    #[test]
    fn a_fold_is_an_equivalence_and_does_not_depend_on_the_order(
        posts in prop::collection::vec(some_post(), 0..14),
        order in any::<prop::sample::Index>().prop_map(|index| index.index(1_000)),
    ) {
        let posts: Vec<Post> = posts.into_iter().enumerate().map(|(at, told)| make(at, told)).collect();
        let stories = find(&posts, 0.6);
        for (position, &original) in stories.originals().iter().enumerate() {
            prop_assert_eq!(stories.originals()[original], original);
            let copies = stories.copies(original);
            prop_assert_eq!(copies.iter().any(|copy| copy.position == position), original != position);
        }
        let mut shuffled: Vec<usize> = (0..posts.len()).collect();
        fastrand::Rng::with_seed(order as u64).shuffle(&mut shuffled);
        let again: Vec<Post> = shuffled.iter().map(|&at| posts[at].clone()).collect();
        let found = find(&again, 0.6);
        let by_first = |at: usize| shuffled[found.originals()[at]];
        for (at, &position) in shuffled.iter().enumerate() {
            prop_assert_eq!(by_first(at), stories.originals()[position]);
        }
    }
}
