//! Does the audit find what is wrong with a site's links, and fail where it is told to?

use serde_json::Value;

use super::room::Room;

/// Two posts alike of which one names the other, and one about something else.
fn site() -> Room {
    let room = Room::empty();
    std::fs::create_dir(room.path("site")).unwrap();
    let post = |title: &str, body: &str| format!("---\ntitle: {title}\ndate: 2024-01-01\n---\n{body}\n");
    let bread = "A dough of rye flour rises over night and is baked in a hot oven of stone. ".repeat(3);
    let named = format!("{bread}Read first how bread rises slowly, and then come back to this.");
    room.write("site/slow.md", post("Bread Rises Slowly", &bread));
    room.write("site/oven.md", post("An Oven for Rye Bread", &named));
    room.write("site/ship.md", post("Steam Ships of Old", "A screw drives the ship from harbour to harbour."));
    room.run("index site").notes();
    room
}

fn found(report: &Value, check: &str) -> Vec<Value> {
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|found| found["name"] == check).unwrap();
    assert_eq!(check["count"], check["found"].as_array().unwrap().len());
    check["found"].as_array().unwrap().clone()
}

#[test]
fn orphans_and_missing_links_are_told_with_sentence_and_anchor() {
    let room = site();
    let report: Value = serde_json::from_str(&room.run("audit --json").data()).unwrap();
    assert_eq!(report["posts"], 3);
    for check in ["orphans", "dead-ends"] {
        assert_eq!(found(&report, check)[0]["id"], "ship", "{check}");
        assert_eq!(found(&report, check).len(), 1, "{check}");
    }
    let missing = found(&report, "missing-links");
    assert_eq!((missing.len(), &missing[0]["id"], &missing[0]["others"][0]["id"]), (1, &"oven".into(), &"slow".into()));
    assert_eq!(missing[0]["anchor"], "bread rises slowly");
    assert_eq!(missing[0]["sentence"], "Read first how bread rises slowly, and then come back to this.");
    let text = room.run("audit").data();
    assert!(text.starts_with("orphans           1  neither a text nor a list"), "{text}");
    assert!(
        text.contains("\n  An Oven for Rye Bread [oven] \u{2192} Bread Rises Slowly [slow]\n    \u{201c}Read first"),
        "{text}"
    );
    assert!(room.run("audit --format md").data().contains("## orphans: 1\n"));
}

#[test]
fn a_gate_ends_with_code_3_and_data_all_the_same() {
    let room = site();
    let said = room.run("audit --fail-on orphans>0 --fail-on hubs>0").failed_gate();
    assert!(said.contains("1 orphans, at most 0 allowed") && !said.contains("hubs"), "{said}");
    room.run("audit --fail-on orphans>1").data();
    let said = room.run("audit --fail-on orphan>0").error(2);
    assert!(said.contains("no check is called \"orphan\"; did you mean orphans?"), "{said}");
    assert!(room.run("audit --fail-on orphans").error(2).contains("write a check, `>` and a number"));
}
