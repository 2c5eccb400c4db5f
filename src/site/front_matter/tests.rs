use super::*;
use proptest::prelude::*;

fn list() -> Vec<String> {
    vec!["posts/b.md".to_owned(), "it's a \"c\": \\ #.md".to_owned()]
}

/// Writes and removes again; returns what was written.
#[track_caller]
fn round(text: &str) -> String {
    let new = write(text, &list(), &FieldPath::default()).unwrap_or_else(|refusal| panic!("{refusal}: {text:?}"));
    assert_eq!(remove(&new).unwrap(), text, "removed again");
    assert_eq!(write(&new, &list(), &FieldPath::default()).unwrap(), new, "written again");
    assert_eq!(write(&new, &[], &FieldPath::default()).unwrap(), text, "without links");
    assert_eq!(links(&new).unwrap().unwrap(), list());
    let mut others = fields(&new);
    others.shift_remove(FIELD);
    others.shift_remove(OURS_IN_JSON[0]);
    assert_eq!(others, fields(text));
    new
}

#[test]
fn lines_are_put_where_they_disturb_nothing() {
    let yaml = round("---\ntitle: A # my best\ntags: [x,   'y']\n---\nbody");
    assert_eq!(
        yaml,
        "---\ntitle: A # my best\ntags: [x,   'y']\n# written by nextread: begin\nrelated:\n  - \"posts/b.md\"\n  \
         - \"it's a \\\"c\\\": \\\\ #.md\"\n# written by nextread: end\n---\nbody"
    );
    let toml = round("+++\ntitle = 'A'\n\n# about x\n[extra]\nx = 1\n+++\n");
    assert!(
        toml.starts_with("+++\ntitle = 'A'\n# written by nextread: begin\nrelated = [\n  \"posts/b.md\",\n"),
        "{toml}"
    );
    let json = round("{\n\t\"title\": \"A\",\n\t\"x\": {}\n}\n\nbody");
    assert!(json.contains("\"x\": {},\n\t\"related_by\": \"nextread\",\n\t\"related\": [\"posts/b.md\", "), "{json}");
}

#[test]
fn every_byte_comes_back() {
    for text in [
        "\u{feff}---\r\ntitle: A\r\n---\r\nbody\r\n",
        "---\r\ntitle: A\n---\r\n",
        "---\n---\n",
        "---\n# only a comment\n---",
        "---\n  title: A\n  b:\n    c: 1\n---\n\n\n",
        "---\ntext: |\n  # written by hand\n  a\n\n---\n",
        "---\ntext: |+\n  a\n\n\n---\n",
        "---\ntext: >-\n  a\n  b\n...\nbody",
        "---\ntitle: a\n  b\n  c\n---\n",
        "---\nx: &a [1]\ny: *a\n---\n",
        "---\nparams:\n  related: [mine]\n---\n",
        "--- \ntitle: A\n--- \nbody",
        "+++\n+++\n",
        "+++\n[extra]\nx = 1\n+++\n",
        "+++\n[[resources]]\nname = 'a'\n+++\n",
        "+++\ntitle = '''\n[no table]\n'''\n[params]\nrelated = [1]\n+++\n",
        "+++\r\ntitle = 'A'\r\nlist = [\r\n  'a',\r\n]\r\n+++\r\nbody",
        "{}",
        "{ }\nbody",
        "{\n}\n",
        "{\"title\":\"A\"}\n",
        "{ \"title\": \"A\" }",
        "{\"title\": \"A\\\"}\", \"x\": [1, 2]}\nbody {}",
        "{\r\n  \"title\": \"A\"\r\n}\r\n",
    ] {
        round(text);
    }
}

#[test]
fn what_cannot_be_edited_safely_is_refused() {
    let [begin, end] = OURS;
    for (text, expect) in [
        ("# Title\n".to_owned(), "has no front matter"),
        (String::new(), "has no front matter"),
        ("---\ntitle: [\n---\n".to_owned(), "line 2: front matter is not valid YAML"),
        ("---\ntitle: A\n".to_owned(), "line 1: front matter is longer than 8192 bytes or never closed"),
        ("---\n{title: A}\n---\n".to_owned(), "there is no line"),
        ("---\nrelated: [a]\n---\n".to_owned(), "has a \"related\" of its own"),
        ("+++\n[related]\na = 1\n+++\n".to_owned(), "has a \"related\" of its own"),
        ("{\"related\": 1}".to_owned(), "has a \"related\" of its own"),
        (format!("---\n{begin}\nrelated: [a]\n---\n"), "the marks"),
        (format!("---\n{end}\nrelated: [a]\n{begin}\n---\n"), "the marks"),
        (format!("---\n{begin}\nrelated: [a]\ntitle: A\n{end}\n---\n"), "the marks"),
        (format!("---\ntext: |\n  {begin}\n  x\n  {end}\n---\n"), "the marks"),
        (
            "{\"related_by\": \"nextread\", \"x\": 1, \"related\": []}".to_owned(),
            "\"related_by\" and \"related\" do not",
        ),
        ("{\"related_by\":\"nextread\",\"related\":[]}".to_owned(), "\"related_by\" and \"related\" do not"),
    ] {
        let refusal = write(&text, &list(), &FieldPath::default()).unwrap_err().to_string();
        assert!(refusal.starts_with(expect), "{text:?}: {refusal}");
    }
    let long = format!("---\ntitle: {}\n---\n", "x".repeat(8_150));
    assert_eq!(write(&long, &list(), &FieldPath::default()).unwrap_err(), Refusal::TooLong(8_192));
    assert_eq!(write(&long, &[], &FieldPath::default()).unwrap(), long);
}

#[test]
fn what_was_not_written_is_not_removed() {
    for text in ["---\nrelated: [a]\n---\n", "# none", "---\nbad: [\n---\n", "{\"related_by\": \"me\"}", ""] {
        assert_eq!((remove(text).unwrap().as_str(), links(text).unwrap()), (text, None));
    }
}

/// Writes into a table and removes again; returns what was written.
#[track_caller]
fn round_in(text: &str, field: &str) -> String {
    let field = FieldPath::parse(field).unwrap();
    let new = write(text, &list(), &field).unwrap_or_else(|refusal| panic!("{refusal}: {text:?}"));
    assert_eq!(remove(&new).unwrap(), text, "removed again");
    assert_eq!(write(&new, &list(), &field).unwrap(), new, "written again");
    assert_eq!(links(&new).unwrap().unwrap(), list());
    // One who changes the name finds the links at the new place only.
    let moved = write(&new, &list(), &FieldPath::default()).unwrap();
    assert_eq!(remove(&moved).unwrap(), text);
    new
}

#[test]
fn tables_take_links_where_they_are_or_are_made() {
    let toml = round_in(
        "+++\ntitle = 'A'\n[taxonomies]\ntags = ['x']\n[extra] # mine\nx = 1\n\n[extra.y]\nz = 2\n+++\nbody",
        "extra.related",
    );
    assert!(toml.contains("[extra] # mine\n# written by nextread: begin\nrelated = [\n  \"posts/b.md\",\n"), "{toml}");
    let toml = round_in("+++\ntitle = 'A'\n+++\n", "extra.related");
    assert!(toml.starts_with("+++\ntitle = 'A'\n# written by nextread: begin\n[extra]\nrelated = [\n"), "{toml}");
    let yaml =
        round_in("---\ntitle: A\nextra:\n    x: 1 # one\n    y:\n      - 2\ntags: [a]\n---\nbody", "extra.related");
    assert!(
        yaml.contains("extra:\n    # written by nextread: begin\n    related:\n      - \"posts/b.md\"\n"),
        "{yaml}"
    );
    let yaml = round_in("---\ntitle: A\n---\n", "params.related");
    assert!(
        yaml.contains("title: A\n# written by nextread: begin\nparams:\n  related:\n    - \"posts/b.md\"\n"),
        "{yaml}"
    );
    for text in [
        "+++\nextra.x = 1\n+++\n",
        "+++\ntitle = 'A'\n[extra.y]\nz = 2\n+++\n",
        "+++\r\ntitle = 'A'\r\n[extra]\r\n+++\r\nbody",
        "+++\ntext = \"\"\"\n[extra]\n\"\"\"\n[extra]\nx = 1\n[a]\n+++\n",
        "---\nextra:\n---\n",
        "---\nextra: # none yet\ntitle: A\n---\n",
        "---\r\nextra:\r\n  x: 1\r\n---\r\nbody\r\n",
        "---\ntext: |\n  extra:\n    x: 1\nextra:\n  # a comment\n\n  x: 1\n---\n",
        "\u{feff}---\ntitle: A\nextra:\n  x: |+\n    a\n\n---\n",
    ] {
        round_in(text, "extra.related");
    }
    let extra = FieldPath::of_zola();
    for (text, expect) in [
        ("---\nextra: {x: 1}\n---\n", "there is no line"),
        ("+++\nextra = {x = 1}\n+++\n", "there is no line"),
        ("---\nextra: 1\n---\n", "there is no line"),
        ("+++\n[extra]\nrelated = 1\n+++\n", "has a \"extra.related\" of its own"),
        ("{\"title\": \"A\"}", "is JSON, in which links can only be called \"related\", not \"extra.related\""),
    ] {
        let refusal = write(text, &list(), &extra).unwrap_err().to_string();
        assert!(refusal.starts_with(expect), "{text:?}: {refusal}");
    }
}

proptest! {
    #[test]
    fn any_text_comes_back_or_is_refused(
        fence in prop::sample::select(vec!["---", "+++", "{"]),
        inside in prop::collection::vec(prop::sample::select(vec![
            "title: A", "title = 'A'", "\"a\": 1", ",", "}", "  b: |", "   text", "[t]", "- x", "# c", "", "\t", "related: []",
            OURS[0], OURS[1], "'''", "x = [", "]", "? k", "---", "+++", "é: ü", "extra:", "[extra]", "extra.x = 1", "  x: 1", "\"related_by\": \"nextread\",",
        ]), 0..8),
        end in prop::sample::select(vec!["\n", "\r\n"]),
        body in "[a-z\\n}+-]{0,12}",
    ) {
        let text = format!("{fence}{end}{}{end}{fence}{end}{body}", inside.join(end)).replace("{\n{", "{\n}");
        let before = remove(&text);
        for field in [FieldPath::default(), FieldPath::of_zola()] {
            if let Ok(new) = write(&text, &list(), &field) {
                prop_assert_eq!(&remove(&new).unwrap(), before.as_ref().unwrap());
                prop_assert_eq!(write(&new, &list(), &field).unwrap(), new);
            }
        }
    }

    #[test]
    fn any_names_come_back(names in prop::collection::vec("[\\PC\"'\\\\#:{}%-]{1,24}", 1..5)) {
        for text in ["---\ntitle: A\n---\n", "+++\ntitle = 'A'\n[extra]\nx = 1\n+++\n", "{\"title\": \"A\"}"] {
            for field in [FieldPath::default(), FieldPath::of_zola()] {
                match write(text, &names, &field) {
                    Ok(new) => prop_assert_eq!(links(&new).unwrap().unwrap(), names.clone()),
                    Err(refusal) => prop_assert_eq!(refusal, Refusal::NotInJson(field)),
                }
            }
        }
    }
}
