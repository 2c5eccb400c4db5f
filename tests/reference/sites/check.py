"""Do the snippets of docs/sites/ put links on pages? Builds a small site with each generator that is here, and looks.

    python3 tests/reference/sites/check.py --nextread target/release/nextread [--npm FOLDER] [NAME ...]

The snippets are taken from the pages of docs/sites/ themselves: a block of code after a line that ends in a file's name in backticks is
that file, and the commands are those of the page's first block of `sh`. Generators of npm (eleventy, hexo) are looked for in FOLDER/node_modules.
A generator that is not here is told and left out; the exit code is 1 if a page has no links.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[3]
# Posts of two subjects: of each subject two are near to one another.
POSTS = {
    "flour": ("Rye flour", "Rye flour is ground in a mill, water and flour make a sour dough that rises over night."),
    "dough": ("Sour dough of rye flour", "Water and rye flour make a sour dough, ground in a mill, that rises over night."),
    "ships": ("Steam ships", "Steam drives the screw of a ship over the sea, from harbour to harbour in any wind."),
    "harbour": ("A harbour for steam ships", "In any wind a ship finds its harbour over the sea, and steam drives its screw."),
}
TITLE_OF_NEAREST = {"flour": POSTS["dough"][0], "dough": POSTS["flour"][0], "ships": POSTS["harbour"][0], "harbour": POSTS["ships"][0]}


class Site:
    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.page = folder, (ROOT / "docs" / "sites" / f"{name}.md").read_text(encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def posts(self, name: str, head: str = "") -> None:
        for post, (title, text) in POSTS.items():
            self.write(name.format(post), f"---\ntitle: {title}\ndate: 2026-01-02\n{head}---\n{text}\n")

    def blocks(self) -> list[tuple[str, str]]:
        """Returns the blocks of code in their order, each with the line before it."""
        found = re.findall(r"^([^\n]*)\n\n( *)```\w[\w-]*\n(.*?)\n\2```", self.page, re.DOTALL | re.MULTILINE)
        return [(line, "\n".join(row.removeprefix(indent) for row in code.split("\n")) + "\n") for line, indent, code in found]

    def snippet(self, words: str) -> str:
        """Returns the block of code after the first line that has these words."""
        return next(code for line, code in self.blocks() if words in line)

    def commands(self) -> list[str]:
        return self.snippet("read the posts and write the links").splitlines()


def hugo(site: Site, _: Path) -> list[str]:
    site.posts("content/posts/{}.md")
    site.write("hugo.toml", 'baseURL = "https://site.example/"\ndisableKinds = ["taxonomy", "term", "home", "section"]\n')
    site.write("layouts/partials/related.html", site.snippet("`layouts/partials/related.html`"))
    site.write("layouts/_default/single.html", "{{ .Content }}\n" + site.snippet("`layouts/_default/single.html`"))
    return ["hugo", "--quiet", "--config", "hugo.toml", "--destination", "out"]


def jekyll(site: Site, _: Path) -> list[str]:
    site.posts("_posts/2026-01-02-{}.md", "layout: post\n")
    site.write("_config.yml", "title: Site\n")
    site.write("_includes/related.html", site.snippet("`_includes/related.html`"))
    site.write("_layouts/post.html", "{{ content }}\n" + site.snippet("`_layouts/post.html`"))
    return ["jekyll", "build", "--quiet", "--destination", "out"]


def eleventy(site: Site, npm: Path) -> list[str]:
    site.posts("posts/{}.md", "layout: post.njk\n")
    site.write("_includes/related.njk", site.snippet("`_includes/related.njk`"))
    site.write("_includes/post.njk", "{{ content | safe }}\n" + site.snippet("In the layout of a post"))
    return ["node", str(npm / "node_modules/@11ty/eleventy/cmd.cjs"), "--quiet", "--output=out"]


def hexo(site: Site, npm: Path) -> list[str]:
    site.posts("source/_posts/{}.md")
    site.write("package.json", '{"private": true, "hexo": {"version": "8"}, "dependencies": {"hexo-renderer-marked": "*", "hexo-renderer-ejs": "*"}}')
    site.write("_config.yml", "title: Site\nurl: https://site.example\ntheme: plain\npublic_dir: out\n")
    site.write("themes/plain/layout/related.ejs", site.snippet("`layout/related.ejs`"))
    site.write("themes/plain/layout/post.ejs", "<%- page.content %>\n" + site.snippet("`layout/post.ejs`"))
    (site.folder / "node_modules").symlink_to(npm / "node_modules")
    return ["node", str(npm / "node_modules/hexo/bin/hexo"), "generate", "--silent"]


def pelican(site: Site, _: Path) -> list[str]:
    site.posts("content/{}.md")
    site.write("pelicanconf.py", "SITEURL = ''\nTHEME = 'theme'\nTIMEZONE = 'UTC'\n" + site.snippet("`pelicanconf.py`"))
    for template in ("archives", "author", "authors", "base", "categories", "category", "index", "page", "period_archives", "tag", "tags"):
        site.write(f"theme/templates/{template}.html", "")
    site.write("theme/static/none.txt", "")
    site.write("theme/templates/related.html", site.snippet("`templates/related.html`"))
    site.write("theme/templates/article.html", "{{ article.content }}\n" + site.snippet("`templates/article.html`"))
    return ["pelican", "content", "--settings", "pelicanconf.py", "--output", "out", "--quiet"]


GENERATORS: dict[str, Callable[[Site, Path], list[str]]] = {
    "hugo": hugo, "jekyll": jekyll, "eleventy": eleventy, "hexo": hexo, "pelican": pelican,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(GENERATORS)} [default: all]")
    parser.add_argument("--nextread", type=Path, default=ROOT / "target" / "release" / "nextread", metavar="FILE")
    parser.add_argument("--npm", type=Path, default=Path(), metavar="FOLDER", help="where npm installed what it installed")
    args = parser.parse_args()
    failed = 0
    for name in args.names or GENERATORS:
        with tempfile.TemporaryDirectory() as folder:
            said, is_well = check(Site(Path(folder), name), GENERATORS[name], args)
            print(f"{name}: {said}", flush=True)
            failed += not is_well
    return 1 if failed else 0


def check(site: Site, make: Callable[[Site, Path], list[str]], args: argparse.Namespace) -> tuple[str, bool]:
    build = make(site, args.npm.resolve())
    missing = [word for word in build[:2] if "/" in word and not Path(word).exists()] or [build[0]] * (not shutil.which(build[0]))
    if missing:
        return f"not here ({missing[0]}), left out", True
    environment = {**os.environ, "PATH": f"{args.nextread.resolve().parent}:{os.environ['PATH']}"}
    # Four posts are too few to tell what is near by chance.
    commands = [command + (" --min-score 0.3" if " links " in command else "") for command in site.commands()]
    for command in [*commands, build]:
        done = subprocess.run(command, shell=isinstance(command, str), cwd=site.folder, env=environment,
                              capture_output=True, text=True, check=False)
        if done.returncode:
            return f"{command} ended with {done.returncode}: {(done.stderr or done.stdout).strip()[-300:]}", False
    pages = {page: page.read_text(encoding="utf-8") for page in (site.folder / "out").rglob("*.html")}
    for post, title in TITLE_OF_NEAREST.items():
        own = [text for page, text in pages.items() if is_page_of(page, post)]
        if not any(re.search(r'<li><a href="[^"]+">' + re.escape(title) + "</a></li>", text) for text in own):
            return f"no link to \"{title}\" on the page of {post}: {own or sorted(map(str, pages))}", False
    return f"{len(POSTS)} pages link to their nearest posts", True


def is_page_of(page: Path, post: str) -> bool:
    """A page is known by its file's name, its folder's, or the words of its title."""
    names = {page.stem, page.parent.name}
    return bool(names & {post, POSTS[post][0].lower().replace(" ", "-")})


if __name__ == "__main__":
    sys.exit(main())
