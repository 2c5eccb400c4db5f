"""The parts of index.py, one question a module."""
