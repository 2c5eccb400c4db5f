"""Our own binary, asked by its command line for the same figures."""

from __future__ import annotations

import json
from collections.abc import Iterator

from index import Row
from index.machine import output

BUILDERS = {f"nextread-{builder}": builder for builder in ("bulk", "insertion", "hnsw_rs")}
# Exact search and all pairs are the same whatever builds the graph.
EXACT = {"exact": "nextread", "exact_f32": "nextread-f32"}


def rows(binary: str, job: Row) -> Iterator[Row]:
    """Yields the rows that `index.measure` prints for a peer; `job["corpus"]` holds the vectors and no more."""
    command = [binary, "eval", "index", job["corpus"], "--query-vectors", job["query_vectors"], "-k", str(job["k"])]
    command += ["--m", str(job["m"]), "--ef-construction", str(job["ef_construction"])]
    command += ["--ef-search", ",".join(map(str, job["ef_search"])), "--threads", str(job["threads"])]
    command += ["--builder", BUILDERS[job["contender"]], "--json"]
    if job["all_pairs"]:
        command.append("--all-pairs")
    printed = json.loads(output(command, job["cpu"]))
    measured = (printed["results"] if isinstance(printed, dict) else printed)[0]
    if measured["vectors"] != job["vectors"]:
        raise ValueError(f"{job['corpus']}: {measured['vectors']} vectors in the index, {job['vectors']} were given")
    yield {
        "kind": "build",
        "seconds": measured["build_seconds"],
        "memory_bytes": measured["memory_bytes"],
        "bytes_per_vector": measured["bytes_per_vector"],
        "bytes_per_vector_beside": 4 * measured["dimension"],
    }
    for point in measured["points"]:
        figures = {name: value for name, value in point.items() if name not in ("index", "batch_qps")}
        if point["index"] != "hnsw":
            yield {"kind": "exact", "contender": EXACT[point["index"]], **figures}
            continue
        # The peers answer one batch of all queries; so do we, and one query at a time beside it.
        yield {"kind": "point", **figures, "qps": point["batch_qps"]}
        yield {"kind": "point", **figures, "contender": f"{job['contender']}-single"}
    if measured.get("all_pairs_seconds") is not None:
        yield {"kind": "all_pairs", "contender": EXACT["exact"], "seconds": measured["all_pairs_seconds"]}
