"""How one contender does, in a process of its own: `python -m embed.measure JOB`, a JSON object.

Prints one JSON line of the same fields as `benches/embed.rs --json`, without the number of word pieces, which is
counted once for all, and writes the vectors as that does.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from embed import BATCH_SIZES, N_QUERIES, QUERY, TRIAL_TEXTS, texts
from embed.contenders import PEERS, Peer, PeerOptions, import_library, set_threads

Result = TypeVar("Result")


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def peak_rss_mb() -> float:
    """Returns the most memory this process ever held.

    ru_maxrss would say so too, but Linux begins it with what the process that started this one held.
    """
    with open("/proc/self/status", encoding="ascii") as file:
        kilobytes = next(line.split()[1] for line in file if line.startswith("VmHWM:"))
    return int(kilobytes) / 1024


def best_batch_size(peer: Peer, trial: list[str]) -> int:
    """Returns the fastest batch size; each has a pass before the one that counts, which prepares kernels for shapes."""

    def second(size: int) -> float:
        peer.embed(trial, size)
        return timed(lambda: peer.embed(trial, size))[0]

    return min(BATCH_SIZES, key=second)


def measured(job: dict[str, Any], embedded: list[str]) -> tuple[dict[str, Any], np.ndarray]:
    options = PeerOptions(
        Path(job["model"]), Path(job["file"]) if job["file"] else None, job["threads"], job["has_bf16"]
    )
    load, peer = timed(lambda: PEERS[job["contender"]](options))
    size = best_batch_size(peer, embedded[:TRIAL_TEXTS])
    passes = [timed(lambda: peer.embed(embedded, size)) for _ in range(job["runs"])]
    queries = [timed(lambda: peer.embed([QUERY], 1))[0] for _ in range(N_QUERIES)]
    row = {
        "engine": job["contender"],
        "n_texts": len(embedded),
        "threads": job["threads"],
        "load_ms": load * 1e3,
        "seconds": [seconds for seconds, _ in passes],
        "query_ms": [seconds * 1e3 for seconds in queries],
        "peak_rss_mb": peak_rss_mb(),
        "batch_size": size,
    }
    return row, passes[-1][1]


def main(job: dict[str, Any]) -> None:
    if job["cpu"] is not None:
        os.sched_setaffinity(0, {job["cpu"]})
    import_library(job["contender"])
    set_threads(job["contender"], job["threads"])
    row, vectors = measured(job, texts.read(Path(job["texts"])))
    np.ascontiguousarray(vectors, "<f4").tofile(job["vectors"])
    print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
