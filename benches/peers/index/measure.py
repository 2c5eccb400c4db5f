"""How one contender does, in a process of its own: `python -m index.measure JOB`, a JSON object; prints JSON lines."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from index import Row, save, stamp
from index.contenders import ALL_PAIRS, EXACT, GRAPHS, Graph, GraphOptions, nearest, set_threads

# A beam's queries are asked again until this much time is measured.
SECONDS_MIN = 0.5
REPETITIONS_MAX = 20
# Two similarities this close are the same: sums of float32 in another order.
TIE = 1e-6


def resident_bytes() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def similarities(corpus: np.ndarray, queries: np.ndarray, positions: np.ndarray) -> np.ndarray:
    return np.stack([corpus[found] @ query for found, query in zip(positions, queries, strict=True)])


def truth(corpus: np.ndarray, queries: np.ndarray, k: int, folder: Path) -> np.ndarray:
    """Returns each query's similarity to its k-th nearest vector, from the folder where it was found before."""
    path = folder / f"truth-{k}-{stamp(corpus)}-{stamp(queries)}.npy"
    if not path.exists():
        found = [nearest(queries[i : i + 64] @ corpus.T, k) for i in range(0, len(queries), 64)]
        kth = similarities(corpus, queries, np.concatenate(found)).min(axis=1)
        save(path, kth)
    return np.load(path)


def ann_recall(corpus: np.ndarray, queries: np.ndarray, found: np.ndarray, kth: np.ndarray) -> float:
    """Returns the mean ann_recall@k; what is found with at least the k-th exact similarity counts.

    `nextread eval index` counts the same way.
    """
    near = similarities(corpus, queries, found) >= kth[:, None] - TIE
    counts = [len(set(ids[keep])) for ids, keep in zip(found, near, strict=True)]
    return statistics.mean(counts) / found.shape[1]


def timed(work: Callable[[], object]) -> tuple[float, float]:
    start, cpu_start = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - cpu_start


def repeated(work: Callable[[], object]) -> tuple[float, float]:
    """Returns the median time of the work, repeated for SECONDS_MIN, and the CPU's time as a share of all of it.

    A share below 1 of a single thread says that something else ran on its CPU.
    """
    times: list[tuple[float, float]] = []
    while not times or (sum(wall for wall, _ in times) < SECONDS_MIN and len(times) < REPETITIONS_MAX):
        times.append(timed(work))
    walls, cpus = zip(*times, strict=True)
    return statistics.median(walls), sum(cpus) / sum(walls)


def faiss_comparisons(work: Callable[[], object]) -> int:
    import faiss

    faiss.cvar.hnsw_stats.reset()
    work()
    return faiss.cvar.hnsw_stats.ndis


def build_row(job: Row, graph: Graph, corpus: np.ndarray) -> Row:
    """Builds the graph, or loads it where it was built before and is to be built once; says what that took."""
    name = f"{job['contender']}-{job['m']}-{job['ef_construction']}-{stamp(corpus)}.index"
    saved = Path(job["folder"], name)
    before = resident_bytes()
    is_loaded = job["build_once"] and saved.exists()
    wall, cpu = timed(lambda: graph.load(str(saved))) if is_loaded else timed(graph.build)
    grown = resident_bytes() - before
    path = saved if is_loaded else saved.with_name(f"{name}.{os.getpid()}.part")
    if not is_loaded:
        graph.save(str(path))
    row = {
        "kind": "load" if is_loaded else "build",
        "seconds": wall,
        "cpu_seconds": cpu,
        "memory_bytes": grown,
        "bytes_per_vector": grown / len(corpus),
        "bytes_per_vector_beside": graph.bytes_beside,
        "file_bytes": path.stat().st_size,
    }
    if job["build_once"]:
        path.rename(saved)
    else:
        path.unlink()
    return row


def graph_rows(job: Row, corpus: np.ndarray, queries: np.ndarray) -> Iterator[Row]:
    kth = truth(corpus, queries, job["k"], Path(job["folder"]))
    options = GraphOptions(job["m"], job["ef_construction"], job["threads"])
    graph = GRAPHS[job["contender"]](corpus, options)
    yield build_row(job, graph, corpus)
    for ef_search in job["ef_search"]:
        found = graph.search(queries, job["k"], ef_search)
        seconds, cpu_share = repeated(lambda beam=ef_search: graph.search(queries, job["k"], beam))
        row = {
            "kind": "point",
            "ef_search": ef_search,
            "ann_recall": ann_recall(corpus, queries, found, kth),
            "qps": len(queries) / seconds,
            "cpu_share": cpu_share,
        }
        if job["contender"].startswith("faiss"):
            count = faiss_comparisons(lambda beam=ef_search: graph.search(queries, job["k"], beam))
            row["comparisons"] = count / len(queries)
        yield row


def exact_rows(job: Row, corpus: np.ndarray, queries: np.ndarray) -> Iterator[Row]:
    kth = truth(corpus, queries, job["k"], Path(job["folder"]))
    exact = EXACT[job["contender"]](corpus, job["threads"])
    found = exact.search(queries, job["k"])
    batch, cpu_share = repeated(lambda: exact.search(queries, job["k"]))
    times = sorted(timed(lambda query=query: exact.search(query[None], job["k"]))[0] for query in queries)
    yield {
        "kind": "exact",
        "ann_recall": ann_recall(corpus, queries, found, kth),
        "qps": len(times) / sum(times),
        "p50_ms": times[len(times) // 2] * 1e3,
        "p95_ms": times[len(times) * 95 // 100] * 1e3,
        "batch_qps": len(queries) / batch,
        "cpu_share": cpu_share,
    }
    if job["contender"] in ALL_PAIRS and job["all_pairs"]:
        # One more than k, for each vector finds itself.
        wall, cpu = timed(lambda: exact.search(corpus, job["k"] + 1))
        yield {"kind": "all_pairs", "seconds": wall, "cpu_seconds": cpu}


def main(job: Row) -> None:
    if job["cpu"] is not None:
        os.sched_setaffinity(0, {job["cpu"]})
    set_threads(job["threads"])
    # A copy in memory, so that the growth while building is the index's alone.
    corpus = np.array(np.load(job["corpus"], mmap_mode="r")[: job["vectors"]], np.float32, order="C")
    queries = np.ascontiguousarray(np.load(job["query_vectors"]), np.float32)
    rows = exact_rows if job["contender"] in EXACT else graph_rows
    for row in rows(job, corpus, queries):
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
