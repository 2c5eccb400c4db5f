"""Our own bench, asked by its command line for the same figures."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from index.machine import ROOT, output

ENGINES = {
    "nextread-exact": ["--precision", "exact"],
    "nextread-balanced": ["--precision", "balanced"],
    "nextread-fast": ["--precision", "fast"],
    "nextread-candle": ["--precision", "exact", "--encoder", "candle"],
}


def built_bench() -> str:
    """Has Cargo build the bench and returns its executable."""
    command = ["cargo", "bench", "--locked", "--bench", "embed", "--no-run", "--message-format=json"]
    built = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    for message in map(json.loads, built.splitlines()):
        target = message.get("target", {})
        if message.get("executable") and target.get("name") == "embed" and "bench" in target.get("kind", ()):
            return message["executable"]
    raise ValueError("cargo bench --no-run named no executable; pass --bench-binary")


def measured(binary: str, job: dict[str, Any]) -> dict[str, Any]:
    """Returns the line that `embed.measure` prints for a peer."""
    command = [binary, "--bench", "--json", "--texts", job["texts"], "--threads", str(job["threads"])]
    command += [*ENGINES[job["contender"]], "--runs", str(job["runs"]), "--vectors", job["vectors"]]
    if job["max_isa"]:
        command += ["--isa", job["max_isa"]]
    try:
        printed = output(command, job["cpu"], {**os.environ, "NEXTREAD_MODEL_DIR": job["model"]})
    except subprocess.CalledProcessError as fault:
        raise ValueError(f"our bench ended with status {fault.returncode}") from fault
    return json.loads(printed.splitlines()[-1])
