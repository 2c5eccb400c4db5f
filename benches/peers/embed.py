"""Sentence embedding by sentence-transformers, onnxruntime, OpenVINO and nextread, on the same texts in one run.

    python -m venv target/peers-venv
    target/peers-venv/bin/pip install -r benches/peers/embed-requirements.txt
    target/peers-venv/bin/python benches/peers/embed.py run --model FOLDER

`run` measures and prints the report, `report` prints it again from the results files. What is measured and how:
`--help` of each, and the notes under the report's tables. Needs Linux and a C compiler; the model is a folder as
sentence-transformers keeps it (all-MiniLM-L6-v2), which is exported to the peers' formats once. Our own bench is built
by Cargo unless its executable is given.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ADVICE = f"install what is measured: {sys.executable} -m pip install -r {HERE / 'embed-requirements.txt'}"

try:
    import numpy as np

    from embed import machine, nextread, report, stamp_of_model, stamp_of_texts, texts
    from embed.contenders import PEERS
    from embed.exports import Exports
    from index import Row, append
    from index.machine import ROOT, today
    from index.machine import row as machine_row
except ModuleNotFoundError as fault:
    raise SystemExit(f"the Python module {fault.name} is missing; {ADVICE}") from fault

FOLDER = ROOT / "target" / "peers-embed"
TEXTS = ROOT / "data" / "engineering-reads.jsonl"
CONTENDERS = (*PEERS, *nextread.ENGINES)
# What a peer and its exports import.
MODULES = {
    "sentence-transformers": ("sentence_transformers", "torch", "transformers"),
    "onnxruntime": ("onnx", "onnxruntime", "tokenizers", "torch", "transformers"),
    "openvino": ("openvino", "tokenizers", "torch", "transformers"),
    "openvino-i8": ("nncf",),
}
# What of a row says which measurement it is.
JOB_KEYS = ("contender", "round", "threads", "texts", "stamp", "max_isa")


def main() -> None:
    args = arguments()
    if args.verb == "run":
        run(args)
    else:
        try:
            print(report.markdown(report.read(args.results)))
        except (OSError, json.JSONDecodeError, KeyError) as fault:
            raise SystemExit(f"no results of this benchmark: {fault}") from fault


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    measure = verbs.add_parser("run", help="measure the contenders and print the report")
    measure.add_argument("--texts", type=Path, default=TEXTS, metavar="FILE",
                         help="JSONL with a field `text` or `summary` [default: the project's data]")
    measure.add_argument("--limit", type=positive, metavar="N", help="take the first texts only")
    measure.add_argument("--calibration", type=Path, default=TEXTS, metavar="FILE",
                         help="texts that OpenVINO's bytes are fitted to [default: the project's data]")
    measure.add_argument("--model", type=Path, metavar="DIR", default=default_model(),
                         help="the model's folder [default: NEXTREAD_MODEL_DIR, then models/all-MiniLM-L6-v2]")
    measure.add_argument("--cache", type=Path, default=FOLDER, metavar="DIR", help="keeps what is made once")
    measure.add_argument("--bench-binary", type=Path, metavar="FILE", help="our bench [default: Cargo builds it]")
    measure.add_argument("--threads", type=counts, default="1", metavar="N,...", help="1 is pinned to one CPU")
    measure.add_argument("--cpu", type=int, default=max(os.sched_getaffinity(0)), help="the CPU for one thread")
    measure.add_argument("--rounds", type=positive, default=3, help="all contenders once, then all again, ...")
    measure.add_argument("--runs", type=positive, default=2,
                         help="passes over the texts a round; the first is shown apart")
    measure.add_argument("--max-isa", choices=("avx2",), help="mask what is newer, for all that can be told so")
    measure.add_argument("--only", type=names, metavar="NAME,...", help=f"of {', '.join(CONTENDERS)}")
    measure.add_argument("--append", type=Path, metavar="FILE", help="begin this results file or go on with it")
    verbs.add_parser("report", help="print results again").add_argument("results", type=Path, nargs="+")
    return parser.parse_args()


def default_model() -> Path:
    return Path(os.environ.get("NEXTREAD_MODEL_DIR") or ROOT / "models" / "all-MiniLM-L6-v2")


def positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


def counts(text: str) -> list[int]:
    return [positive(part) for part in text.split(",")]


def names(text: str) -> list[str]:
    chosen = text.split(",")
    if unknown := set(chosen) - set(CONTENDERS):
        raise argparse.ArgumentTypeError(f"no contender is called {', '.join(sorted(unknown))}")
    return chosen


def run(args: argparse.Namespace) -> None:
    chosen = args.only or list(CONTENDERS)
    # The reference vectors are made by the first.
    require(["sentence-transformers-f32", *chosen])
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        if not (args.model / name).is_file():
            raise SystemExit(f"{args.model}: no {name}; pass --model DIR, the folder of all-MiniLM-L6-v2")
    if args.cpu not in os.sched_getaffinity(0):
        raise SystemExit(f"--cpu {args.cpu}: this process may not run there")
    embedded = texts.read(args.texts, args.limit)
    folder = args.cache / stamp_of_model(args.model)
    folder.mkdir(parents=True, exist_ok=True)
    exports = Exports(args.model.resolve(), folder.resolve(), args.calibration.resolve())
    source = texts.kept(embedded, folder.resolve())
    faults = exported(exports, chosen, source, exports.reference(embedded))
    if any(name in nextread.ENGINES for name in chosen):
        faults |= find_bench(args)
    results = args.append or args.cache / f"results-{today()}-{os.getpid()}.jsonl"
    rows = report.read([results]) if results.exists() else []
    done = {key(row) for row in rows if row["kind"] == "embed"}
    with open(results, "a", encoding="utf-8") as file:
        append(file, machine_row(filter(is_installed, machine.LIBRARIES)))
        if not any(row["kind"] == "peak" for row in rows):
            for row in machine.peak(args.cpu):
                append(file, row)
        for job in jobs(args, chosen, embedded, exports, source):
            if key(job) in done:
                continue
            said = {name: job[name] for name in (*JOB_KEYS, "unmasked", "linear_flop")}
            print(f"round {job['round']}: {job['contender']}, threads: {job['threads']}", file=sys.stderr, flush=True)
            append(file, {**said, **measured(args, job, exports.reference(embedded), faults)})
    print(report.markdown(report.read([results])))
    print(f"results: {results}", file=sys.stderr)


def key(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in JOB_KEYS)


def require(contenders: list[str]) -> None:
    """Ends with advice if a module is missing that a contender needs."""
    needed = {
        module
        for name, modules in MODULES.items()
        for module in modules
        if any(contender.startswith(name) for contender in contenders)
    }
    if missing := sorted(module for module in needed if importlib.util.find_spec(module) is None):
        raise SystemExit(f"missing Python modules: {', '.join(missing)}; {ADVICE}")


def is_installed(library: str) -> bool:
    try:
        return bool(importlib.metadata.version(library))
    except importlib.metadata.PackageNotFoundError:
        return False


def exported(exports: Exports, chosen: list[str], source: Path, reference: Path) -> dict[str, str]:
    """Has everything made that is not there yet; returns what went wrong, by contender."""
    faults = {}
    files = {"reference": reference, **{name: exports.needed(name) for name in chosen}}
    for name, file in files.items():
        if file is None or file.exists():
            continue
        print(f"making {file.name}", file=sys.stderr, flush=True)
        job = {
            "contender": name,
            "model": str(exports.model),
            "folder": str(exports.folder),
            "calibration": str(exports.calibration),
            "texts": str(source),
        }
        try:
            child("embed.exports", job, machine.environment(name, len(os.sched_getaffinity(0)), None))
        except ChildFault as fault:
            if name == "reference":
                raise SystemExit(f"the reference vectors cannot be made: {fault}") from fault
            faults[name] = f"not exported: {fault}"
    return faults


def find_bench(args: argparse.Namespace) -> dict[str, str]:
    """Sets the bench's executable where none is given; returns what went wrong, by contender."""
    try:
        args.bench_binary = args.bench_binary or Path(nextread.built_bench())
    except (OSError, subprocess.CalledProcessError, ValueError) as fault:
        return dict.fromkeys(nextread.ENGINES, f"not built: {fault}")
    return {}


class ChildFault(Exception):
    """A process of our own that failed, with the end of what it said."""


def child(module: str, job: Row, environment: dict[str, str]) -> str:
    """Runs a module of the package in a process of its own and returns what it prints."""
    command = [sys.executable, "-W", "ignore", "-m", module, json.dumps(job)]
    environment = {**environment, "PYTHONPATH": str(HERE)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise ChildFault(said[-1] if said else f"{module} ended with status {done.returncode}")
    return done.stdout


def jobs(
    args: argparse.Namespace, chosen: list[str], embedded: list[str], exports: Exports, source: Path
) -> Iterator[Row]:
    """Yields what is to be measured, contenders interleaved within each round."""
    shared = {
        "texts": args.texts.stem,
        "stamp": stamp_of_texts(embedded),
        "max_isa": args.max_isa,
        "runs": args.runs,
        "file_of_texts": str(source),
        "model": str(exports.model),
        "linear_flop": machine.linear_flop(args.model),
        "has_bf16": machine.has_bf16(args.max_isa),
    }
    for threads in args.threads:
        for turn in range(1, args.rounds + 1):
            for name in chosen:
                file = exports.needed(name)
                yield {
                    **shared,
                    "contender": name,
                    "round": turn,
                    "threads": threads,
                    "cpu": args.cpu if threads == 1 else None,
                    "file": str(file) if file else None,
                    "unmasked": bool(args.max_isa) and name.startswith(machine.UNMASKED),
                    "vectors": str(exports.folder / f"{os.getpid()}-vectors.f32"),
                }


def measured(args: argparse.Namespace, job: Row, reference: Path, faults: dict[str, str]) -> Row:
    """Returns what a contender's process says of it, with its vectors compared, or what went wrong."""
    name = job["contender"]
    try:
        if name in faults:
            raise ChildFault(faults[name])
        if name in PEERS and name.endswith("bf16") and not job["has_bf16"]:
            raise ChildFault("needs a CPU with bf16, and leave to use it")
        asked = {**job, "texts": job["file_of_texts"]}
        if name in nextread.ENGINES:
            said = nextread.measured(str(args.bench_binary), asked)
        else:
            environment = machine.environment(name, job["threads"], job["max_isa"])
            said = json.loads(child("embed.measure", asked, environment).splitlines()[-1])
        with np.load(reference) as found:
            vectors, tokens = found["vectors"], int(found["tokens"])
        return {"kind": "embed", **figures(said, tokens), **compared(Path(job["vectors"]), vectors)}
    except (ChildFault, OSError, subprocess.CalledProcessError, ValueError, IndexError, KeyError) as fault:
        print(f"{name}: {fault}", file=sys.stderr)
        return {"kind": "failed", "fault": str(fault)}
    finally:
        Path(job["vectors"]).unlink(missing_ok=True)


def figures(said: Row, tokens: int) -> Row:
    """Returns a row of what was said; of the queries' times, two. All are measured by the same count of word pieces."""
    times = said["query_ms"]
    kept = ("engine", "n_texts", "load_ms", "seconds", "peak_rss_mb")
    return {
        **{name: said[name] for name in kept},
        "tokens": tokens,
        "tokens_said": said.get("tokens", tokens),
        "batch_size": said.get("batch_size"),
        "query_p50_ms": statistics.median(times),
        "query_p99_ms": float(np.percentile(times, 99)),
    }


def compared(path: Path, reference: np.ndarray) -> Row:
    """Returns the cosines of the vectors in the file to those of the reference."""
    vectors = np.fromfile(path, "<f4").astype(np.float64)
    if vectors.size != reference.size:
        raise ValueError(f"{vectors.size:,} numbers in the vectors, {reference.size:,} in the reference")
    vectors = vectors.reshape(reference.shape)
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(reference.astype(np.float64), axis=1)
    cosines = (vectors * reference).sum(axis=1) / lengths
    return {
        "cosine_mean": float(cosines.mean()),
        "cosine_p1": float(np.percentile(cosines, 1)),
        "cosine_min": float(cosines.min()),
    }


if __name__ == "__main__":
    main()
