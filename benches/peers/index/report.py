"""The results as Markdown tables, one group for each corpus and number of threads."""

from __future__ import annotations

import json
import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from index import Row

RECALLS = (0.95, 0.98, 0.99)
COMPARISONS = (500, 1000, 2000, 4000)
KEY = ("kind", "contender", "round", "threads", "corpus", "vectors", "ef_search", "bytes")
OURS = "nextread"
# One thread that had less than this share of the time had to share its CPU.
SHARE_MIN = 0.95

NOTES = """\
Figures are the median of {rounds}; in brackets the least and the most. Queries a second at a recall lie on the line
between the two neighboring beams, the logarithm of queries a second over ann_recall@{k}; `-`: no beam measured gets
there; `≥`: the least beam measured is better already. All are asked in one batch (the loop is theirs);
`nextread-…-single` answers one query after another. Bytes a vector: growth of the process while building, for nextread what it reports;
`+` is the float32 vectors that reranking reads beside the index. The i8 contenders ask for 3 k candidates and rank them
again by float32: faiss by IndexRefineFlat, usearch by fvec_inner_products_by_idx of faiss. `usearch-i8` is usearch's
own conversion of unit vectors (127 × the number, cut off); `usearch-i8-scaled` is given bytes in which the corpus's
largest number is 127."""


def read(paths: Iterable[Path], key: tuple[str, ...] = KEY) -> list[Row]:
    """Returns the rows of results files; of rows measured twice, the later. `key` says which measurement a row is."""
    rows: dict[tuple[Any, ...], Row] = {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                rows[tuple(row.get(name) for name in key)] = row
    return list(rows.values())


def markdown(rows: list[Row]) -> str:
    measured = [row for row in rows if "contender" in row]
    groups = sorted({(row["corpus"], row["threads"]) for row in measured})
    parts = list(machine_lines(rows))
    for corpus, threads in groups:
        group = [row for row in measured if (row["corpus"], row["threads"]) == (corpus, threads)]
        called = "one thread" if threads == 1 else f"{threads} threads"
        parts += [f"### {Path(corpus).stem}, {called}", *graph_tables(group), *exact_tables(group)]
    return "\n\n".join(parts)


def machine_lines(rows: list[Row]) -> Iterator[str]:
    machine = next((row for row in reversed(rows) if row["kind"] == "machine"), None)
    if machine:
        versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
        yield f"{machine['cpu']}, {machine['cpus']} CPUs; {machine['date']}, commit {machine['commit']}; {versions}"
    speeds = [row for row in rows if row["kind"] == "read_speed"]
    if speeds:
        said = (f"{row['gb_per_s']:.0f} GB/s of {row['bytes'] / 1e6:,.1f} MB" for row in speeds)
        yield "One core reads " + ", ".join(said) + "."


def table(header: list[str], lines: Iterable[list[str]]) -> str:
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [header, rule, *lines])


def spread(values: list[float], shown: Callable[[float], str]) -> str:
    """Returns the median and, of several, the least and the most."""
    if not values:
        return "-"
    median = shown(statistics.median(values))
    return median if len(values) == 1 else f"{median} ({shown(min(values))}–{shown(max(values))})"


def whole(value: float) -> str:
    return f"{value:,.0f}"


def seconds(value: float) -> str:
    return f"{value:,.1f}" if value >= 1 else f"{value:.3f}"


def by_contender(rows: Iterable[Row], kind: str) -> dict[str, list[Row]]:
    """Returns the rows of one kind by contender, in the order of their appearance."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["kind"] == kind:
            found[row["contender"]].append(row)
    return dict(found)


def curves(points: list[Row]) -> list[list[Row]]:
    """Returns the points of each round, by beam."""
    rounds: dict[int, list[Row]] = defaultdict(list)
    for point in points:
        rounds[point["round"]].append(point)
    return [sorted(curve, key=lambda point: point["ef_search"]) for curve in rounds.values()]


def qps_at(curve: list[Row], recall: float) -> float | None:
    """Returns the queries a second at a recall, None where no beam reaches it."""
    if curve[0]["ann_recall"] >= recall:
        return curve[0]["qps"]
    for less, more in pairwise(curve):
        if less["ann_recall"] < recall <= more["ann_recall"]:
            share = (recall - less["ann_recall"]) / (more["ann_recall"] - less["ann_recall"])
            return math.exp(math.log(less["qps"]) * (1 - share) + math.log(more["qps"]) * share)
    return None


def recall_at(curve: list[Row], comparisons: float) -> float | None:
    """Returns the recall at a number of comparisons, linear in its logarithm, None outside of what was measured."""
    for less, more in pairwise(curve):
        if less["comparisons"] <= comparisons <= more["comparisons"] != less["comparisons"]:
            share = math.log(comparisons / less["comparisons"]) / math.log(more["comparisons"] / less["comparisons"])
            return less["ann_recall"] * (1 - share) + more["ann_recall"] * share
    return None


def speeds_at(points: list[Row], recall: float) -> list[float]:
    return [qps for curve in curves(points) if (qps := qps_at(curve, recall)) is not None]


def largest(rows: list[Row]) -> list[Row]:
    """Returns the rows of the largest graphs; our binary builds smaller ones for their exact search only."""
    sizes = [row["vectors"] for row in rows if row["kind"] == "point"]
    return [row for row in rows if sizes and row["vectors"] == max(sizes)]


def graph_tables(rows: list[Row]) -> Iterator[str]:
    rows = largest(rows)
    found = by_contender(rows, "point")
    if not found:
        return
    first = next(iter(found.values()))[0]
    k = first["k"]
    yield (
        f"{first['vectors']:,} vectors of {first['dimension']} numbers, k = {k}, M = {first['m']}, "
        f"ef_construction = {first['ef_construction']}."
    )
    header = ["graph", "build, s", "CPU, s", "bytes a vector", "in the file"]
    header += [f"queries/s at {recall}" for recall in RECALLS]
    yield table(header, [graph_line(name, rows, points) for name, points in found.items()] + ratio_lines(found))
    rounds = len({row["round"] for row in rows})
    yield NOTES.format(k=k, rounds="one round" if rounds == 1 else f"{rounds} rounds")
    shares = [point["cpu_share"] for points in found.values() for point in points if "cpu_share" in point]
    disturbed = sum(share < SHARE_MIN for share in shares)
    if first["threads"] == 1 and disturbed:
        yield f"At {disturbed} of the peers' {len(shares)} points something else ran on their CPU for some of the time."
    counted = {name: [p for p in points if p.get("comparisons")] for name, points in found.items()}
    lines = [comparison_line(name, points) for name, points in counted.items() if points]
    if lines:
        yield f"ann_recall@{k} at equal comparisons a query, where a library tells them (reranking not counted):"
        yield table(["graph", *(f"{count:,}" for count in COMPARISONS)], lines)


def graph_line(name: str, rows: list[Row], points: list[Row]) -> list[str]:
    built = by_contender(rows, "build").get(name, [])
    held = built or by_contender(rows, "load").get(name, [])
    memory = spread([row["bytes_per_vector"] for row in held], whole)
    beside = max((row.get("bytes_per_vector_beside", 0) for row in held), default=0)
    cells = [
        name,
        spread([row["seconds"] for row in built], seconds),
        spread([row["cpu_seconds"] for row in built if "cpu_seconds" in row], seconds),
        f"{memory} + {beside:,}" if beside else memory,
        spread([row["file_bytes"] / row["vectors"] for row in held if "file_bytes" in row][:1], whole),
    ]
    for recall in RECALLS:
        is_least = min(curve[0]["ann_recall"] for curve in curves(points)) >= recall
        cells.append("≥ " * is_least + spread(speeds_at(points, recall), whole))
    return cells


def ratio_lines(found: dict[str, list[Row]]) -> list[list[str]]:
    """Returns, for each of our graphs, how many times as fast it is as the fastest peer."""
    lines = []
    for name in (name for name in found if name.startswith(OURS)):
        cells = []
        for recall in RECALLS:
            speeds = {other: speeds_at(points, recall) for other, points in found.items()}
            medians = {other: statistics.median(values) for other, values in speeds.items() if values}
            peers = {other: qps for other, qps in medians.items() if not other.startswith(OURS)}
            best = max(peers, key=peers.__getitem__, default=None)
            cells.append(f"{medians[name] / peers[best]:.2f} × {best}" if best and name in medians else "-")
        lines.append([f"{name} / fastest peer", "", "", "", "", *cells])
    return lines


def comparison_line(name: str, points: list[Row]) -> list[str]:
    cells = [name]
    for count in COMPARISONS:
        recalls = [recall for curve in curves(points) if (recall := recall_at(curve, count)) is not None]
        cells.append(f"{statistics.median(recalls):.4f}" if recalls else "-")
    return cells


def exact_tables(rows: list[Row]) -> Iterator[str]:
    sizes = sorted({row["vectors"] for row in rows if row["kind"] == "exact"})
    for size in sizes:
        here = [row for row in rows if row["vectors"] == size]
        pairs = by_contender(here, "all_pairs")
        yield f"Exact search in {size:,} vectors:"
        header = ["exact", "queries/s, one at a time", "p50, ms", "p95, ms", "queries/s, in a batch", "all pairs, s"]
        yield table(header, [exact_line(name, found, pairs) for name, found in by_contender(here, "exact").items()])


def exact_line(name: str, found: list[Row], pairs: dict[str, list[Row]]) -> list[str]:
    return [
        name,
        spread([row["qps"] for row in found], whole),
        spread([row["p50_ms"] for row in found], lambda value: f"{value:.3f}"),
        spread([row["p95_ms"] for row in found], lambda value: f"{value:.3f}"),
        spread([row["batch_qps"] for row in found if "batch_qps" in row], whole),
        spread([row["seconds"] for row in pairs.get(name, [])], seconds),
    ]
