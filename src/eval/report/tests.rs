use html5gum::{DefaultEmitter, Token, Tokenizer};

use super::*;
use crate::eval::comparison::testing::{contest, contested};
use crate::eval::comparison::{CompareOptions, Contest, compare};
use crate::eval::provenance::{CollectionProvenance, ModelProvenance, Provenance, Speed};

fn outcome(contest: &Contest) -> Comparison {
    compare(contest, &CompareOptions { moved: 2, ..CompareOptions::default() }).unwrap()
}

/// Two systems, one collection, and hostile names and texts.
fn hostile() -> Contest {
    let systems = ["a|b", "<b>\"new\"_50%"].map(str::to_owned).to_vec();
    let entries: [&[f64]; 2] = [&[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], &[0.9, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]];
    Contest { systems, collections: vec![contested("<i>&amp;", &entries)], ..contest() }
}

#[test]
fn the_rows_of_a_terminal() {
    let mut shown = String::new();
    for part in table(&outcome(&hostile())) {
        match part {
            Part::Line(line) => shown += &format!("{line}\n"),
            Part::Rows(rows) => rows.iter().for_each(|row| shown += &format!("  {}\n", row.join(" | "))),
        }
    }
    insta::assert_snapshot!(shown, @r##"
    <i>&amp; · 7 queries
       | nDCG@10 | nDCG@1
      a|b | 0.4000 ±0.200 | 0.2857 ±0.451
      <b>"new"_50% | 0.6000 ±0.200 | 0.5714 ±0.494
       | measure | difference | p (t) | p (rand.) | win/tie/loss
      <b>"new"_50% − a|b | nDCG@10 | +0.200 ±0.245 | 0.185 | 0.031 | 7/0/0
       | nDCG@1 | +0.286 ±0.451 | 0.185 | 0.500 | 2/5/0
    p: Holm-corrected over 2 tests, all pairs × measures of the block
    → highest mean nDCG@10 on <i>&amp;: <b>"new"_50% 0.600, before a|b 0.400
    → <b>"new"_50% is above a|b in nDCG@10 on <i>&amp; (+0.200, p = 0.031)
    moved most, <b>"new"_50% − a|b:
      +0.800 | q00 | <script>alert(1)</script> | 100 % & \more_{x}
      +0.100 | q01 | what is a cache?
    "##);
}

#[test]
fn markdown_with_nothing_that_breaks_a_table() {
    insta::assert_snapshot!(markdown(&outcome(&hostile())), @r##"
    # a\|b, &lt;b>"new"\_50%

    ## &lt;i>&amp;amp; (7 queries)

    - highest mean nDCG@10 on &lt;i>&amp;amp;: &lt;b>"new"\_50% 0.600, before a\|b 0.400
    - &lt;b>"new"\_50% is above a\|b in nDCG@10 on &lt;i>&amp;amp; (+0.200, p = 0.031)

    |  | nDCG@10 | nDCG@1 |
    | --- | ---: | ---: |
    | a\|b | 0.4000 ±0.200 | 0.2857 ±0.451 |
    | &lt;b>"new"\_50% | **0.6000 ±0.200** | **0.5714 ±0.494** |

    | pair | measure | difference | p (t) | p (rand.) | win/tie/loss |
    | --- | --- | ---: | ---: | ---: | ---: |
    | &lt;b>"new"\_50% − a\|b | nDCG@10 | +0.200 ±0.245 | 0.185 | 0.031 | 7/0/0 |
    | &lt;b>"new"\_50% − a\|b | nDCG@1 | +0.286 ±0.451 | 0.185 | 0.500 | 2/5/0 |

    Holm's family: 2 tests, all pairs × measures above.

    Moved most by nDCG@10, &lt;b>"new"\_50% − a\|b:
    - +0.800 `q00` &lt;script>alert(1)&lt;/script> \| 100 % &amp; \\more\_{x}
    - +0.100 `q01` what is a cache?

    ±: 95 % interval (Student's t over queries). p: two-sided, Holm-corrected; paired t test, and randomisation test (10000 sign changes where not all can be tried, seed 0).
    "##);
}

#[test]
fn a_latex_table_with_marks() {
    insta::assert_snapshot!(latex(&outcome(&contest())), @r##"
    % needs \usepackage{booktabs}
    \begin{table}
    \centering
    \caption{Means over queries; the highest in bold. $\dagger$: significantly above bm25. $\ddagger$: significantly above every other system. Paired randomisation test (10000 sign changes, seed 0), two-sided, $p \leq 0.05$ after Holm's correction over all pairs and measures of a block.}
    \begin{tabular}{lrr}
    \toprule
     & nDCG@10 & nDCG@1 \\
    \midrule
    \multicolumn{3}{l}{\emph{pets\_1 (10 queries)}} \\
    bm25 & 0.2700 & 0.0000 \\
    dense & 0.2700 & 0.0000 \\
    hybrid & \textbf{0.6150}$^{\dagger\ddagger}$ & \textbf{0.8000}$^{\dagger\ddagger}$ \\
    \midrule
    \multicolumn{3}{l}{\emph{sea \& sky (3 queries)}} \\
    bm25 & \textbf{0.6000} & \textbf{0.6667} \\
    dense & \textbf{0.6000} & 0.3333 \\
    hybrid & 0.5667 & \textbf{0.6667} \\
    \midrule
    \multicolumn{3}{l}{\emph{mean of 2 collections}} \\
    bm25 & 0.4350 & 0.3333 \\
    dense & 0.4350 & 0.1667 \\
    hybrid & \textbf{0.5908}$^{\dagger}$ & \textbf{0.7333}$^{\dagger\ddagger}$ \\
    \bottomrule
    \end{tabular}
    \end{table}
    "##);
}

#[test]
fn latex_of_two_systems_needs_one_mark_and_escapes() {
    let text = latex(&outcome(&hostile()));
    assert!(!text.contains("ddagger"));
    assert!(text.contains("\\textless{}b\\textgreater{}\"new\"\\_50\\% & \\textbf{0.6000}$^{\\dagger}$"), "{text}");
}

#[test]
fn json_holds_everything() {
    let value: serde_json::Value = serde_json::from_str(&json(&outcome(&contest())).unwrap()).unwrap();
    assert_eq!(value["schema_version"], 1);
    let collection = &value["collections"][0];
    assert_eq!((&collection["name"], &collection["queries"]), (&"pets_1".into(), &10.into()));
    assert_eq!(collection["pairs"][1]["contrasts"][0]["randomisation"]["flips"], "exact");
    assert_eq!(collection["per_query"][0]["values"][2][0], 0.4);
    assert_eq!(value["overall"]["collections"][1], "sea & sky");
}

const VOID: [&str; 4] = ["meta", "br", "hr", "link"];

/// Reads a page and returns its tags; every element is closed in order, ids are unique, and nothing is fetched.
fn check_page(page: &str) -> Vec<String> {
    let (mut open, mut tags, mut ids) = (Vec::new(), Vec::new(), Vec::new());
    let emitter = DefaultEmitter::<usize>::new_with_span();
    for token in Tokenizer::new_with_emitter(page, emitter) {
        match token.unwrap() {
            Token::StartTag(tag) => {
                let name = String::from_utf8_lossy(&tag.name).into_owned();
                for (key, value) in tag.attributes {
                    let (key, value) =
                        (String::from_utf8_lossy(&key).into_owned(), String::from_utf8_lossy(&value).into_owned());
                    assert!(key != "src" && !key.starts_with("on"), "{name} {key}={value}");
                    assert!(!key.ends_with("href") || value.starts_with('#'), "{name} {key}={value}");
                    if key == "id" {
                        assert!(!ids.contains(&value), "the id {value} is there twice");
                        ids.push(value);
                    }
                }
                assert!(!["script", "link", "iframe", "object", "img"].contains(&name.as_str()), "{name}");
                if !tag.self_closing && !VOID.contains(&name.as_str()) {
                    open.push(name.clone());
                }
                tags.push(name);
            }
            Token::EndTag(tag) => assert_eq!(open.pop(), Some(String::from_utf8_lossy(&tag.name).into_owned())),
            Token::Error(fault) => panic!("{fault:?}"),
            _ => {}
        }
    }
    assert!(open.is_empty(), "never closed: {open:?}");
    assert!(!page.contains("url(") && !page.contains("@import"));
    for target in page.split("href=\"#").skip(1) {
        let id = target.split('"').next().unwrap_or_default();
        assert!(ids.iter().any(|known| known == id), "nothing has the id {id}");
    }
    tags
}

#[test]
fn the_page_is_well_formed_and_needs_nothing_else() {
    let comparison = outcome(&contest());
    let page = html(&comparison).unwrap();
    let tags = check_page(&page);
    // Means, three pairs and a curve on each of two collections; the means over both.
    assert_eq!(tags.iter().filter(|tag| *tag == "svg").count(), 11);
    assert_eq!(page, html(&comparison).unwrap());
    for text in
        ["hybrid is above bm25 in nDCG@10 over 2 collections (+0.156, p = 0.029).", "2 posts without text were skipped"]
    {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn hostile_names_and_texts_are_only_shown() {
    let page = html(&outcome(&hostile())).unwrap();
    let tags = check_page(&page);
    assert!(!tags.iter().any(|tag| tag == "b" || tag == "i"));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; | 100 % &amp; \\more_{x}"));
}

#[test]
fn collections_of_one_query_or_none_are_shown() {
    let mut contest = contest();
    contest.collections.push(contested("one", &[&[0.5], &[0.7], &[0.5]]));
    contest.collections.push(contested("none", &[&[], &[], &[]]));
    let comparison = outcome(&contest);
    let page = html(&comparison).unwrap();
    check_page(&page);
    assert!(page.contains("left out, without judged queries: none"));
    assert!(page.contains("one query does not show how much queries vary: one"));
    assert!(!page.contains("NaN") && !page.contains(">inf"));
    let texts = [markdown(&comparison), latex(&comparison), json(&comparison).unwrap()];
    assert!(texts.iter().all(|text| !text.contains("NaN") && !text.is_empty()));
}

fn known() -> Provenance {
    let collection = CollectionProvenance {
        name: "pets_1".to_owned(),
        split: "test".to_owned(),
        posts: 30,
        queries: 10,
        sha256: "c0ffee".to_owned(),
    };
    let model = ModelProvenance {
        name: "all-MiniLM-L6-v2".to_owned(),
        revision: "1110a243".to_owned(),
        sha256: "53aa5117".to_owned(),
        dimension: 384,
        pooling: "mean".to_owned(),
        long_texts: "windows".to_owned(),
        precision: "exact".into(),
    };
    Provenance {
        version: "0.1.0".to_owned(),
        retriever: "dense".to_owned(),
        model: Some(model),
        template: "{title} {summary}".to_owned(),
        collection,
        excludes_self: true,
        depth: 100,
        cpu: "Some CPU (avx2)".to_owned(),
        threads: 2,
    }
}

#[test]
fn the_page_says_from_what_the_runs_come() {
    let mut contest = contest();
    for entry in &mut contest.collections[0].entries[1..] {
        entry.provenance = Some(known());
        entry.speed =
            Some(Speed { embedded: 7, embed_ms: 1500.0, index_ms: 0.5, query_ms_p50: 0.25, query_ms_p95: 12.0 });
    }
    let page = html(&outcome(&contest)).unwrap();
    check_page(&page);
    for text in [
        "all-MiniLM-L6-v2",
        "1110a243",
        "53aa5117",
        "c0ffee",
        "{title} {summary}",
        "taken out",
        "Some CPU (avx2), 2",
        "7 texts in 1.5 s",
        "250 \u{b5}s",
        "12.0 ms",
        "no provenance stands beside the run: bm25.",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

fn index_report(points: &[(usize, f64, f64)]) -> IndexReport {
    let point = |&(ef_search, recall, qps): &(usize, f64, f64)| IndexPoint {
        ef_search,
        recall,
        qps,
        p50_ms: 1000.0 / qps,
        p95_ms: 2000.0 / qps,
    };
    IndexReport {
        index: "hnsw m=16".to_owned(),
        source: "random".to_owned(),
        vectors: 1000,
        dimension: 8,
        k: 10,
        queries: 100,
        build_seconds: 0.2,
        memory_bytes: 1 << 20,
        exact_qps: 50.0,
        points: points.iter().map(point).collect(),
        cpu: "Some CPU".to_owned(),
    }
}

#[test]
fn the_page_of_an_index_tells_the_first_beam_that_is_good_enough() {
    for (points, expect) in [
        (&[(10, 0.8, 500.0), (40, 0.96, 200.0), (80, 0.99, 100.0)][..], "With ef_search = 80 it finds 99.0 %"),
        (&[(10, 0.8, 500.0)], "No beam finds 99 % of the true neighbors; the best, ef_search = 10, finds 80.0 %."),
        (&[], "No beam was measured."),
    ] {
        let page = index_page(&index_report(points)).unwrap();
        check_page(&page);
        assert!(page.contains(expect), "{expect}");
    }
}

#[test]
fn points_without_a_rate_are_left_out_and_counted() {
    let page = index_page(&index_report(&[(10, 0.8, 0.0), (20, 0.9, 10.0)])).unwrap();
    assert!(page.contains("1 points without a rate are left out."));
}
