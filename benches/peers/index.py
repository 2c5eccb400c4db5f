"""Nearest-neighbor search by hnswlib, faiss, usearch, numpy and nextread, on the same vectors in one run.

    python -m venv target/peers-venv
    target/peers-venv/bin/pip install -r benches/peers/index-requirements.txt
    target/peers-venv/bin/python benches/peers/index.py run

`vectors` makes the vectors from text that this machine has, `run` measures and prints the report, `report` prints it
again from the results files. What is measured and how: `--help` of each, and the notes under the report's tables.
Needs Linux, a C and a C++ compiler (hnswlib is built from source, for this CPU), and our binary, built for release.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from index import Row, append, machine, nextread, report, vectors
from index.contenders import EXACT, GRAPHS, thread_environment

HERE = Path(__file__).parent
FOLDER = machine.ROOT / "target" / "peers-index"
BINARY = machine.ROOT / "target" / "release" / "nextread"
RECORD = machine.ROOT / "benches" / "record"
EF_SEARCH = "10,14,20,28,40,57,80,113,160,226,320,453,640,800"
# What of a row says which measurement it is.
JOB_KEYS = ("contender", "round", "threads", "corpus", "vectors")


def main() -> None:
    args = arguments()
    if args.verb == "vectors":
        vectors.make(args.vectors, str(args.binary))
    elif args.verb == "run":
        run(args)
    else:
        print(report.markdown(report.read(args.results)))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    make = verbs.add_parser("vectors", help="make the vectors once: sentences of this machine, embedded by our binary")
    measure = verbs.add_parser("run", help="measure the contenders and print the report")
    for verb in (make, measure):
        verb.add_argument("--vectors", type=Path, default=FOLDER, metavar="DIR", help="the cache folder")
        verb.add_argument("--binary", type=Path, default=BINARY, help="our binary")
    measure.add_argument("--set", choices=("corpus", "million"), default="corpus", help="which of the made vectors")
    measure.add_argument("--corpus", type=Path, help="search in these vectors (.npy) instead of made ones")
    measure.add_argument("--query-vectors", type=Path, help="with --corpus: what to search for (.npy)")
    measure.add_argument("--rows", type=int, help="take the first rows of the corpus only")
    measure.add_argument("-k", type=int, default=10)
    measure.add_argument("--m", type=int, default=16, help="links a node")
    measure.add_argument("--ef-construction", type=int, default=200)
    measure.add_argument("--ef-search", type=numbers, default=EF_SEARCH, metavar="N,...")
    measure.add_argument("--exact-sizes", type=numbers, default="1000,10000,100000", metavar="N,...",
                         help="where exact search and all pairs are measured; sizes beyond the corpus are left out")
    measure.add_argument("--threads", type=int, default=1, help="1 is pinned to one CPU; 0 is all")
    measure.add_argument("--cpu", type=int, default=max(os.sched_getaffinity(0)), help="the CPU for --threads 1")
    measure.add_argument("--rounds", type=int, default=3, help="all contenders once, then all again, ...")
    measure.add_argument("--only", type=names, metavar="NAME,...",
                         help=f"of {', '.join([*nextread.BUILDERS, *GRAPHS, *EXACT])}")
    measure.add_argument("--build-once", action="store_true",
                         help="keep the peers' graphs in the cache folder; rounds repeat the search only")
    measure.add_argument("--append", type=Path, metavar="FILE", help="begin this results file or go on with it")
    measure.add_argument("--record", action="store_true", help="keep the results in benches/record")
    verbs.add_parser("report", help="print results again").add_argument("results", type=Path, nargs="+")
    args = parser.parse_args()
    if args.verb == "run" and (args.corpus is None) != (args.query_vectors is None):
        parser.error("--corpus and --query-vectors go together")
    return args


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part]


def names(text: str) -> list[str]:
    chosen = text.split(",")
    unknown = set(chosen) - {*nextread.BUILDERS, *GRAPHS, *EXACT}
    if unknown:
        raise argparse.ArgumentTypeError(f"no contender is called {', '.join(sorted(unknown))}")
    return chosen


def run(args: argparse.Namespace) -> None:
    args.vectors.mkdir(parents=True, exist_ok=True)
    if args.corpus is None:
        vectors.make(args.vectors, str(args.binary))
        args.corpus, args.query_vectors = args.vectors / f"{args.set}.npy", args.vectors / "queries.npy"
        if args.set == "million":
            vectors.make_million(args.vectors)
    results = args.append or args.vectors / f"results-{machine.today()}-{os.getpid()}.jsonl"
    rows = report.read([results]) if results.exists() else []
    done = {key(row) for row in rows if row["kind"] == "done"}
    with open(results, "a", encoding="utf-8") as file:
        append(file, machine.row())
        if not any(row["kind"] == "read_speed" for row in rows):
            for row in machine.read_speed(args.cpu):
                append(file, row)
        for job in jobs(args):
            if key(job) in done:
                continue
            said = {name: job[name] for name in (*JOB_KEYS, "k", "m", "ef_construction", "dimension")}
            print(f"round {job['round']}: {job['contender']}, {job['vectors']:,} vectors", file=sys.stderr, flush=True)
            for row in measured(args, job):
                append(file, {**said, **row})
    print(report.markdown(report.read([results])))
    print(f"results: {results}", file=sys.stderr)
    if args.record:
        print(f"recorded: {recorded(results)}", file=sys.stderr)


def key(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in JOB_KEYS)


def jobs(args: argparse.Namespace) -> Iterator[Row]:
    """Yields what is to be measured, contenders interleaved within each round."""
    stored, dimension = np.load(args.corpus, mmap_mode="r").shape
    count = min(args.rows or stored, stored)
    chosen = args.only or [*nextread.BUILDERS, *GRAPHS, *EXACT]
    threads = args.threads or len(os.sched_getaffinity(0))
    sizes = [size for size in args.exact_sizes if size <= count]
    shared = {
        "corpus": str(args.corpus.resolve()),
        "query_vectors": str(args.query_vectors.resolve()),
        "folder": str(args.vectors.resolve()),
        "dimension": dimension,
        "k": args.k,
        "m": args.m,
        "ef_construction": args.ef_construction,
        "threads": threads,
        "cpu": args.cpu if threads == 1 else None,
        "build_once": args.build_once,
    }
    for turn in range(1, args.rounds + 1):
        for name in chosen:
            graph = {**shared, "contender": name, "round": turn, "ef_search": args.ef_search}
            if name in EXACT:
                # Minutes at 100,000 vectors: once is enough.
                yield from ({**graph, "vectors": size, "all_pairs": turn == 1} for size in sizes)
                continue
            if name == "nextread-bulk":
                small = {**graph, "ef_search": args.ef_search[:1], "all_pairs": True}
                yield from ({**small, "vectors": size} for size in sizes if size < count)
            yield {**graph, "vectors": count, "all_pairs": name == "nextread-bulk" and count in sizes}


def measured(args: argparse.Namespace, job: Row) -> Iterator[Row]:
    """Yields a contender's rows as they come; the last says that it is done, or what went wrong."""
    try:
        if job["contender"] in nextread.BUILDERS:
            job = {**job, "corpus": str(vectors.head(Path(job["corpus"]), job["vectors"], args.vectors))}
            yield from nextread.rows(str(args.binary), job)
        else:
            yield from peer_rows(job)
        yield {"kind": "done"}
    except (OSError, subprocess.CalledProcessError, ValueError) as fault:
        print(f"{job['contender']}: {fault}", file=sys.stderr)
        yield {"kind": "failed", "fault": str(fault)}


def peer_rows(job: Row) -> Iterator[Row]:
    command = [sys.executable, "-m", "index.measure", json.dumps(job)]
    environment = {**thread_environment(job["threads"]), "PYTHONPATH": str(HERE)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            yield json.loads(line)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command[:3])


def recorded(results: Path) -> Path:
    """Adds the results to the day's record of this CPU and returns its place; of rows told twice, the later counts."""
    folder = RECORD / machine.slug(machine.cpu_name())
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{machine.today()}-index.jsonl"
    with open(path, "a", encoding="utf-8") as file:
        for row in report.read([results]):
            if row["kind"] not in ("done", "failed"):
                append(file, {**row, "corpus": Path(row["corpus"]).stem} if "corpus" in row else row)
    return path


if __name__ == "__main__":
    main()
