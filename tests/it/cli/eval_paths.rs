//! Does `eval paths` set our order beside the known one?

use super::room::Room;

fn room() -> Room {
    let room = Room::empty();
    let posts = [
        ("flour", "Flour", "What rye is."),
        ("dough", "Dough", "How flour and water become a dough."),
        ("loaf", "A loaf", "How a dough becomes a loaf in a hot oven."),
    ];
    let line = |(id, title, text): &(&str, &str, &str)| {
        format!("{{\"_id\": \"{id}\", \"title\": \"{title}\", \"text\": \"{text}\"}}\n")
    };
    room.write("posts.jsonl", posts.iter().map(line).collect::<String>());
    room
}

/// Returns τ and the share of pairs in order, by the order's name, of the first path.
fn measured(room: &Room, line: &str) -> Vec<(String, Option<f64>, f64)> {
    let said = room.run(&format!("eval paths {line} --posts posts.jsonl --format jsonl")).data();
    let record = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
    let row = |record: serde_json::Value| {
        (record["order"].as_str().unwrap().to_owned(), record["tau"].as_f64(), record["pairs_right"].as_f64().unwrap())
    };
    said.lines().map(|line| row(record(line))).collect()
}

#[test]
fn known_orders_stand_beside_simple_rules() {
    let room = room();
    room.write("order.txt", "flour\ndough\nloaf\n");
    let rows = measured(&room, "order.txt");
    assert_eq!(
        rows.iter().map(|row| row.0.as_str()).collect::<Vec<_>>(),
        ["nextread", "similarity chain", "by title", "shorter first", "chance"]
    );
    assert_eq!((rows[0].1, rows[0].2), (Some(1.0), 1.0));
    assert_eq!((rows[2].1, rows[3].1, rows[4].1), (Some(-1.0), Some(1.0), Some(0.0)));
    assert_eq!((rows[2].2, rows[3].2, rows[4].2), (0.0, 1.0, 0.5));
    room.write("given.txt", "loaf\nflour\ndough\n");
    let given = &measured(&room, "order.txt --order given.txt")[0];
    assert_eq!((given.0.as_str(), given.2), ("given", 1.0 / 3.0));
}

#[test]
fn dates_are_a_row_where_all_are_known() {
    let room = room();
    room.write("order.txt", "flour\ndough\nloaf\n");
    let dated = |(id, date): (&str, &str)| format!("{{\"id\": \"{id}\", \"title\": \"{id}\", \"date\": \"{date}\"}}\n");
    let posts = [("flour", "2026-03-01"), ("dough", "2026-02-01"), ("loaf", "2026-01-01")];
    room.write("posts.jsonl", posts.into_iter().map(dated).collect::<String>());
    assert_eq!(measured(&room, "order.txt")[1], ("by date".to_owned(), Some(-1.0), 0.0));
}

#[test]
fn prerequisites_and_several_paths() {
    let room = room();
    room.write("needs.tsv", "item\tneeds_first\nloaf\tdough\nloaf\tsalt\ndough\tflour\n");
    let said = room.run("eval paths needs.tsv --posts posts.jsonl");
    assert!(said.stderr.contains("needs.tsv: 1 id of no post left out, such as salt"), "{}", said.stderr);
    assert_eq!(measured(&room, "needs.tsv")[3], ("shorter first".to_owned(), None, 1.0));
    room.write("paths.jsonl", "{\"path\": \"one\", \"order\": [\"flour\", \"dough\"]}\n{\"path\": \"two\", \"order\": [\"loaf\", \"dough\"]}\n");
    let rows = measured(&room, "paths.jsonl");
    assert_eq!((rows.len(), &rows[13]), (15, &("shorter first".to_owned(), Some(0.0), 0.5)));
}

#[test]
fn ids_that_do_not_match_are_shown() {
    let room = room();
    room.write("order.txt", "a\nb\nc\nd\n");
    let error = room.run("eval paths order.txt --posts posts.jsonl").error(1);
    let expect = "order.txt: it names no post that is here: it has a, b, c, the posts are dough, flour, loaf; name its posts with --posts";
    assert!(error.contains(expect), "{error}");
    room.write("order.txt", "id\tposition\nflour\tfirst\n");
    let error = room.run("eval paths order.txt --posts posts.jsonl").error(1);
    assert!(error.contains("order.txt:2: position \"first\" is no number"), "{error}");
}
