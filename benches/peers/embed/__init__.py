"""The parts of embed.py, one question a module."""

from __future__ import annotations

import zlib
from pathlib import Path

# Word pieces that a text is cut at, as the model's own settings have it.
PIECES_MAX = 256
BATCH_SIZES = (1, 8, 32)
# The batch size is chosen by these first texts.
TRIAL_TEXTS = 200
QUERY = "how do other teams split a database without downtime"
N_QUERIES = 200


def stamp_of_texts(texts: list[str]) -> str:
    """Returns a name for the texts: their number and a checksum."""
    return f"{len(texts)}-{zlib.crc32(chr(0).join(texts).encode()):08x}"


def stamp_of_model(model: Path) -> str:
    """Returns a name for the model: its folder's, and a checksum of the weights."""
    checksum = 0
    with open(model / "model.safetensors", "rb") as file:
        while block := file.read(1 << 20):
            checksum = zlib.crc32(block, checksum)
    return f"{model.resolve().name}-{checksum:08x}"
