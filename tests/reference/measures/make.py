"""Make expected.jsonl: what ir_measures, pytrec_eval, cwl_eval and scipy say about random runs.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python make.py

The first line names the versions and the measures. Then one line a run: judgments, answers (with ties, some of them only
among 32-bit numbers; missing queries; graded and negative judgments), and the values of every measure for every judged
query, in the order of the measures: "trec" with the ties of trec_eval, "ours" for the same answers in the order of
nextread (score, then id ascending), which is fed as scores that differ. Last, rows of numbers with their correlations.

ir_measures leaves the exponential gain to a script that rounds to five digits; here pytrec_eval is given 2^grade - 1 as
gains. A cut-off of RBP is made by cutting the run.
"""

import json
import pathlib
import platform
import random
from importlib.metadata import version

import ir_measures
import numpy
import scipy.stats
from ir_measures import AP, Bpref, Judged, P, R, RBP, RR, Success, nDCG

HERE = pathlib.Path(__file__).parent
RUNS = 200
ROWS = 40
EXPONENTIAL = {grade: 2**grade - 1 for grade in range(5)}
# The measure as we write it, as ir_measures computes it, and the answers that are kept.
MEASURES = [
    ("nDCG", nDCG, None),
    ("nDCG@1", nDCG @ 1, None),
    ("nDCG@5", nDCG @ 5, None),
    ("nDCG(dcg='exp-log2')", nDCG(gains=EXPONENTIAL), None),
    ("nDCG(dcg='exp-log2')@5", nDCG(gains=EXPONENTIAL) @ 5, None),
    ("AP", AP, None),
    ("AP@3", AP @ 3, None),
    ("AP(rel=2)@6", AP(rel=2) @ 6, None),
    ("RR", RR, None),
    ("RR@2", RR @ 2, None),
    ("RR(rel=3)@5", RR(rel=3) @ 5, None),
    ("P@1", P @ 1, None),
    ("P@10", P @ 10, None),
    ("P(rel=2)@3", P(rel=2) @ 3, None),
    ("R@3", R @ 3, None),
    ("R@100", R @ 100, None),
    ("R(rel=2)@5", R(rel=2) @ 5, None),
    ("Success@1", Success @ 1, None),
    ("Success(rel=3)@5", Success(rel=3) @ 5, None),
    ("Judged", Judged, None),
    ("Judged@4", Judged @ 4, None),
    ("RBP(p=0.8,rel=1)", RBP(rel=1), None),
    ("RBP(p=0.5,rel=2)", RBP(p=0.5, rel=2), None),
    ("RBP(p=0.95,rel=1)@3", RBP(p=0.95, rel=1), 3),
    ("Bpref", Bpref, None),
    ("Bpref(rel=2)", Bpref(rel=2), None),
]


def judge(rng, posts):
    grades = rng.choice([[0, 1], [0, 1, 2, 3, 4], [-2, -1, 0, 1, 2, 3], [1], [0], [-1, 0, 1]])
    judged = {post: rng.choice(grades) for post in rng.sample(posts, rng.randint(1, 12))}
    # pytrec_eval writes past its memory where all grades of a query are below 0.
    if max(judged.values()) < 0:
        judged[next(iter(judged))] = rng.choice([0, 1])
    return judged


def answer(rng, posts):
    scores = rng.choice([[0.25, 0.5, 0.75, 1.0], [1.0, 1.0 + 1e-9, 1.0 - 1e-9, 0.5], [rng.uniform(-5, 5) for _ in range(30)]])
    return {post: rng.choice(scores) for post in rng.sample(posts, rng.randint(1, 14))}


def make(rng):
    posts = [f"{letter}{number}" for letter in "Bdé" for number in range(7, 13)]
    queries = [f"q{number}" for number in range(8, 8 + rng.randint(1, 4))]
    qrels = {query: judge(rng, posts) for query in queries}
    run = {query: answer(rng, posts) for query in queries if rng.random() < 0.9}
    if rng.random() < 0.3:
        run["not judged"] = answer(rng, posts)
    return qrels, run


def order_of_trec_eval(answers):
    single = {post: numpy.float32(score) for post, score in answers.items()}
    by_id = sorted(single, key=lambda post: post.encode(), reverse=True)
    return sorted(by_id, key=lambda post: single[post], reverse=True)


def our_order(answers):
    return sorted(sorted(answers, key=lambda post: post.encode()), key=lambda post: answers[post], reverse=True)


def distinct(run, order, cutoff=None):
    """Scores that differ, in the order, cut off."""
    ranked = {query: order(answers)[:cutoff] for query, answers in run.items()}
    return {query: {post: float(100 - at) for at, post in enumerate(posts)} for query, posts in ranked.items()}


def values(qrels, run, order, tied):
    """One list a query. `tied` is what pytrec_eval gets; the others have another rule for ties and get the order."""
    found = {query: [] for query in qrels}
    for _, measure, cutoff in MEASURES:
        by_trec_eval = cutoff is None and ir_measures.pytrec_eval.supports(measure)
        provider = ir_measures.pytrec_eval if by_trec_eval else ir_measures
        given = tied if by_trec_eval else distinct(run, order, cutoff)
        of_query = {metric.query_id: metric.value for metric in provider.iter_calc([measure], qrels, given)}
        for query in qrels:
            found[query].append(round(float(of_query[query]), 9))
    return found


def rows(rng):
    length = rng.randint(2, 30)
    values = rng.choice([list(range(6)), [0.5, 1.5, 7.25, -3.0, 1e6], [rng.uniform(-1, 1) for _ in range(60)]])
    row = lambda: [rng.choice(values) for _ in range(length)]
    a, b = row(), row()
    while len(set(a)) < 2 or len(set(b)) < 2:
        a, b = row(), row()
    correlations = {
        "pearson": scipy.stats.pearsonr(a, b).statistic,
        "spearman": scipy.stats.spearmanr(a, b).statistic,
        "kendall": scipy.stats.kendalltau(a, b, variant="b").statistic,
    }
    return {"a": a, "b": b} | {name: float(value) for name, value in correlations.items()}


def main():
    rng = random.Random(3)
    names = ["ir-measures", "pytrec-eval-terrier", "cwl-eval", "scipy", "numpy"]
    head = {"python": platform.python_version()} | {name: version(name) for name in names}
    lines = [head | {"measures": [name for name, _, _ in MEASURES]}]
    for _ in range(RUNS):
        qrels, run = make(rng)
        trec = values(qrels, run, order_of_trec_eval, run)
        ours = values(qrels, run, our_order, distinct(run, our_order))
        lines.append({"qrels": qrels, "run": run, "trec": trec, "ours": ours})
    lines.extend(rows(rng) for _ in range(ROWS))
    text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
    (HERE / "expected.jsonl").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
