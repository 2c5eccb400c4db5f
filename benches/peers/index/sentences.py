"""Which sentences of real English does this machine have? Docstrings, manuals, packages' documents, source comments."""

from __future__ import annotations

import ast
import gzip
import html
import os
import random
import re
import sys
import sysconfig
import warnings
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

WORDS_MIN, WORDS_MAX = 6, 60
# The least share of plain English words: what has less is code, a table or another language.
PLAIN_MIN = 0.8
# So that no single generated file fills the corpus.
FILE_SENTENCES_MAX = 300
FILE_BYTES_MAX = 4_000_000

PLAIN_WORD = re.compile(r"[(\"'“‘]*[A-Za-z][A-Za-z'’-]*[)\"'”’]*[,.;:?!]?[)\"'”’]*")
SENTENCE_END = re.compile(r"(?<=[.?!])[)\"'”]*\s+(?=[A-Z\"'“(])")
HEADING = re.compile(r"\n[^\n]*\n[ \t]*[-=~^]{3,}[ \t]*(?=\n)")
PARAGRAPH_END = re.compile(r"\n\s*\n")
LIST_MARK = re.compile(r"\n\s*(?:[-*+•#>|]|\d+[.)])\s+")
ROFF_ESCAPE = re.compile(r"\\(?:\((?!aq)..|f(?:\[\w*\]|\(..|.)|s[-+]?\d+|&|[%/,|^])")
MARKUP = re.compile(r"\*\*|__|``?|(?<!\w)[*_]|[*_](?!\w)")
LINK = re.compile(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])?")
ROLE = re.compile(r":[a-z:]+:`~?([^`<]*?)(?: ?<[^>]*>)?`")


def docstrings(source: str) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError):
            return
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, documented) and (text := ast.get_docstring(node)):
            yield text.split(">>>")[0]


def manual(source: str) -> Iterator[str]:
    """Yields the running text of a manual page in roff."""
    lines: list[str] = []
    for line in source.splitlines():
        if line.startswith((".B ", ".I ", ".BR ", ".IR ", ".BI ", ".IB ", ".RB ", ".RI ", ".Nm", ".Fl", ".Ar")):
            lines.append(line.partition(" ")[2].replace('"', ""))
        elif line.startswith((".", "'")):
            lines.append("")
        else:
            lines.append(line)
    text = ROFF_ESCAPE.sub("", "\n".join(lines))
    yield text.replace("\\-", "-").replace("\\(aq", "'").replace("\\e", "\\")


def web_page(source: str) -> Iterator[str]:
    for paragraph in re.findall(r"<p\b[^>]*>(.*?)</p>", source, re.DOTALL):
        yield html.unescape(re.sub(r"<[^>]*>", "", paragraph))


def plain(source: str) -> Iterator[str]:
    yield re.sub(r"```.*?(```|\Z)", "\n\n", source, flags=re.DOTALL)


def doc_comments(source: str) -> Iterator[str]:
    """Yields Rust's documentation comments, each run of lines as one text."""
    for run in re.findall(r"(?:^[ \t]*//[/!].*\n)+", source, re.MULTILINE):
        yield from plain(re.sub(r"^[ \t]*//[/!] ?", "", run, flags=re.MULTILINE))


READERS: dict[str, Callable[[str], Iterator[str]]] = {
    ".py": docstrings,
    ".rs": doc_comments,
    ".md": plain,
    ".rst": plain,
    ".txt": plain,
    ".html": web_page,
    "README": plain,
}


def sources() -> list[Path]:
    paths = sysconfig.get_paths()
    cargo = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
    rustup = Path(os.environ.get("RUSTUP_HOME", Path.home() / ".rustup"))
    folders = [Path(paths["stdlib"]), Path(paths["purelib"]), Path("/usr/lib/python3")]
    folders += [Path("/usr/share/man"), Path("/usr/share/doc"), Path("/usr/share/perl"), cargo / "registry" / "src"]
    folders += sorted(rustup.glob("toolchains/*/share/doc"))
    return [folder for folder in folders if folder.is_dir()]


def reader(path: Path) -> Callable[[str], Iterator[str]] | None:
    """Returns what reads such a file, if anything does."""
    if re.fullmatch(r"man\d\w*", path.parent.name):
        # English only: pages in other languages lie a folder deeper, as in man/de/man1.
        return manual if path.parent.parent.name == "man" else None
    name = path.name.removesuffix(".gz")
    if name.lower().startswith(("changelog", "copyright", "license", "news")):
        return None
    return READERS.get(Path(name).suffix) or READERS.get(Path(name).stem)


def text_of(path: Path) -> str:
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            return ""
        data = path.read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
    except (OSError, EOFError, zlib.error):
        return ""
    return data.decode("utf-8", "ignore")


def sentences(text: str) -> Iterator[str]:
    text = LINK.sub(r"\1", ROLE.sub(r"\1", text))
    text = LIST_MARK.sub("\n\n", HEADING.sub("\n\n", "\n" + text))
    for paragraph in PARAGRAPH_END.split(text):
        yield from SENTENCE_END.split(" ".join(MARKUP.sub("", paragraph).split()))


def is_wanted(sentence: str) -> bool:
    words = sentence.split()
    if not WORDS_MIN <= len(words) <= WORDS_MAX or "://" in sentence:
        return False
    if sentence[-1] not in ".?!" or not sentence[0].isalnum():
        return False
    return sum(1 for word in words if PLAIN_WORD.fullmatch(word)) >= PLAIN_MIN * len(words)


def from_file(path: Path) -> Iterator[str]:
    read = reader(path)
    if read is None:
        return
    count = 0
    for text in read(text_of(path)):
        for sentence in filter(is_wanted, sentences(text)):
            yield sentence
            count += 1
            if count == FILE_SENTENCES_MAX:
                return


def collect(limit: int) -> list[str]:
    """Returns up to `limit` different sentences in an order that chance gave them once and for all."""
    found: dict[str, str] = {}
    for folder in sources():
        before = len(found)
        for parent, folders, names in os.walk(folder):
            folders.sort()
            for name in sorted(names):
                for sentence in from_file(Path(parent, name)):
                    # The same but for numbers and signs is the same.
                    found.setdefault(re.sub(r"[^a-z]+", " ", sentence.lower()), sentence)
        print(f"{folder}: {len(found) - before:,} sentences", file=sys.stderr, flush=True)
    chosen = sorted(found.values())
    random.Random(0).shuffle(chosen)
    return chosen[:limit]
