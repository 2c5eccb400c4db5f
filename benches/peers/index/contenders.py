"""What is measured: each library's graphs and its exact search, behind one small shape.

All take unit vectors (float32, row-major) and order by inner product. All are asked in batches, so that the loop over
the queries is the library's own and no call from Python counts against it. M is the paper's: hnswlib's and faiss's `M`,
usearch's `connectivity`; all three keep 2 M links a node in the lowest layer.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Protocol

import faiss
import hnswlib
import numpy as np
import usearch.index

# A quantised index is asked for this many times k candidates, which are ranked again by their float32 vectors.
RERANK_FACTOR = 3
BLOCK = 1024


@dataclass(frozen=True)
class GraphOptions:
    m: int
    ef_construction: int
    threads: int


class Graph(Protocol):
    # Bytes a vector that searching needs beside the index itself: the float32 vectors to rank again by.
    bytes_beside: int

    def build(self) -> None: ...

    def save(self, path: str) -> None: ...

    def load(self, path: str) -> None: ...

    def search(self, queries: np.ndarray, k: int, ef_search: int) -> np.ndarray:
        """Returns the positions found, n_queries × k."""


class Hnswlib:
    bytes_beside = 0

    def __init__(self, corpus: np.ndarray, options: GraphOptions):
        self.corpus, self.options = corpus, options
        self.index = hnswlib.Index("ip", corpus.shape[1])

    def build(self) -> None:
        options = self.options
        self.index.init_index(len(self.corpus), M=options.m, ef_construction=options.ef_construction)
        self.index.add_items(self.corpus, num_threads=options.threads)

    def save(self, path: str) -> None:
        self.index.save_index(path)

    def load(self, path: str) -> None:
        self.index.load_index(path)

    def search(self, queries: np.ndarray, k: int, ef_search: int) -> np.ndarray:
        self.index.set_ef(ef_search)
        return self.index.knn_query(queries, k, num_threads=self.options.threads)[0].astype(np.int64)


class FaissHnsw:
    """faiss's graph over float32 vectors."""

    bytes_beside = 0

    def __init__(self, corpus: np.ndarray, options: GraphOptions):
        self.corpus, self.options = corpus, options
        self.index: faiss.Index = self.empty()

    def empty(self) -> faiss.Index:
        index = faiss.IndexHNSWFlat(self.corpus.shape[1], self.options.m, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = self.options.ef_construction
        return index

    def build(self) -> None:
        self.index.train(self.corpus)
        self.index.add(self.corpus)

    def save(self, path: str) -> None:
        faiss.write_index(self.index, path)

    def load(self, path: str) -> None:
        self.index = faiss.read_index(path)

    def search(self, queries: np.ndarray, k: int, ef_search: int) -> np.ndarray:
        return self.index.search(queries, k, params=faiss.SearchParametersHNSW(efSearch=ef_search))[1]


class FaissHnswI8(FaissHnsw):
    """faiss's graph over 8-bit codes (each dimension's own range), reranked by IndexRefineFlat."""

    def empty(self) -> faiss.Index:
        code = faiss.ScalarQuantizer.QT_8bit
        index = faiss.IndexHNSWSQ(self.corpus.shape[1], code, self.options.m, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = self.options.ef_construction
        return faiss.IndexRefineFlat(index)

    def search(self, queries: np.ndarray, k: int, ef_search: int) -> np.ndarray:
        beam = faiss.SearchParametersHNSW(efSearch=ef_search)
        params = faiss.IndexRefineSearchParameters(k_factor=RERANK_FACTOR, base_index_params=beam)
        return self.index.search(queries, k, params=params)[1]


class Usearch:
    """usearch's graph over float32, or over numbers of 16 bits that it converts itself."""

    bytes_beside = 0

    def __init__(self, corpus: np.ndarray, options: GraphOptions, dtype: str):
        self.corpus, self.options = corpus, options
        self.index = usearch.index.Index(
            ndim=corpus.shape[1],
            metric="ip",
            dtype=dtype,
            connectivity=options.m,
            expansion_add=options.ef_construction,
        )

    def build(self) -> None:
        self.index.add(np.arange(len(self.corpus)), self.stored(self.corpus), threads=self.options.threads)

    def save(self, path: str) -> None:
        self.index.save(path)

    def load(self, path: str) -> None:
        self.index.load(path)

    def stored(self, vectors: np.ndarray) -> np.ndarray:
        return vectors

    def search(self, queries: np.ndarray, k: int, ef_search: int) -> np.ndarray:
        self.index.expansion_search = ef_search
        found = self.index.search(self.stored(queries), k, threads=self.options.threads)
        return found.keys.astype(np.int64)


class UsearchI8(Usearch):
    """usearch's graph over bytes as it converts them itself (127 times the number, cut off), reranked by float32."""

    def __init__(self, corpus: np.ndarray, options: GraphOptions):
        super().__init__(corpus, options, "i8")
        self.bytes_beside = corpus.shape[1] * corpus.itemsize

    def search(self, queries: np.ndarray, k: int, ef_search: int) -> np.ndarray:
        candidates = super().search(queries, min(RERANK_FACTOR * k, len(self.corpus)), ef_search)
        return reranked(self.corpus, queries, candidates, k)


class UsearchI8Scaled(UsearchI8):
    """The same, over bytes that use their whole range: the corpus's largest number becomes 127, and all are rounded."""

    def __init__(self, corpus: np.ndarray, options: GraphOptions):
        super().__init__(corpus, options)
        self.scale = np.float32(127 / max(corpus.max(), -corpus.min()))

    def stored(self, vectors: np.ndarray) -> np.ndarray:
        scaled = np.empty(vectors.shape, np.int8)
        for start in range(0, len(vectors), BLOCK):
            block = vectors[start : start + BLOCK] * self.scale
            scaled[start : start + BLOCK] = np.clip(np.rint(block), -127, 127)
        return scaled


def reranked(corpus: np.ndarray, queries: np.ndarray, candidates: np.ndarray, k: int) -> np.ndarray:
    """Returns the k of each query's candidates that are nearest by float32; the products are faiss's compiled loop."""
    similarities = np.empty(candidates.shape, np.float32)
    faiss.fvec_inner_products_by_idx(
        faiss.swig_ptr(similarities),
        faiss.swig_ptr(queries),
        faiss.swig_ptr(corpus),
        faiss.swig_ptr(candidates),
        corpus.shape[1],
        len(queries),
        candidates.shape[1],
    )
    return np.take_along_axis(candidates, np.argsort(-similarities, axis=1)[:, :k], axis=1)


GRAPHS = {
    "hnswlib-f32": Hnswlib,
    "faiss-hnsw-f32": FaissHnsw,
    "faiss-hnsw-i8": FaissHnswI8,
    "usearch-f32": lambda corpus, options: Usearch(corpus, options, "f32"),
    "usearch-f16": lambda corpus, options: Usearch(corpus, options, "f16"),
    "usearch-bf16": lambda corpus, options: Usearch(corpus, options, "bf16"),
    "usearch-i8": UsearchI8,
    "usearch-i8-scaled": UsearchI8Scaled,
}


class FaissFlat:
    def __init__(self, corpus: np.ndarray, threads: int):
        del threads  # Set for the whole process.
        self.index = faiss.IndexFlatIP(corpus.shape[1])
        self.index.add(corpus)

    def search(self, queries: np.ndarray, k: int) -> np.ndarray:
        return self.index.search(queries, k)[1]


class UsearchExact:
    def __init__(self, corpus: np.ndarray, threads: int):
        self.corpus, self.threads = corpus, threads

    def search(self, queries: np.ndarray, k: int) -> np.ndarray:
        found = usearch.index.search(self.corpus, queries, k, "ip", exact=True, threads=self.threads)
        return found.keys.reshape(len(queries), -1)


class Numpy:
    def __init__(self, corpus: np.ndarray, threads: int):
        del threads  # Set for the whole process.
        self.corpus = corpus

    def search(self, queries: np.ndarray, k: int) -> np.ndarray:
        blocks = (queries[start : start + BLOCK // 4] for start in range(0, len(queries), BLOCK // 4))
        return np.concatenate([nearest(block @ self.corpus.T, k) for block in blocks])


def nearest(similarities: np.ndarray, k: int) -> np.ndarray:
    """Returns the positions of the k largest of each row, largest first."""
    k = min(k, similarities.shape[1])
    top = np.argpartition(similarities, similarities.shape[1] - k, axis=1)[:, -k:]
    order = np.argsort(-np.take_along_axis(similarities, top, axis=1), axis=1)
    return np.take_along_axis(top, order, axis=1)


EXACT = {"faiss-flat": FaissFlat, "usearch-exact": UsearchExact, "numpy": Numpy}
# usearch's exact search of many against many is the same loop as its batch; these two have a form of their own for it.
ALL_PAIRS = ("faiss-flat", "numpy")


def set_threads(threads: int) -> None:
    """Sets the threads of the libraries that take them for the whole process; BLAS takes them from the environment."""
    faiss.omp_set_num_threads(threads)


def thread_environment(threads: int) -> dict[str, str]:
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return {**os.environ, **{name: str(threads) for name in names}}
