"""Where the figures come from: CPU, versions, commit, and how fast one core reads memory."""

from __future__ import annotations

import datetime
import json
import os
import platform
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from index import Row

READ_SPEED = Path(__file__).with_name("read_speed.c")
ROOT = Path(__file__).parents[3]
LIBRARIES = ("faiss-cpu", "hnswlib", "numpy", "usearch")


def cpu_name() -> str:
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in file)}
    if "cpu family" not in fields:
        return platform.machine()
    return f"{fields['model name']} family {fields['cpu family']} model {fields['model']}"


def slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def commit() -> str:
    command = ["git", "-C", str(ROOT), "rev-parse", "--short=10", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "-"


def today() -> str:
    return str(datetime.datetime.now(datetime.timezone.utc).date())


def output(command: list[str], cpu: int | None, environment: dict[str, str] | None = None) -> str:
    """Returns the command's standard output; it runs on the one CPU where one is given."""
    allowed = os.sched_getaffinity(0)
    if cpu is not None:
        os.sched_setaffinity(0, {cpu})
    try:
        return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    finally:
        os.sched_setaffinity(0, allowed)


def compiled_output(source: Path, cpu: int) -> str:
    """Compiles a C program for this CPU, runs it on the one given, and returns what it prints."""
    with tempfile.TemporaryDirectory() as folder:
        program = str(Path(folder, source.stem))
        compiler = os.environ.get("CC", "cc")
        subprocess.run([compiler, "-O3", "-march=native", "-o", program, str(source)], check=True)
        return output([program], cpu)


def row(libraries: Iterable[str] = LIBRARIES) -> Row:
    return {
        "kind": "machine",
        "date": today(),
        "cpu": cpu_name(),
        "cpus": os.cpu_count(),
        "commit": commit(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in libraries},
    }


def read_speed(cpu: int) -> Iterator[Row]:
    """Yields how fast one core sums a buffer, by its size."""
    for line in compiled_output(READ_SPEED, cpu).splitlines():
        yield {"kind": "read_speed", **json.loads(line)}
