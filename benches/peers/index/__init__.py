"""The parts of index.py, one question a module."""

import json
import os
import zlib
from pathlib import Path
from typing import Any, TextIO

import numpy as np

# What is measured of one contender, or said of the machine: a line of the results file.
Row = dict[str, Any]


def stamp(vectors: np.ndarray) -> str:
    """Returns a name for the vectors: their number, and a checksum of a thousand of them."""
    return f"{len(vectors)}-{zlib.crc32(vectors[:: max(1, len(vectors) // 1000)].tobytes()):08x}"


def save(path: Path, vectors: np.ndarray) -> None:
    """Writes beside the place and renames: a file that is there is whole."""
    part = path.with_name(f"{path.name}.{os.getpid()}.npy")
    np.save(part, vectors)
    part.rename(path)


def append(file: TextIO, row: Row) -> None:
    """Writes a line of a results file, at once: what was measured stays when the next contender fails."""
    file.write(json.dumps(row) + "\n")
    file.flush()
