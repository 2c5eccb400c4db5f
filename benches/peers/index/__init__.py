"""The parts of index.py, one question a module."""

from typing import Any

# What is measured of one contender, or said of the machine: a line of the results file.
Row = dict[str, Any]
