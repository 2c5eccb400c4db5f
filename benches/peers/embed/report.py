"""The results as Markdown tables, one for each set of texts, number of threads and instruction set."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from embed import BATCH_SIZES, PIECES_MAX, TRIAL_TEXTS
from index import Row
from index.report import by_contender, machine_lines, spread, table, whole
from index.report import read as read_rows

# What of a row says which measurement it is.
KEY = ("kind", "contender", "round", "threads", "texts", "stamp", "max_isa", "isa", "number")
GROUP = ("texts", "stamp", "threads", "max_isa")
OURS = "nextread"
# Who is compared with whom. The first is the fastest of several.
RATIOS = {
    "nextread-exact": ("sentence-transformers-f32", "onnxruntime-f32", "openvino-f32"),
    "nextread-balanced": ("openvino-bf16",),
    "nextread-fast": ("openvino-i8",),
}

NOTES = """\
Word pieces are counted once, with [CLS] and [SEP] and without padding, texts cut at {pieces}. Tokens a second are the
median of {passes}, in brackets the least and the most; where a process made several passes its first is in the second
column only. All else is the median of {rounds}. Time runs from texts to unit vectors, tokens included. The peers sort
by length, pad to a batch's longest text and take the fastest of the batch sizes {sizes} (in brackets after the name),
found on the first {trial} texts, which also warms them up. Loading is without imports; memory is the process's peak,
imports included. The cosine is to sentence-transformers' vectors in float32. The last column is the linear layers'
share of what {peak} can do in float32; above 100 % is what narrower numbers give."""


def read(paths: Iterable[Path]) -> list[Row]:
    return read_rows(paths, KEY)


def markdown(rows: list[Row]) -> str:
    parts = [*machine_lines(rows), *peak_lines(rows)]
    measured = [row for row in rows if row["kind"] in ("embed", "failed")]
    groups = list(dict.fromkeys(tuple(row[name] for name in GROUP) for row in measured))
    # Fewer threads first, the whole CPU before a part of it.
    for group in sorted(groups, key=lambda group: (group[:3], group[3] or "")):
        chosen = [row for row in measured if tuple(row[name] for name in GROUP) == group]
        parts += group_parts(chosen, peak_gflops(rows, group[3]))
    return "\n\n".join(parts)


def peak_lines(rows: list[Row]) -> Iterator[str]:
    found = [row for row in rows if row["kind"] == "peak"]
    if found:
        units = {"f32": "GFLOP/s", "i8": "G operations/s in bytes"}
        said = (f"{whole(row['gops'])} {units[row['number']]} ({row['isa']})" for row in found)
        yield "One core can do " + ", ".join(said) + "."


def peak_gflops(rows: list[Row], max_isa: str | None) -> float | None:
    found = [row["gops"] for row in rows if row["kind"] == "peak" and row["number"] == "f32"
             and max_isa in (None, row["isa"])]
    return max(found, default=None)


def group_parts(rows: list[Row], peak: float | None) -> Iterator[str]:
    first = rows[0]
    called = "one thread" if first["threads"] == 1 else f"{first['threads']} threads"
    yield f"### {first['texts']}, {called}" + (f", at most {first['max_isa']}" if first["max_isa"] else "")
    found = by_contender(rows, "embed")
    if found:
        some = next(iter(found.values()))[0]
        yield f"{some['n_texts']:,} texts, {some['tokens']:,} word pieces."
        header = ["contender", "tokens/s", "first pass", "texts/s", "query p50, ms", "p99, ms", "load, ms", "peak, MB",
                  "cosine mean", "p1", "min", "of f32 peak"]
        yield table(header, [line(name, measured, peak) for name, measured in found.items()])
        yield from ratio_lines(found)
        for name, measured in found.items():
            if measured[0]["tokens_said"] != measured[0]["tokens"]:
                yield f"{name} itself counts {measured[0]['tokens_said']:,} word pieces."
        yield notes(found, first)
    done = {(row["contender"], row["round"]) for row in rows if row["kind"] == "embed"}
    failed = [row for row in rows if row["kind"] == "failed" and (row["contender"], row["round"]) not in done]
    yield from dict.fromkeys(f"{row['contender']}: {row['fault']}" for row in failed)


def rates(rows: list[Row]) -> list[float]:
    """Returns the word pieces a second of every pass but each process's first, if it made several."""
    return [row["tokens"] / seconds for row in rows for seconds in row["seconds"][1:] or row["seconds"]]


def first_rates(rows: list[Row]) -> list[float]:
    """Returns the word pieces a second of each process's first pass, which may meet lengths that it prepares for."""
    return [row["tokens"] / row["seconds"][0] for row in rows]


def line(name: str, rows: list[Row], peak: float | None) -> list[str]:
    speeds, some = rates(rows), rows[0]
    # Who cannot be masked has another peak.
    peak = None if some["unmasked"] else peak
    share = statistics.median(speeds) * some["linear_flop"] / (peak * 1e9 * some["threads"]) if peak else None
    sizes = sorted({row["batch_size"] for row in rows if row.get("batch_size")})
    said = name + (f" ({'/'.join(map(str, sizes))})" if sizes else "") + (", not masked" if some["unmasked"] else "")
    return [
        said,
        spread(speeds, whole),
        whole(statistics.median(first_rates(rows))),
        whole(statistics.median(speeds) * some["n_texts"] / some["tokens"]),
        *(middle(rows, field, decimals(1)) for field in ("query_p50_ms", "query_p99_ms")),
        *(middle(rows, field, whole) for field in ("load_ms", "peak_rss_mb")),
        *(middle(rows, field, decimals(5)) for field in ("cosine_mean", "cosine_p1", "cosine_min")),
        "-" if share is None else f"{share:.0%}",
    ]


def middle(rows: list[Row], field: str, shown: Callable[[float], str]) -> str:
    return shown(statistics.median(row[field] for row in rows))


def decimals(count: int) -> Callable[[float], str]:
    return lambda value: f"{value:.{count}f}"


def ratio_lines(found: dict[str, list[Row]]) -> Iterator[str]:
    """Yields how many times as fast ours are as the peers they are measured against."""
    medians = {name: statistics.median(rates(rows)) for name, rows in found.items() if not rows[0]["unmasked"]}
    lines = []
    for ours, peers in RATIOS.items():
        best = max((peer for peer in peers if peer in medians), key=medians.__getitem__, default=None)
        if ours in medians and best:
            lines.append([ours, best, f"{medians[ours] / medians[best]:.2f}"])
    if lines:
        yield table(["tokens/s of", "beside", "times as fast"], lines)


def notes(found: dict[str, list[Row]], first: Row) -> str:
    passes = max(len(rates(rows)) for rows in found.values())
    rounds = max(map(len, found.values()))
    threads = "one core" if first["threads"] == 1 else f"{first['threads']} cores"
    return NOTES.format(
        pieces=PIECES_MAX,
        trial=TRIAL_TEXTS,
        sizes=", ".join(map(str, BATCH_SIZES)),
        passes="one pass" if passes == 1 else f"{passes} passes",
        rounds="one round" if rounds == 1 else f"{rounds} rounds",
        peak=threads + (f" with {first['max_isa']}" if first["max_isa"] else ""),
    )
