"""Make vectors.f32 and vectors.json: what sentence-transformers itself says about texts.jsonl.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python make.py FOLDER_OF_THE_MODEL

vectors.f32 holds one row a text, in the order of texts.jsonl: 384 little-endian 32-bit floats. Each text is embedded
alone, so that no row depends on padding. Over-long texts are truncated, as sentence-transformers does.
"""

import hashlib
import json
import pathlib
import platform
import sys

import numpy
import sentence_transformers
import tokenizers
import torch
import transformers

HERE = pathlib.Path(__file__).parent


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main(folder):
    torch.set_num_threads(1)
    torch.manual_seed(0)
    lines = (HERE / "texts.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    model = sentence_transformers.SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    rows = [model.encode(text, batch_size=1, convert_to_numpy=True, show_progress_bar=False) for text in texts]
    vectors = numpy.stack(rows).astype("<f4")
    (HERE / "vectors.f32").write_bytes(vectors.tobytes())
    provenance = {
        "model": "sentence-transformers/all-MiniLM-L6-v2",
        "weights_sha256": sha256(folder / "model.safetensors"),
        "tokenizer_sha256": sha256(folder / "tokenizer.json"),
        "max_seq_length": model.max_seq_length,
        "texts": len(texts),
        "dimension": int(vectors.shape[1]),
        "texts_sha256": sha256(HERE / "texts.jsonl"),
        "vectors_sha256": sha256(HERE / "vectors.f32"),
        "python": platform.python_version(),
        "sentence-transformers": sentence_transformers.__version__,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "tokenizers": tokenizers.__version__,
        "numpy": numpy.__version__,
    }
    (HERE / "vectors.json").write_text(json.dumps(provenance, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
