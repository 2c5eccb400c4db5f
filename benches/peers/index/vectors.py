"""Vectors of real text: sentences of this machine, embedded by our binary, with real queries held out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from index import save, sentences, stamp

SENTENCES = 101_000
QUERIES = 1_000
MILLION = 1_000_000
BLOCK = 100_000


def make(folder: Path, binary: str) -> None:
    """Makes corpus.npy and queries.npy in the folder, unless they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    texts, embedded = folder / "sentences.jsonl", folder / "sentences.npy"
    if (folder / "corpus.npy").exists() and (folder / "queries.npy").exists():
        return
    if not texts.exists():
        write_texts(texts)
    if not embedded.exists():
        part = folder / "sentences.part.npy"
        subprocess.run([binary, "embed", str(texts), "--output", str(part)], check=True)
        part.rename(embedded)
    vectors = np.load(embedded)
    with open(texts, "rb") as file:
        count = sum(1 for _ in file)
    if len(vectors) != count:
        raise SystemExit(f"{embedded}: {len(vectors):,} vectors of {count:,} texts; delete it to embed again")
    save(folder / "queries.npy", vectors[-QUERIES:])
    save(folder / "corpus.npy", vectors[:-QUERIES])


def write_texts(path: Path) -> None:
    found = sentences.collect(SENTENCES)
    if len(found) < SENTENCES:
        print(f"this machine's text has {len(found):,} sentences, {SENTENCES:,} were wanted", file=sys.stderr)
    if len(found) <= 2 * QUERIES:
        raise SystemExit(f"too few sentences to hold {QUERIES:,} of them out; pass --corpus and --query-vectors")
    part = path.with_suffix(".part")
    with open(part, "w", encoding="utf-8") as file:
        for number, text in enumerate(found):
            file.write(json.dumps({"_id": str(number), "text": text}, ensure_ascii=False) + "\n")
    part.rename(path)


def make_million(folder: Path) -> None:
    """Makes million.npy, each row a blend of two texts: normalise(x[i mod n] + 0.5 x[j]), j drawn with a fixed seed."""
    path = folder / "million.npy"
    if path.exists():
        return
    corpus = np.load(folder / "corpus.npy")
    others = np.random.default_rng(0).integers(0, len(corpus), MILLION)
    part = folder / "million.part.npy"
    blends = np.lib.format.open_memmap(part, "w+", np.float32, (MILLION, corpus.shape[1]))
    for start in range(0, MILLION, BLOCK):
        rows = np.arange(start, start + BLOCK)
        block = corpus[rows % len(corpus)] + np.float32(0.5) * corpus[others[rows]]
        blends[rows] = block / np.linalg.norm(block, axis=1, keepdims=True)
    blends.flush()
    part.rename(path)


def head(corpus: Path, count: int, folder: Path) -> Path:
    """Returns a file of the corpus's first vectors: the corpus itself if it has no more."""
    vectors = np.load(corpus, mmap_mode="r")
    if len(vectors) == count:
        return corpus
    path = folder / f"{corpus.stem}-{stamp(vectors[:count])}.npy"
    if not path.exists():
        save(path, vectors[:count])
    return path
