"""Which texts are embedded? All contenders read them from one file that is made of the given one."""

from __future__ import annotations

import json
import os
from pathlib import Path

from embed import stamp_of_texts


def read(path: Path, limit: int | None = None) -> list[str]:
    """Returns the first texts of a JSONL file, each line's `text` or, where it has none, `summary`."""
    texts: list[str] = []
    try:
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    texts.append(text_of(line, f"{path}:{number}"))
                if limit is not None and len(texts) == limit:
                    break
    except (OSError, UnicodeDecodeError) as fault:
        raise SystemExit(f"{path}: cannot be read: {getattr(fault, 'strerror', None) or fault}") from fault
    if not texts:
        raise SystemExit(f"{path}: holds no text")
    return texts


def text_of(line: str, place: str) -> str:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as fault:
        raise SystemExit(f"{place}: no JSON: {fault}") from fault
    text = (record.get("text") or record.get("summary")) if isinstance(record, dict) else None
    if not isinstance(text, str):
        raise SystemExit(f"{place}: no field text or summary")
    return text


def kept(texts: list[str], folder: Path) -> Path:
    """Returns a file in the folder that holds exactly these texts."""
    path = folder / f"texts-{stamp_of_texts(texts)}.jsonl"
    if not path.exists():
        part = path.with_suffix(f".{os.getpid()}.part")
        with open(part, "w", encoding="utf-8") as file:
            file.writelines(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)
        part.rename(path)
    return path
