//! Does `eval` measure what others made, and say what does not count?

use super::room::Room;

const QRELS: &str = "query-id\tcorpus-id\tscore\nq1\ta\t2\nq1\tb\t0\nq1\tc\t1\nq2\ta\t1\nq3\tb\t0\n";
/// The answers z and a of q1 are tied; q2 is not answered; q9 was not judged.
const RUN: &str = "q1 Q0 c 1 0.9 mine\nq1 Q0 z 2 0.8 mine\nq1 Q0 a 3 0.8 mine\nq3 Q0 b 1 1 mine\nq9 Q0 a 1 1 mine\n";

fn room() -> Room {
    let room = Room::empty();
    room.write("q.tsv", QRELS);
    room.write("r.run", RUN);
    room
}

#[test]
fn a_run_is_measured_and_what_does_not_count_is_said() {
    let room = room();
    let said = room.run("eval run r.run --qrels q.tsv -m nDCG@2,RR,P@2,R(rel=2)@3");
    assert_eq!(
        said.stderr,
        "q.tsv: 5 judgments for 3 judged queries\n\
         r.run: 1 of 3 judged queries have no answer and score 0\n\
         r.run: 1 of 3 judged queries have no relevant post and score 0\n\
         r.run: 1 of 3 answered queries were not judged and are left out\n\
         r.run: equal scores matter: nDCG@2 is 0.2866 here and 0.1267 with --ties trec-eval\n"
    );
    // q1: c, then a before z by id: nDCG@2 (1 + 2 / log2 3) / (2 + 1 / log2 3) = 0.8597, P@2 = 1, R(rel=2)@3 = 1.
    let table = said.data();
    let words: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(
        words,
        [["run", "nDCG@2", "RR", "P@2", "R(rel=2)@3"], ["r.run", "0.2866", "0.3333", "0.3333", "0.3333"]]
    );
    // trec_eval puts z before a: nDCG@2 1 / (2 + 1 / log2 3) = 0.3801.
    let trec = room.run("eval run r.run --qrels q.tsv -m nDCG@2,P@2 --ties trec-eval --format md").data();
    assert_eq!(trec, "| run | nDCG@2 | P@2 |\n|---|---:|---:|\n| r.run | 0.1267 | 0.1667 |\n");
}

#[test]
fn runs_side_by_side_as_json_and_every_query_as_csv() {
    let room = room();
    room.write("s.json", "{\"q1\": {\"a\": 2, \"c\": 1}, \"q2\": {\"a\": 1}}");
    let lines = room.run("eval run r.run s.json --qrels q.tsv -m RR,AP --format jsonl --per-query out/v.csv").data();
    let expect = r#"{"run":"s.json","name":"s.json","queries":3,"queries_without_answers":1,"queries_without_relevant":1,"queries_not_judged":0,"measures":{"RR":0.6666666666666666,"AP":0.6666666666666666}}"#;
    assert_eq!(lines.lines().nth(1), Some(expect));
    assert!(
        lines.starts_with("{\"run\":\"r.run\",\"name\":\"mine\",\"queries\":3,\"queries_without_answers\":1,"),
        "{lines}"
    );
    let csv = std::fs::read_to_string(room.path("out/v.csv")).unwrap();
    let expect = "collection,system,query,RR,AP\nq.tsv,r.run,q1,1,1\nq.tsv,r.run,q2,0,0\nq.tsv,r.run,q3,0,0\nq.tsv,s.json,q1,1,1\nq.tsv,s.json,q2,1,1\n\
         q.tsv,s.json,q3,0,0\n";
    assert_eq!(csv, expect);
    let json = room.run("eval run s.json --qrels q.tsv -m RR --format json").data();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["verb"], &json["results"][0]["queries"]), (&"eval run".into(), &3.into()));
}

#[test]
fn stdin_and_gzip_are_read_and_repeats_are_told() {
    let room = room();
    let qrels = "q1 0 a 1\nq1 0 a 1\nq1 0 c 1\nq1 0 c 0\n";
    let said = room.feed("eval run r.run --qrels - -m P@1", qrels.as_bytes());
    let note = "-: 1 repeated line left out; 1 judgment with another grade than an earlier line for the same \
                query and post, the first in line 4; the earlier one counts\n";
    assert!(said.stderr.contains(note), "{}", said.stderr);
    said.data();
    // `printf 'q1 Q0 c 1 0.9 x\n' | gzip -n`
    let packed = [
        31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 43, 52, 84, 8, 52, 80, 72, 86, 48, 84, 48, 208, 179, 84, 168, 224, 2, 0, 87,
        22, 9, 149, 16, 0, 0, 0,
    ];
    room.write("r.run.gz", packed);
    let table = room.run("eval run r.run.gz --qrels q.tsv -m RR").data();
    assert!(table.contains("0.3333"), "{table}");
    room.write("r.run.gz", &packed[..20]);
    let error = room.run("eval run r.run.gz --qrels q.tsv").error(1);
    assert!(error.starts_with("error: r.run.gz: gzip data is damaged or cut off; pack it again"), "{error}");
}

#[track_caller]
fn check(room: &Room, line: &str, code: i32, expect: &str) {
    assert_eq!(room.run(line).error(code), format!("error: {expect}"), "{line}");
}

#[test]
fn broken_files_and_wrong_words_are_named() {
    let room = room();
    room.write("grade.tsv", "q1 0 a 1\nq1 0 b high\n");
    room.write("two.run", "q1 Q0 a 1 1 x\nq1 Q0 a 2 0.5 x\n");
    room.write("other.run", "17 Q0 a 1 1 x\n");
    room.write("posts.run", "q1 Q0 a.md 1 1 x\nq1 Q0 b.md 1 1 x\n");
    room.write("empty.run", "\n");
    check(
        &room,
        "eval run r.run --qrels grade.tsv",
        1,
        "grade.tsv:2: the grade \"high\" is no whole number from -1000 to 1000; write 0 for not relevant, 1 and above for relevant",
    );
    check(
        &room,
        "eval run two.run --qrels q.tsv",
        1,
        "two.run:2: post \"a\" has another score for query \"q1\" in line 1; keep one of them",
    );
    let fit = "the judgments that belong to the run";
    check(
        &room,
        "eval run other.run --qrels q.tsv",
        1,
        &format!(
            "other.run and q.tsv do not fit: no query of the run is in the judgments: the run has \"17\", the judgments have \"q1\", \"q2\", \"q3\"; take {fit}"
        ),
    );
    check(
        &room,
        "eval run posts.run --qrels q.tsv",
        1,
        &format!(
            "posts.run and q.tsv do not fit: no post of the run is in the judgments: the run has \"a.md\", \"b.md\", the judgments have \"a\", \"b\", \"c\"; take {fit}"
        ),
    );
    check(
        &room,
        "eval run empty.run --qrels q.tsv",
        1,
        "empty.run: nothing is in it; it should hold a run: lines of query, Q0, post, rank, score, name",
    );
    let four = "a run has six (query, Q0, post, rank, score, name); judgments have three or four";
    check(&room, "eval run grade.tsv --qrels q.tsv", 1, &format!("grade.tsv:1: 4 columns; {four}"));
    check(
        &room,
        "eval run r.run --qrels q.tsv -m ndcg@10",
        2,
        "--measures: ndcg@10: no measure is called \"ndcg\"; did you mean nDCG?",
    );
    check(&room, "eval run - --qrels -", 2, "- is there more than once; stdin can be read for one file only");
    let error = room.run("eval run none.run --qrels q.tsv").error(1);
    assert!(error.starts_with("error: none.run: cannot be opened"), "{error}");
}

#[test]
fn pairs_of_texts_are_correlated_with_what_people_said() {
    let room = Room::empty();
    let pairs = "sentence1,sentence2,score\n\
                 A cat sleeps on the sofa.,The cat is asleep on the couch.,5\n\
                 A cat sleeps on the sofa.,A dog runs in the park.,1.5\n\
                 A cat sleeps on the sofa.,The central bank raised its interest rate.,0\n\
                 Same words.,Same words.,5\n";
    room.write("p.csv", pairs);
    let said = room.run("eval sts p.csv --truncate --format jsonl");
    assert!(said.stderr.contains("p.csv: 1 of 4 pairs are of one text with itself; they count\n"), "{}", said.stderr);
    let found: serde_json::Value = serde_json::from_str(&said.data()).unwrap();
    let value = |name: &str| found[name].as_f64().unwrap();
    // The two 5 are tied, our similarities are not: ranks 3.5 3.5 2 1 against 4 3 2 1.
    assert!((value("spearman") - 4.5 / (5.0 * 4.5f64).sqrt()).abs() < 1e-9, "{found}");
    assert!(value("pearson") > 0.9 && value("pairs") == 4.0, "{found}");
    let table = room.run("eval sts p.csv --truncate").data();
    assert!(table.contains("94.87"), "{table}");

    room.write("p.csv", "a,b,1\nc,d\n");
    let expect = "p.csv:2: 2 columns; pairs without a header have three: two texts, and the score first or last";
    check(&room, "eval sts p.csv", 1, expect);
}
