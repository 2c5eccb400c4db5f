"""Related posts by Hugo, Jekyll and nextread, on the same posts in one run, judged by links that authors made.

    python -m venv target/peers-venv
    target/peers-venv/bin/pip install -r benches/peers/related-requirements.txt
    target/peers-venv/bin/python benches/peers/related.py FOLDER LINKS.tsv [FOLDER LINKS.tsv ...] --nextread target/release/nextread

FOLDER holds Markdown posts with dates, in front matter or file names; LINKS.tsv has a header and the columns from, to and count: paths
below FOLDER. Links to other posts should be out of the texts, or they tell the answer. Two posts that a link joins
are related, either way; linked twice, or both ways, counts double. Every contender gets the same files: title, date,
tags and text, nothing else of the front matter. Needs hugo, jekyll, ruby-classifier-reborn and ruby-gsl, without which
LSI takes minutes (Debian has them all); who is not installed is left out and told.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

try:
    import yaml

    from index.machine import ROOT, commit, cpu_name
except ModuleNotFoundError as fault:
    advice = f"{sys.executable} -m pip install -r {HERE / 'related-requirements.txt'}"
    raise SystemExit(f"the Python module {fault.name} is missing; install what is needed: {advice}") from fault

PLACES = 5
ENDINGS = (".md", ".markdown", ".mdx")
# Title words that tell nothing, for the tuned Hugo.
SMALL_WORDS = set("a an and are as at be by for from how in into is it its new of on or our the this to we what why with you your".split())
# A marker that no page has by itself.
MARK = "related-is:"

HUGO_PAGE = """{{ .Title }} {{ .Content }}
%s"""
HUGO_RELATED = "{{ range first %d (site.RegularPages.Related .) }}%s{{ .File.ContentBaseName }};{{ end }}" % (PLACES, MARK)
HUGO_SITE = {"baseURL": "https://site.example/", "title": "Site", "timeout": 600_000,
             "disableKinds": ["home", "section", "taxonomy", "term", "RSS", "sitemap", "robotsTXT", "404"],
             "markup": {"goldmark": {"renderer": {"unsafe": True}}}}
HUGO_TUNED = {"threshold": 1, "includeNewer": True, "toLower": True, "indices": [
    {"name": "tags", "weight": 80}, {"name": "titlewords", "weight": 60},
    {"name": "headings", "type": "fragments", "weight": 30}, {"name": "date", "weight": 10, "pattern": "2006"}]}
JEKYLL_PAGE = "{{ page.title }} {{ content }}\n%s"
JEKYLL_RELATED = "{%% for post in site.related_posts limit:%d %%}%s{{ post.slug }};{%% endfor %%}" % (PLACES, MARK)


@dataclass
class Post:
    key: str
    title: str
    date: datetime.date
    tags: list[str]
    body: str


@dataclass
class Blog:
    name: str
    posts: list[Post]
    # By key, the keys of posts that are related to it and how much.
    gains: dict[str, dict[str, int]]


@dataclass
class Ran:
    seconds: float
    peak_mb: float


def main() -> None:
    args = arguments()
    print(f"{cpu_name()}, {len(os.sched_getaffinity(0))} CPUs; commit {commit()}; {', '.join(versions(args))}\n")
    for folder, links in zip(args.files[::2], args.files[1::2], strict=True):
        blog = read(folder, links)
        print(f"### {blog.name}: {len(blog.posts)} posts, {len(blog.gains)} of them with links to judge by\n")
        print("| contender | nDCG@5 | with a list | seconds | peak, MB |\n|---|---:|---:|---:|---:|")
        for name, contend in CONTENDERS.items():
            if args.only and name not in args.only:
                continue
            try:
                print(line(name, blog, *measured(args, blog, contend)), flush=True)
            except (Fault, subprocess.TimeoutExpired, OSError) as fault:
                print(f"| {name} | {fault} | | | |", flush=True)
        print()
    print(NOTES.format(rounds=args.rounds))


NOTES = """\
nDCG@5 is the mean over the posts with links to judge by, linear gain; a post without a list scores 0. "With a list" counts all posts.
Seconds are the median of {rounds} runs of the whole process, in brackets the least and the most; memory is the most of any run.
Hugo and Jekyll render all pages in that time; the rows without related posts say what of it is not theirs. nextread runs beside any of them."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+", metavar="FOLDER LINKS.tsv")
    parser.add_argument("--nextread", type=Path, default=ROOT / "target" / "release" / "nextread", metavar="FILE")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--seconds-max", type=int, default=900, metavar="N", help="longer runs are given up")
    parser.add_argument("--only", type=lambda text: text.split(","), metavar="NAME,...", help=f"of {', '.join(CONTENDERS)}")
    args = parser.parse_args()
    if len(args.files) % 2:
        parser.error("a folder and a file of links belong together")
    args.nextread = args.nextread.resolve()
    return args


def versions(args: argparse.Namespace) -> Iterator[str]:
    for command in (["hugo", "version"], ["jekyll", "--version"], [str(args.nextread), "--version"]):
        if shutil.which(command[0]):
            said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
            yield " ".join(said.split()[:2])


# Reading


def read(folder: Path, links: Path) -> Blog:
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)
    posts, keys = [], {}
    for file in files:
        if post := read_post(file, f"p{len(posts):05}"):
            posts.append(post)
            keys[file.relative_to(folder).as_posix()] = post.key
    if not posts:
        raise SystemExit(f"{folder}: no Markdown file with a title and a date")
    print(f"{folder}: {len(files) - len(posts)} files without a title or a date are left out", file=sys.stderr)
    return Blog(folder.resolve().parent.name, posts, gains(links, keys))


def read_post(file: Path, key: str) -> Post | None:
    text = file.read_text(encoding="utf-8-sig")
    parts = re.match(r"---\r?\n(.*?)\r?\n---\r?\n?(.*)", text, re.DOTALL)
    fields: dict[str, Any] = yaml.safe_load(parts[1]) if parts else {}
    dated = re.match(r"\d{4}-\d\d-\d\d", file.name)
    date = str(fields.get("date") or (dated[0] if dated else ""))[:10]
    if not parts or not fields.get("title") or not re.fullmatch(r"\d{4}-\d\d-\d\d", date):
        return None
    tags = [tag for name in ("tags", "categories", "category") for tag in listed(fields.get(name))]
    return Post(key, str(fields["title"]), datetime.date.fromisoformat(date), list(dict.fromkeys(tags)), parts[2])


def listed(value: Any) -> list[str]:
    if isinstance(value, str):
        return value.replace(",", " ").split()
    return [str(one) for one in value or []]


def gains(links: Path, keys: dict[str, str]) -> dict[str, dict[str, int]]:
    """Returns what a link joins, in both directions: 1, or 2 where there are several links."""
    counts: dict[frozenset[str], int] = {}
    with open(links, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            pair = frozenset(keys[row[end]] for end in ("from", "to") if row[end] in keys)
            if len(pair) == 2:
                counts[pair] = counts.get(pair, 0) + int(row["count"])
    related: dict[str, dict[str, int]] = {}
    for pair, count in counts.items():
        a, b = sorted(pair)
        related.setdefault(a, {})[b] = related.setdefault(b, {})[a] = min(count, 2)
    return related


# Contenders: each makes a site in a folder and returns the commands that build it, and how to read the lists.

Lists = dict[str, list[str]]
Contender = tuple[list[list[str]], Callable[[], Lists]]


class Fault(Exception):
    """What kept a contender from being measured."""


def write(file: Path, fields: dict[str, Any], body: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"---\n{yaml.safe_dump(fields, allow_unicode=True)}---\n{body}", encoding="utf-8")


def fields_of(post: Post) -> dict[str, Any]:
    return {"title": post.title, "date": post.date, "tags": post.tags}


def hugo(site: Path, blog: Blog, related: dict[str, Any] | None, page: str) -> Contender:
    need("hugo")
    for post in blog.posts:
        words = sorted(set(re.findall(r"[a-z0-9.]+", post.title.lower())) - SMALL_WORDS)
        # What looks like a shortcode is none of this site's.
        body = re.sub(r"\{\{(?=[<%])", "{{ ", post.body)
        write(site / "content" / "posts" / f"{post.key}.md", {**fields_of(post), "titlewords": words}, body)
    (site / "hugo.json").write_text(json.dumps({**HUGO_SITE, **({"related": related} if related else {})}))
    layout = site / "layouts" / "_default" / "single.html"
    layout.parent.mkdir(parents=True)
    layout.write_text(HUGO_PAGE % page)
    command = ["hugo", "--quiet", "--config", "hugo.json", "--destination", "public", "--buildFuture"]
    return [command], lambda: marked(site / "public", lambda page: page.parent.name)


def jekyll(site: Path, blog: Blog, page: str, *flags: str) -> Contender:
    need("jekyll")
    for post in blog.posts:
        fields = {**fields_of(post), "layout": "post", "render_with_liquid": False}
        write(site / "_posts" / f"{post.date}-{post.key}.md", fields, post.body)
    (site / "_config.yml").write_text("title: Site\npermalink: /:title.html\nfuture: true\n")
    layout = site / "_layouts" / "post.html"
    layout.parent.mkdir(parents=True)
    layout.write_text(JEKYLL_PAGE % page)
    command = ["jekyll", "build", "--quiet", "--destination", "_site", "--disable-disk-cache", *flags]
    return [command], lambda: marked(site / "_site", lambda page: page.stem)


def nextread(args: argparse.Namespace, site: Path, blog: Blog, *, is_indexed: bool) -> Contender:
    need(str(args.nextread))
    for post in blog.posts:
        write(site / "content" / f"{post.key}.md", fields_of(post), post.body)
    binary = str(args.nextread)
    index = [binary, "index", "content", "--future", "--quiet"]
    links = [binary, "links", "--json", "-n", str(PLACES), "--out", "links.json", "--afresh", "--quiet"]
    if is_indexed:
        subprocess.run(index, cwd=site, check=True)
    return [links] if is_indexed else [index, links], lambda: listing(site / "links.json")


def need(program: str) -> None:
    if not shutil.which(program):
        raise Fault(f"{program} is not here")


def marked(folder: Path, key: Callable[[Path], str]) -> Lists:
    """Reads the lists out of built pages."""
    pages = folder.rglob("*.html")
    found = {key(page): re.findall(MARK + r"(\w+);", page.read_text(encoding="utf-8")) for page in pages}
    return {name: links for name, links in found.items() if name.startswith("p")}


def listing(file: Path) -> Lists:
    posts = json.loads(file.read_text(encoding="utf-8"))["posts"]
    stem = lambda post: Path(post["path"]).stem  # noqa: E731
    return {stem(post): [stem(link) for link in post["links"]] for post in posts}


CONTENDERS: dict[str, Callable[[argparse.Namespace, Path, Blog], Contender]] = {
    "hugo": lambda _, site, blog: hugo(site, blog, None, ""),
    "hugo-related": lambda _, site, blog: hugo(site, blog, None, HUGO_RELATED),
    "hugo-related-tuned": lambda _, site, blog: hugo(site, blog, HUGO_TUNED, HUGO_RELATED),
    "jekyll": lambda _, site, blog: jekyll(site, blog, ""),
    "jekyll-recent": lambda _, site, blog: jekyll(site, blog, JEKYLL_RELATED),
    "jekyll-lsi": lambda _, site, blog: jekyll(site, blog, JEKYLL_RELATED, "--lsi"),
    "nextread": lambda args, site, blog: nextread(args, site, blog, is_indexed=False),
    "nextread-links-only": lambda args, site, blog: nextread(args, site, blog, is_indexed=True),
}


# Measuring


def measured(args: argparse.Namespace, blog: Blog, contend: Callable[..., Contender]) -> tuple[list[Ran], Lists]:
    runs, lists = [], {}
    for _ in range(args.rounds):
        with tempfile.TemporaryDirectory() as folder:
            commands, lists_of = contend(args, Path(folder), blog)
            ran = [run(command, Path(folder), args.seconds_max) for command in commands]
            runs.append(Ran(sum(one.seconds for one in ran), max(one.peak_mb for one in ran)))
            lists = lists_of()
    return runs, lists


def run(command: list[str], folder: Path, seconds_max: int) -> Ran:
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(command, cwd=folder, stdout=said, stderr=subprocess.STDOUT)
        while True:
            pid, status, used = os.wait4(child.pid, os.WNOHANG)
            seconds = time.perf_counter() - start
            if pid:
                break
            if seconds > seconds_max:
                child.kill()
                os.wait4(child.pid, 0)
                raise Fault(f"given up after {seconds_max} s")
            time.sleep(0.002)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            last = said.read().decode(errors="replace").strip().splitlines()[-1:]
            raise Fault(f"{command[0]} ended with {child.returncode}: {' '.join(last)[:200]}")
    return Ran(seconds, used.ru_maxrss / 1024)


def ndcg(related: dict[str, int], links: list[str]) -> float:
    discounts = [1 / math.log2(place + 2) for place in range(PLACES)]
    best = sorted(related.values(), reverse=True)
    found = (related.get(link, 0) for link in links)
    return sum(map(math.prod, zip(found, discounts))) / sum(map(math.prod, zip(best, discounts)))


def line(name: str, blog: Blog, runs: list[Ran], lists: Lists) -> str:
    for key, links in lists.items():
        if key in links or len(links) > PLACES or len(set(links)) < len(links):
            raise Fault(f"the list of {key} is none of up to {PLACES} other posts: {links}")
    seconds = [ran.seconds for ran in runs]
    scores = [ndcg(related, lists.get(key, [])) for key, related in blog.gains.items()]
    score = f"{statistics.mean(scores):.3f}" if any(lists.values()) and scores else "-"
    listed = sum(map(bool, lists.values())) / len(blog.posts)
    spread = f"{statistics.median(seconds):.2f} ({min(seconds):.2f}\u2013{max(seconds):.2f})"
    return f"| {name} | {score} | {listed:.0%} | {spread} | {max(ran.peak_mb for ran in runs):.0f} |"


if __name__ == "__main__":
    main()
