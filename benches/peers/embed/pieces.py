"""What a good user writes around a bare graph: word pieces, batches by length, pooling."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import tokenizers

from embed import PIECES_MAX

# Takes word pieces, the mask of those that are no padding, and segments (all 0), each batch × length, and returns the
# last layer's output, batch × length × width.
Forward = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


class Tokenizer:
    """The model's own tokenizer, without the fixed padding that its file asks for."""

    def __init__(self, model: Path):
        self.tokenizer = tokenizers.Tokenizer.from_file(str(model / "tokenizer.json"))
        self.tokenizer.enable_truncation(PIECES_MAX)
        self.tokenizer.no_padding()
        self.padding = self.tokenizer.token_to_id("[PAD]") or 0

    def pieces(self, texts: list[str]) -> list[list[int]]:
        return [encoding.ids for encoding in self.tokenizer.encode_batch_fast(texts)]

    def count(self, texts: list[str]) -> int:
        return sum(map(len, self.pieces(texts)))

    def batch(self, pieces: list[list[int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns what a graph takes: the pieces, padded to the longest of them, their mask and their segments."""
        lengths = np.array([len(row) for row in pieces])
        ids = np.full((len(pieces), lengths.max()), self.padding, np.int64)
        for row, found in zip(ids, pieces, strict=True):
            row[: len(found)] = found
        mask = (np.arange(ids.shape[1]) < lengths[:, None]).astype(np.int64)
        return ids, mask, np.zeros_like(ids)


def pooled(hidden: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Returns each text's mean over the pieces that are no padding, of unit length."""
    weights = mask.astype(np.float32)
    sums = np.matmul(weights[:, None, :], hidden)[:, 0]
    return sums / np.linalg.norm(sums, axis=1, keepdims=True)


def embed(texts: list[str], batch_size: int, tokenizer: Tokenizer, forward: Forward) -> np.ndarray:
    """Returns the texts' unit vectors in their order; the longest go first, so that little is padded."""
    pieces = tokenizer.pieces(texts)
    order = sorted(range(len(texts)), key=lambda index: -len(pieces[index]))
    parts = []
    for start in range(0, len(order), batch_size):
        ids, mask, segments = tokenizer.batch([pieces[index] for index in order[start : start + batch_size]])
        parts.append(pooled(forward(ids, mask, segments), mask))
    vectors = np.concatenate(parts)
    ordered = np.empty_like(vectors)
    ordered[order] = vectors
    return ordered
