"""What the CPU can do, and how it is told to do less of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from index import Row
from index.machine import compiled_output

PEAK = Path(__file__).with_name("peak.c")
LIBRARIES = ("sentence-transformers", "torch", "onnxruntime", "openvino", "nncf", "tokenizers", "numpy")
# What masks AVX-512, by peer: oneDNN and MKL inside of PyTorch and its own kernels; oneDNN inside of OpenVINO and
# OpenVINO's own kernels (2026.4.1 honors it; both must be set alike). onnxruntime asks the CPU and nobody else.
MASKS = {
    "sentence-transformers": {
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "ATEN_CPU_CAPABILITY": "avx2",
    },
    "openvino": {"ONEDNN_MAX_CPU_ISA": "AVX2", "OV_CPU_MAX_ISA": "AVX2", "OPENBLAS_CORETYPE": "Haswell"},
    # Pooling only.
    "onnxruntime": {"OPENBLAS_CORETYPE": "Haswell"},
}
UNMASKED = ("onnxruntime",)


def environment(contender: str, threads: int, max_isa: str | None) -> dict[str, str]:
    """Returns the environment of a peer's process: its threads, its instructions, and no way to a model hub."""
    limits = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")
    masks = next((mask for name, mask in MASKS.items() if contender.startswith(name)), {}) if max_isa else {}
    return {
        **os.environ,
        **{name: str(threads) for name in limits},
        **masks,
        "TOKENIZERS_PARALLELISM": "true" if threads > 1 else "false",
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_VERBOSITY": "error",
    }


def has_bf16(max_isa: str | None) -> bool:
    """Returns whether the CPU multiplies numbers in bf16, which AVX2 alone does not."""
    if max_isa is not None:
        return False
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        flags = next((line for line in file if line.lower().startswith(("flags", "features"))), "")
    return any("bf16" in flag for flag in flags.split())


def peak(cpu: int) -> Iterator[Row]:
    """Yields how many operations one core does a second, by instruction set and kind of number."""
    for line in compiled_output(PEAK, cpu).splitlines():
        yield {"kind": "peak", **json.loads(line)}


def linear_flop(model: Path) -> float:
    """Returns the operations a word piece in the linear layers: four of h × h and two of h × w in each."""
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    h, w = config["hidden_size"], config["intermediate_size"]
    return 2 * config["num_hidden_layers"] * (4 * h * h + 2 * h * w)
