//! Do topics, guides and digests say what is in the posts? Names, shares, weeks, claims, pages.

use serde_json::Value;

use super::room::{Room, Said, field};

fn json(room: &Room, line: &str) -> Value {
    serde_json::from_str(&room.run(&format!("{line} --json")).stdout).unwrap()
}

fn list<'a>(value: &'a Value, name: &str) -> Vec<&'a Value> {
    value[name].as_array().unwrap().iter().collect()
}

fn said(room: &Room, line: &str) -> Said {
    let said = room.run(line);
    assert_eq!(said.code, Some(0), "{line}: {}", said.stderr);
    said
}

#[test]
fn every_post_is_in_one_topic_or_in_none() {
    let room = Room::with_store();
    let view = json(&room, "topics");
    let topics = list(&view, "topics");
    let members = |of: &Value| of["members"].as_array().unwrap().iter().map(|id| id.to_string()).collect::<Vec<_>>();
    let mut all: Vec<String> = topics.iter().flat_map(|topic| members(topic)).chain(members(&view["other"])).collect();
    all.sort();
    assert_eq!((all.len(), view["posts"].as_u64()), (71, Some(71)));
    all.dedup();
    assert_eq!(all.len(), 71, "no post is in two");
    let parts = topics.iter().filter_map(|topic| topic["parts"].as_array()).flatten();
    let mut names: Vec<&str> =
        topics.iter().copied().chain(parts).map(|topic| topic["name"].as_str().unwrap()).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "no two topics of one name: {names:?}");
    assert!(topics.len() >= 3 && topics.iter().all(|topic| topic["posts"].as_u64().unwrap() >= 3));
    assert_eq!(said(&room, "topics").stdout, said(&room, "topics").stdout);
}

#[test]
fn topics_that_are_not_shown_are_counted() {
    let room = Room::with_store();
    let all = list(&json(&room, "topics"), "topics").len();
    let said = said(&room, "topics -n 1");
    assert!(said.stderr.contains(&format!("; -n {all} shows all")), "{}", said.stderr);
    assert_eq!(field(&room.run("topics -n 2 --format jsonl").stdout, "id").len(), 2);
    let error = room.run("topics --source nobody").error(2);
    assert!(error.contains("no post is of the source \"nobody\""), "{error}");
    assert!(room.run("related vmaf --format html").error(2).contains("only `guide` and `digest`"));
}

#[test]
fn a_digest_has_the_posts_of_its_days_and_quotes_them() {
    let room = Room::with_store();
    let view = json(&room, "digest --from 2026-05-01 --to 2026-05-08");
    let posts: Vec<&Value> = list(&view, "sections").into_iter().flat_map(|section| list(section, "posts")).collect();
    assert_eq!((posts.len(), view["posts"].as_u64()), (3, Some(3)));
    for post in posts {
        let date = post["date"].as_str().unwrap();
        assert!(("2026-05-01"..="2026-05-08").contains(&date), "{date}");
        let summary = post["summary"].as_str().unwrap();
        assert!(post["why"].as_str().is_none_or(|why| summary.contains(why)), "a sentence of its own: {post}");
    }
}

#[test]
fn a_digest_without_a_week_is_that_of_the_newest_post() {
    let room = Room::with_store();
    let newest = said(&room, "digest");
    assert!(newest.stderr.starts_with("2026-W23 is the week of the newest post"), "{}", newest.stderr);
    assert_eq!(said(&room, "digest --week 2026-W23").stdout, newest.stdout);
    assert!(newest.stdout.contains("week 2026-W23: 2026-06-01 to 2026-06-07"), "{}", newest.stdout);
    let empty = said(&room, "digest --week 2030-W01");
    assert_eq!(empty.stdout, "");
    let expect = "no posts from 2029-12-31 to 2030-01-06; the nearest with posts: 2026-W23";
    assert!(empty.stderr.starts_with(expect), "{}", empty.stderr);
    assert!(empty.stderr.contains("without a date that tells the day left out"), "{}", empty.stderr);
    for (line, expect) in [
        ("digest --week 2026-W54", "\"2026-W54\" is no week; give one as 2026-W10"),
        ("digest --from 2026-05-02 --to 2026-05-01", "exchange the two"),
        ("digest --from 2026-05 --to 2026-06-01", "\"2026-05\" is no day"),
    ] {
        assert!(room.run(line).error(2).contains(expect), "{line}");
    }
}

#[test]
fn a_guide_says_what_its_figures_show() {
    let room = Room::with_store();
    let view = json(&room, "guide");
    let years: u64 = list(&view["figures"], "years").iter().map(|year| year["posts"].as_u64().unwrap()).sum();
    assert_eq!((view["figures"]["posts"].as_u64(), view["figures"]["dated"].as_u64()), (Some(71), Some(years)));
    let topics = list(&view, "topics");
    let three: u64 = topics.iter().take(3).map(|topic| topic["posts"].as_u64().unwrap()).sum();
    let expect = format!("{:.0} % of 71 posts are about these", 100.0 * three as f64 / 71.0);
    assert!(view["read_it_when"][0].as_str().unwrap().ends_with(&expect), "{}", view["read_it_when"]);
    assert_eq!(list(&view, "start_here").len(), 7);
    let text = said(&room, "guide 'netflix techblog'").stdout;
    assert!(text.contains("A field guide to Netflix TechBlog") && text.contains("SKIP IT IF"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}

#[test]
fn pages_are_whole_and_compare_sources() {
    let room = Room::with_store();
    room.write(
        "content/a.md",
        "---\ntitle: Rye <b>bread</b>\ndate: 2026-06-02\n---\nRye bread rises in a warm oven, which makes it light.\n",
    );
    room.run("index content --source Bakery").notes();
    let page = said(&room, "guide 'Netflix TechBlog' --versus bakery --format html").stdout;
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"), "{page}");
    assert!(page.contains("Compared with Bakery") && page.contains("<a href=\"https://"), "{page}");
    assert!(!page.contains("<script"), "{page}");
    let page = said(&room, "digest --week 2026-W23 --format html").stdout;
    assert!(page.contains("Rye &lt;b&gt;bread&lt;/b&gt;") || page.contains("Rye bread"), "{page}");
    assert!(!page.contains("<b>"), "{page}");
    let markdown = said(&room, "guide --format md").stdout;
    assert!(markdown.starts_with("# A field guide to all posts here\n"), "{markdown}");
    assert!(room.run("guide Bakery --versus bakery").error(2).contains("two different sources are needed"));
}
