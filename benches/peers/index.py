"""Vectors of real text to measure nearest-neighbor search on.

    target/peers-venv/bin/python benches/peers/index.py vectors

`vectors` makes the vectors from text that this machine has.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from index import vectors

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "target" / "peers-index"
BINARY = ROOT / "target" / "release" / "nextread"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    make = verbs.add_parser("vectors", help="make the vectors once: sentences of this machine, embedded by our binary")
    make.add_argument("--vectors", type=Path, default=FOLDER, metavar="DIR", help="the cache folder")
    make.add_argument("--binary", type=Path, default=BINARY, help="our binary")
    args = parser.parse_args()
    vectors.make(args.vectors, str(args.binary))


if __name__ == "__main__":
    main()
