"""What is measured: each peer's way from texts to unit vectors, behind one small shape.

Each imports its library only when it is chosen, so that no peer's memory holds another's library.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from embed import PIECES_MAX
from embed.exports import INPUTS


@dataclass(frozen=True)
class PeerOptions:
    # The model's folder: the weights and the tokenizer.
    model: Path
    # What was exported for the contender, if it needs that.
    file: Path | None
    threads: int
    # Whether this CPU computes in bf16, and may in this run.
    has_bf16: bool


class Peer(Protocol):
    def embed(self, texts: list[str], batch_size: int) -> np.ndarray:
        """Returns the texts' unit vectors (float32) in their order."""


class SentenceTransformers:
    """The library that the model was published with, on PyTorch; it sorts, pools and normalizes by itself."""

    def __init__(self, model: Path, dtype: str):
        import sentence_transformers

        self.model = sentence_transformers.SentenceTransformer(
            str(model), device="cpu", local_files_only=True, model_kwargs={"dtype": dtype}
        )
        self.model.max_seq_length = PIECES_MAX

    def embed(self, texts: list[str], batch_size: int) -> np.ndarray:
        vectors = self.model.encode(texts, batch_size=batch_size, show_progress_bar=False)
        return np.asarray(vectors, np.float32)


class OnnxRuntime:
    def __init__(self, options: PeerOptions):
        import onnxruntime

        from embed.pieces import Tokenizer

        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = options.threads
        settings.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(options.file), settings, providers=["CPUExecutionProvider"]
        )
        # The optimizer renames none of them, but may put them in another order.
        self.names = {put.name for put in self.session.get_inputs()}
        self.tokenizer = Tokenizer(options.model)

    def embed(self, texts: list[str], batch_size: int) -> np.ndarray:
        from embed import pieces

        return pieces.embed(texts, batch_size, self.tokenizer, self.forward)

    def forward(self, *inputs: np.ndarray) -> np.ndarray:
        named = {name: array for name, array in zip(INPUTS, inputs, strict=True) if name in self.names}
        return self.session.run(None, named)[0]


class OpenVino:
    def __init__(self, options: PeerOptions, precision: str):
        import openvino

        from embed.pieces import Tokenizer

        settings = {
            "INFERENCE_PRECISION_HINT": precision,
            "INFERENCE_NUM_THREADS": options.threads,
            "NUM_STREAMS": "1",
            "PERFORMANCE_HINT": "LATENCY",
            # The process is bound to its CPU already, which need not be the first.
            "ENABLE_CPU_PINNING": False,
        }
        core = openvino.Core()
        self.request = core.compile_model(str(options.file), "CPU", settings).create_infer_request()
        self.tokenizer = Tokenizer(options.model)

    def embed(self, texts: list[str], batch_size: int) -> np.ndarray:
        from embed import pieces

        return pieces.embed(texts, batch_size, self.tokenizer, self.forward)

    def forward(self, *inputs: np.ndarray) -> np.ndarray:
        # Both ends are shared, not copied: the output is pooled before the next batch is computed.
        named = dict(zip(INPUTS, inputs, strict=True))
        return self.request.infer(named, share_inputs=True, share_outputs=True)[0]


PEERS: dict[str, Callable[[PeerOptions], Peer]] = {
    "sentence-transformers-f32": lambda options: SentenceTransformers(options.model, "float32"),
    "sentence-transformers-bf16": lambda options: SentenceTransformers(options.model, "bfloat16"),
    "onnxruntime-f32": OnnxRuntime,
    "onnxruntime-i8": OnnxRuntime,
    "openvino-f32": lambda options: OpenVino(options, "f32"),
    "openvino-bf16": lambda options: OpenVino(options, "bf16"),
    # What is not computed in bytes.
    "openvino-i8": lambda options: OpenVino(options, "bf16" if options.has_bf16 else "f32"),
}


def import_library(contender: str) -> None:
    """Imports what the contender will need, so that the import does not count as loading the model."""
    if contender.startswith("sentence-transformers"):
        import sentence_transformers  # noqa: F401

        return
    if contender.startswith("onnxruntime"):
        import onnxruntime  # noqa: F401
    else:
        import openvino  # noqa: F401
    from embed import pieces  # noqa: F401


def set_threads(contender: str, threads: int) -> None:
    """Sets the threads of a library that takes them for the whole process; the others take them when they open."""
    if contender.startswith("sentence-transformers"):
        import torch

        torch.set_num_threads(threads)
        torch.set_num_interop_threads(1)
