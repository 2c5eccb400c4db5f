//! Does a title stay a title in every form, whatever is in it? Each form is read back by a parser of its own.

use std::collections::BTreeSet;
use std::fs;

use html5gum::{Token, Tokenizer};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use serde_json::{Value, json};

use super::room::Room;

/// Titles that mean something in some language that is written.
const TITLES: [&str; 16] = [
    "<script>alert(1)</script>",
    "</script><!-- x --> ]]> --> <![CDATA[",
    "a & b &amp; &lt;c&gt; &#123;",
    "{{ site.secret }} {% include x %} {# c #} {%- raw -%}",
    "${x} #{y} <%= z %> `id` $(id)",
    "it's \"quoted\" \\ and \\\\ \\n",
    "*a* _b_ [c](d) ![e](f) `g` # h | i ~~j~~",
    "- a: b # c",
    "yes: [no, {x: 1}]",
    "=cmd|' /C calc'!A0",
    "+1 @x -2",
    "subgraph end; a --> b | %% c",
    "\u{202e}gpj.exe\u{202c} \u{200b}x",
    "emoji \u{1f980} \u{6771}\u{4eac} e\u{301}",
    "1. a) b",
    "javascript:alert(1)",
];

fn room() -> Room {
    let room = Room::empty();
    let post = |(number, title): (usize, &&str)| {
        let text = format!("A dough of rye flour rises over night and is baked in a hot oven, says {number}.");
        json!({"id": format!("p{number:02}"), "title": title, "url": format!("https://x.example/{number}?a=\"b\"&c={{{{d}}}}"), "text": text})
    };
    let lines: String = TITLES.iter().enumerate().map(post).map(|post| format!("{post}\n")).collect();
    room.feed("index -", lines.as_bytes()).notes();
    room
}

fn run(room: &Room, format: &str) -> String {
    room.run(&format!("links --format {format} --min-score -1 -n 20 --diversity 0")).stdout
}

/// Titles as they are stored: markup in them is read as text.
fn stored(room: &Room) -> Vec<String> {
    let listing: Value = serde_json::from_str(&run(room, "json")).unwrap();
    let titles: Vec<String> =
        listing["posts"].as_array().unwrap().iter().map(|post| post["title"].as_str().unwrap().to_owned()).collect();
    assert_eq!(titles.len(), TITLES.len());
    titles
}

#[test]
fn json_has_them_letter_for_letter() {
    let room = room();
    let titles = stored(&room);
    let feed: Value = serde_json::from_str(&run(&room, "json-feed")).unwrap();
    let of_feed: BTreeSet<&str> =
        feed["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap()).collect();
    assert_eq!(of_feed, titles.iter().map(String::as_str).collect());
    for line in run(&room, "jsonl").lines() {
        let post: Value = serde_json::from_str(line).unwrap();
        assert!(titles.contains(&post["title"].as_str().unwrap().to_owned()));
    }
}

#[test]
fn xml_has_them_letter_for_letter() {
    let room = room();
    let titles = stored(&room);
    let opml = run(&room, "opml");
    let outlines = nextread::sources::outlines(&opml).unwrap();
    assert!(!outlines.is_empty());
    for format in ["opml", "graphml"] {
        let mut reader = quick_xml::Reader::from_str(Box::leak(run(&room, format).into_boxed_str()));
        let (mut found, mut text) = (BTreeSet::new(), String::new());
        loop {
            use quick_xml::events::Event;
            match reader.read_event().unwrap() {
                Event::Start(tag) | Event::Empty(tag) => {
                    for attribute in tag.attributes() {
                        let raw = attribute.unwrap().value.into_owned();
                        found.insert(quick_xml::escape::unescape(&raw).unwrap().into_owned());
                    }
                    text.clear();
                }
                Event::Text(part) => text.push_str(&part),
                Event::GeneralRef(part) => text.push_str(&format!("&{};", &*part)),
                Event::End(_) => {
                    found.insert(quick_xml::escape::unescape(&text).unwrap().into_owned());
                }
                Event::Eof => break,
                _ => {}
            }
        }
        assert!(titles.iter().all(|title| found.contains(title)), "{format}: {found:?}");
    }
}

#[test]
fn html_has_them_as_text_and_no_template_finds_code() {
    let room = room();
    let titles = stored(&room);
    room.run("links --format html --out parts --min-score -1 -n 20 --diversity 0").notes();
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(room.path("parts")).unwrap() {
        let html = fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!html.contains("{{") && !html.contains("{%") && !html.contains("{#") && !html.contains("${"), "{html}");
        let mut link = None;
        for token in Tokenizer::new(&html) {
            match token.unwrap() {
                Token::StartTag(tag) => {
                    let name = String::from_utf8(tag.name.to_vec()).unwrap();
                    assert!(["aside", "ul", "li", "a", "time"].contains(&name.as_str()), "{name}");
                    let allowed = |key: &[u8]| [&b"class"[..], b"aria-label", b"href", b"datetime"].contains(&key);
                    assert!(tag.attributes.keys().all(|key| allowed(key)), "{name}");
                    if name == "a" {
                        let href = tag.attributes.iter().find(|(key, _)| key.as_slice() == b"href").unwrap().1;
                        let href = String::from_utf8(href.to_vec()).unwrap();
                        assert!(href.starts_with("https://x.example/") && href.ends_with("?a=\"b\"&c={{d}}"), "{href}");
                        link = Some(String::new());
                    }
                }
                Token::String(text) => {
                    if let Some(link) = &mut link {
                        link.push_str(std::str::from_utf8(&text).unwrap());
                    }
                }
                Token::EndTag(_) => found.extend(link.take()),
                _ => {}
            }
        }
    }
    assert_eq!(found, titles.into_iter().collect());
}

#[test]
fn markdown_has_them_as_text() {
    let room = room();
    let titles = stored(&room);
    let markdown = run(&room, "md");
    assert!(!markdown.contains("{{") && !markdown.contains("{%"), "{markdown}");
    let (mut found, mut link) = (BTreeSet::new(), None);
    for event in Parser::new(&markdown) {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => {
                assert!(dest_url.starts_with("https://x.example/"), "{dest_url}");
                link = Some(String::new());
            }
            Event::Text(text) => {
                if let Some(link) = &mut link {
                    link.push_str(&text);
                }
            }
            Event::End(TagEnd::Link) => found.extend(link.take()),
            Event::Html(html) | Event::InlineHtml(html) => panic!("{html}"),
            Event::Code(code) => panic!("{code}"),
            _ => {}
        }
    }
    assert_eq!(found, titles.into_iter().collect());
}
