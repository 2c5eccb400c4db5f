"""Asks the real generators for the addresses of the sites in tests/it/fixtures/sites, and writes expected.jsonl beside each.

Usage: python3 make.py [SITE ...]

Needs `hugo` and `jekyll` (Debian has both), `pelican` (pip), and `npm install` beside this file, or NODE_MODULES naming another
folder with what package.json lists. Zola and Obsidian have no line here: the one is not packaged, the other writes no pages.
Every site is built in a copy; the generator itself is asked, by a template, a plugin or its own list command.
"""

import csv
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SITES = HERE.parents[1] / "it" / "fixtures" / "sites"
MODULES = pathlib.Path(os.environ.get("NODE_MODULES", HERE / "node_modules"))
NOW = "2026-06-01T00:00:00Z"


def run(command, folder):
    environment = {**os.environ, "TZ": "UTC", "ASTRO_TELEMETRY_DISABLED": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def node(package, file, *arguments, folder):
    (folder / "node_modules").symlink_to(MODULES)
    return run(["node", str(MODULES / package / file), *arguments], folder)


def hugo(folder):
    for row in csv.DictReader(run(["hugo", "list", "all"], folder).splitlines()):
        dates = {key: row[key] for key in ("date", "publishDate", "expiryDate")}
        expired = not dates["expiryDate"].startswith("0001") and dates["expiryDate"] < NOW
        if row["draft"] != "true" and dates["publishDate"] < NOW and not expired:
            yield row["path"], row["permalink"]


def jekyll(folder):
    (folder / "list.json").write_text(
        "---\nlayout: null\n---\n"
        "[{% for c in site.collections %}{% if c.output %}{% for p in c.docs %}"
        '{"path":{{ p.relative_path | jsonify }},"url":{{ p.url | absolute_url | jsonify }}},'
        "{% endfor %}{% endif %}{% endfor %}"
        '{% for p in site.pages %}{"path":{{ p.path | jsonify }},"url":{{ p.url | absolute_url | jsonify }}},{% endfor %}null]'
    )
    run(["jekyll", "build", "--quiet"], folder)
    for post in json.loads((folder / "_site/list.json").read_text())[:-1]:
        if post["path"] != "list.json":
            yield post["path"], post["url"]


def eleventy(folder):
    (folder / "src/list.11ty.js").write_text(
        'module.exports = class { data() { return { permalink: "/list.json", eleventyExcludeFromCollections: true }; }'
        " render({ collections }) { return JSON.stringify(collections.all.map((p) => [p.inputPath, p.url])); } };"
    )
    node("@11ty/eleventy", "cmd.cjs", "--quiet", folder=folder)
    for path, url in json.loads((folder / "_site/list.json").read_text()):
        if url:
            yield path.removeprefix("./"), url


def hexo(folder):
    (folder / "package.json").write_text('{"name": "x", "hexo": {"version": ""}, "dependencies": {"hexo-renderer-marked": "*"}}')
    (folder / "scripts").mkdir()
    (folder / "scripts/list.js").write_text(
        "hexo.extend.generator.register('list', (site) => ({ path: 'list.json', data: JSON.stringify("
        "[...site.posts.toArray(), ...site.pages.toArray()].map((p) => [p.source, p.permalink])) }));"
    )
    node("hexo", "bin/hexo", "generate", "--silent", folder=folder)
    for path, url in json.loads((folder / "public/list.json").read_text()):
        yield f"source/{path}", url


def pelican(folder):
    (folder / "list_plugin.py").write_text(
        "import json\nfrom pelican import signals\n"
        "def write(generators):\n"
        "    posts = [p for g in generators for n in ('articles', 'translations', 'pages') for p in getattr(g, n, [])]\n"
        "    rows = [[p.source_path, p.settings['SITEURL'] + '/' + p.url] for p in posts]\n"
        "    open('list.json', 'w').write(json.dumps(rows))\n"
        "def register():\n    signals.all_generators_finalized.connect(write)\n"
    )
    with open(folder / "pelicanconf.py", "a") as config:
        config.write("\nPLUGIN_PATHS = ['.']\nPLUGINS = ['list_plugin']\n")
    run(["pelican", "content", "-s", "pelicanconf.py", "-o", "out"], folder)
    for path, url in json.loads((folder / "list.json").read_text()):
        yield str(pathlib.Path(path).resolve().relative_to(folder.resolve())), url


def docusaurus(folder):
    config = folder / "docusaurus.config.js"
    config.write_text(
        config.read_text().replace(
            "  presets:",
            "  plugins: [() => ({ name: 'list', async allContentLoaded({ allContent }) {\n"
            "    const blog = allContent['docusaurus-plugin-content-blog'].default.blogPosts;\n"
            "    const rows = blog.filter((p) => !p.metadata.unlisted).map((p) => [p.metadata.source, p.metadata.permalink]);\n"
            "    require('fs').writeFileSync('list.json', JSON.stringify(rows));\n  } })],\n  presets:",
        )
    )
    node("@docusaurus/core", "bin/docusaurus.mjs", "build", folder=folder)
    for path, url in json.loads((folder / "list.json").read_text()):
        yield path.removeprefix("@site/"), f"https://docusaurus.example{url}"


def astro(folder):
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "src/pages/list.json.ts").write_text(
        "import { getCollection } from 'astro:content';\n"
        "export async function GET() { const posts = await getCollection('blog');\n"
        "  return new Response(JSON.stringify(posts.map((post) => [post.filePath, post.id]))); }\n"
    )
    node("astro", "astro.js", "build", folder=folder)
    written = {str(page.parent.relative_to(folder / "dist")) for page in (folder / "dist").rglob("index.html")}
    for path, entry in json.loads((folder / "dist/list.json").read_text()):
        assert f"writing/{entry}" in written, (entry, written)
        yield path, f"https://astro.example/base/writing/{entry}/"


MAKERS = {"hugo": hugo, "hugo-folders": hugo, "jekyll": jekyll, "eleventy": eleventy, "hexo": hexo}
MAKERS |= {"pelican": pelican, "docusaurus": docusaurus, "astro": astro}


def main():
    for name in sys.argv[1:] or MAKERS:
        with tempfile.TemporaryDirectory() as room:
            copy = pathlib.Path(room) / name
            shutil.copytree(SITES / name, copy, ignore=shutil.ignore_patterns("expected.jsonl"))
            # Some generators leave spaces to the browser.
            rows = sorted((path, url.replace(" ", "%20")) for path, url in MAKERS[name](copy))
        lines = [json.dumps({"path": path, "url": url}, ensure_ascii=False) for path, url in rows]
        (SITES / name / "expected.jsonl").write_text("".join(line + "\n" for line in lines))
        print(f"{name}: {len(rows)} pages")


main()
