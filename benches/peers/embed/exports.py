"""The model in the peers' own formats, made from its folder by their own tools and kept in the cache folder.

`python -m embed.exports JOB`, a JSON object, makes what one contender needs, in a process that is not measured.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embed import stamp_of_texts, texts

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
OPSET = 17
# Texts that the activations' ranges are read off: nncf's own default.
CALIBRATION_MAX = 300


@dataclass(frozen=True)
class Exports:
    """Where everything that is made of one model lies."""

    model: Path
    folder: Path
    calibration: Path

    def reference(self, embedded: list[str]) -> Path:
        return self.folder / f"reference-{stamp_of_texts(embedded)}.npz"

    @property
    def onnx(self) -> Path:
        return self.folder / "model.onnx"

    @property
    def onnx_f32(self) -> Path:
        return self.folder / "optimized.onnx"

    @property
    def onnx_i8(self) -> Path:
        return self.folder / "dynamic-i8.onnx"

    @property
    def openvino(self) -> Path:
        return self.folder / "openvino.xml"

    @property
    def openvino_i8(self) -> Path:
        return self.folder / f"openvino-i8-{stamp_of_texts(self.calibration_texts())}.xml"

    def calibration_texts(self) -> list[str]:
        return texts.read(self.calibration, CALIBRATION_MAX)

    def needed(self, contender: str) -> Path | None:
        """Returns the file that a contender runs, None for one that takes the model's folder as it is."""
        files = {
            "onnxruntime-f32": self.onnx_f32,
            "onnxruntime-i8": self.onnx_i8,
            "openvino-f32": self.openvino,
            "openvino-bf16": self.openvino,
        }
        return self.openvino_i8 if contender == "openvino-i8" else files.get(contender)


def made(path: Path, make: Callable[[Path], object]) -> Path:
    """Has the file made beside its place and renames it: a file that is there is whole."""
    if path.exists():
        return path
    part = path.with_name(f"{os.getpid()}-{path.name}")
    weights = part.with_suffix(".bin")
    try:
        make(part)
        # OpenVINO keeps the weights in a second file.
        if weights.exists():
            weights.rename(path.with_suffix(".bin"))
        return part.rename(path)
    finally:
        part.unlink(missing_ok=True)
        weights.unlink(missing_ok=True)


def bare_model(model: Path, attention: str) -> Any:
    """Returns the encoder as a module that takes INPUTS in their order and returns the last layer's output only."""
    import torch
    import transformers

    class LastLayer(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = transformers.AutoModel.from_pretrained(
                model, attn_implementation=attention, local_files_only=True
            )

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            return self.encoder(
                input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
            ).last_hidden_state

    return LastLayer().eval()


def example() -> tuple[Any, ...]:
    """Returns inputs to trace the model with; the mask has zeros, so that it is not traced away."""
    import torch

    ids = torch.arange(2000, 2032).reshape(2, 16)
    mask = torch.ones_like(ids)
    mask[1, 9:] = 0
    return ids, mask, torch.zeros_like(ids)


def make_onnx(model: Path, path: Path) -> None:
    """Traces attention as plain products: onnxruntime's optimizer knows that, and not what torch.export writes."""
    import torch

    axes = {0: "batch", 1: "length"}
    torch.onnx.export(
        bare_model(model, "eager"),
        example(),
        str(path),
        input_names=list(INPUTS),
        output_names=["hidden"],
        dynamic_axes={name: axes for name in (*INPUTS, "hidden")},
        opset_version=OPSET,
        dynamo=False,
    )


def make_onnx_f32(model: Path, source: Path, path: Path) -> None:
    from onnxruntime.transformers.optimizer import optimize_model

    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    optimized = optimize_model(
        str(source),
        model_type="bert",
        num_heads=config["num_attention_heads"],
        hidden_size=config["hidden_size"],
    )
    fused = optimized.get_fused_operator_statistics()
    if fused.get("Attention", 0) != config["num_hidden_layers"]:
        raise SystemExit("onnxruntime's optimizer did not fuse the attention of every layer; the graph is not its best")
    optimized.save_model_to_file(str(path))


def make_onnx_i8(source: Path, path: Path) -> None:
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    # The types of what comes out of a fused operator are not inferred; here all are float32.
    options = {"DefaultTensorType": onnx.TensorProto.FLOAT, "MatMulConstBOnly": True}
    quantize_dynamic(source, path, weight_type=QuantType.QInt8, per_channel=True, extra_options=options)


def make_openvino(model: Path, path: Path) -> None:
    """Converts from PyTorch: what comes through ONNX is slower by some hundredths."""
    import openvino

    inputs = dict(zip(INPUTS, example(), strict=True))
    converted = openvino.convert_model(bare_model(model, "sdpa"), example_input=inputs)
    openvino.save_model(converted, path, compress_to_fp16=False)


def make_openvino_i8(exports: Exports, path: Path) -> None:
    import nncf
    import openvino

    from embed.pieces import Tokenizer

    tokenizer = Tokenizer(exports.model)

    def inputs(text: str) -> dict[str, Any]:
        return dict(zip(INPUTS, tokenizer.batch(tokenizer.pieces([text])), strict=True))

    dataset = nncf.Dataset(exports.calibration_texts(), inputs)
    quantized = nncf.quantize(
        openvino.Core().read_model(exports.openvino),
        dataset,
        model_type=nncf.ModelType.TRANSFORMER,
        subset_size=CALIBRATION_MAX,
    )
    openvino.save_model(quantized, path, compress_to_fp16=False)


def make_reference(model: Path, embedded: list[str], path: Path) -> None:
    """Embeds by sentence-transformers in float32, what all vectors are compared with, and counts the word pieces."""
    import numpy as np

    from embed.contenders import SentenceTransformers
    from embed.pieces import Tokenizer

    vectors = SentenceTransformers(model, "float32").embed(embedded, 8)
    np.savez(path, vectors=vectors, tokens=Tokenizer(model).count(embedded))


def make(contender: str, exports: Exports) -> None:
    model = exports.model
    if contender.startswith("onnxruntime"):
        made(exports.onnx, lambda part: make_onnx(model, part))
        made(exports.onnx_f32, lambda part: make_onnx_f32(model, exports.onnx, part))
    if contender == "onnxruntime-i8":
        made(exports.onnx_i8, lambda part: make_onnx_i8(exports.onnx_f32, part))
    if contender.startswith("openvino"):
        made(exports.openvino, lambda part: make_openvino(model, part))
    if contender == "openvino-i8":
        made(exports.openvino_i8, lambda part: make_openvino_i8(exports, part))


def main(job: dict[str, str]) -> None:
    exports = Exports(Path(job["model"]), Path(job["folder"]), Path(job["calibration"]))
    if job["contender"] == "reference":
        embedded = texts.read(Path(job["texts"]))
        made(exports.reference(embedded), lambda part: make_reference(exports.model, embedded, part))
    else:
        make(job["contender"], exports)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
