"""Makes a site of Markdown posts to measure with: the same bytes for the same numbers, in any Python.

    python3 benches/site.py FOLDER --posts 10000
    python3 benches/site.py FOLDER --posts 10000 --change 1

The posts lie in FOLDER/content/posts/YEAR/. Each is of one of sixteen subjects and of a few things in it, has a title, tags and a date,
some 400 words by a grammar of our own, names that only it and a few others have, and a link or two to posts before
it. `--change N` puts a new paragraph before all others of N posts that are there, another one each time; nothing else is touched.
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Sequence
from pathlib import Path

# Subject: things, what they are like, what is done with them.
SUBJECTS = {
    "bread": ("dough oven crust flour yeast loaf rye crumb starter kneading proofing steam baguette salt basket scoring",
              "sour warm slow crisp dense wet", "bake knead proof fold cool slice"),
    "caches": ("cache key eviction hit miss shard latency header expiry stampede replica proxy token edge warmup quota",
               "stale hot cold shared small local", "fill evict refresh measure bypass share"),
    "databases": ("index table query plan page log transaction lock replica backup column join vacuum schema cursor row",
                  "slow wide sorted empty durable nested", "scan lock migrate restore join rewrite"),
    "compilers": ("parser token tree type lifetime pass register loop closure macro linker symbol branch constant module trait",
                  "strict lazy generic pure unsafe inline", "parse infer lower inline link check"),
    "gardens": ("seed bed compost tomato root frost hedge pruning soil mulch bean harvest trellis watering slug greenhouse",
                "early dry shady rich late young", "sow prune water plant dig harvest"),
    "bicycles": ("chain gear wheel spoke brake saddle frame hub pedal tyre tube bearing cable light pannier fork",
                 "worn light steep rusty true loose", "ride repair true clean replace adjust"),
    "trains": ("line station signal timetable platform sleeper carriage ticket junction bridge delay border ferry guard night tunnel",
               "late direct slow scenic crowded narrow", "board miss change book reach cross"),
    "music": ("chord scale string bow rhythm melody tuning fugue organ singer score interval drum recording concert rehearsal",
              "minor soft loud broken modern low", "play tune sing record repeat conduct"),
    "security": ("key password certificate signature attacker audit sandbox secret permission patch firewall login hash vault breach rotation",
                 "weak leaked expired strong hidden trusted", "sign rotate revoke patch audit encrypt"),
    "networks": ("packet router socket window queue cable handshake loss bandwidth gateway port congestion timeout stream resolver name",
                 "slow lossy busy far wireless open", "route drop retry probe throttle forward"),
    "photography": ("lens shutter film aperture print negative tripod filter portrait grain light shadow darkroom exposure frame focus",
                    "sharp blurred grey bright old wide", "expose print crop develop frame meter"),
    "testing": ("test fixture mock assertion coverage property seed snapshot regression suite flake runner oracle mutation report build",
                "flaky quick broken narrow honest random", "run fail shrink skip compare fix"),
    "sailing": ("sail mast tide anchor harbour rope wind keel chart buoy wave knot rudder deck cabin storm",
                "rough calm windy leaking deep narrow", "reef steer anchor furl moor cross"),
    "typography": ("font glyph serif margin column kerning page grid ligature paragraph heading contrast weight ruler proof ink",
                   "bold narrow even tall light readable", "set space align print draw scale"),
    "cheese": ("milk curd rennet rind cave culture whey mould wheel brine press goat salt ageing knife board",
               "young hard soft blue ripe salty", "press age turn salt cut taste"),
    "astronomy": ("star planet orbit telescope mirror nebula comet eclipse galaxy spectrum dust moon observer sky eyepiece transit",
                  "faint bright distant red double cold", "observe track resolve measure draw find"),
}
# A sentence is one of each: 12 × 10 × 12 forms, so that posts share their words more than their phrases.
BEGINNINGS = (
    "a {like} {thing} needs {number} days", "we {do} the {thing} first", "{name} used to {do} every {thing} by hand",
    "the {thing} of {name} was {like} from the start", "most people {do} the {thing} twice", "nobody looks at the {like} {thing}",
    "it took {number} weeks to {do} one {thing}", "my notes from {name} begin with a {like} {thing}",
    "to {do} well is to leave the {thing} alone", "{number} times out of fifty the {thing} held",
    "what I know of a {thing} I learned from {name}", "an old {thing} may still be {like}",
)
JOINTS = ("because", "although", "and", "but", "while", "so that", "as long as", "until", "which is why", "even if")
ENDS = (
    "the {other} depends on it", "a {like} {other} costs more than the {third}", "{name} wrote down what the {other} does",
    "the {third} has to go with it", "no {other} lasts for {number} years", "they {do} the {other} in a hurry",
    "the {other} at {name} stays {like}", "there is hardly a {third} without its {other}", "every third {other} turned out {like}",
    "we could {do} it again the next day", "the {third} was measured {number} times", "somebody has to {do} the {third}",
)
TITLES = ("How to {do} a {like} {thing}", "The {thing} and the {other}", "Why the {like} {thing} fails", "{Name} on the {thing}",
          "A {like} {other}, and what to {do} first", "{number} notes on the {thing} of {Name}", "What a {thing} owes to its {other}")
SYLLABLES = "ba ler mi ton ka ve rin do sal pe gra no lu tis mar hen o vik sta fe".split()
FIRST_DAY = datetime.date(2004, 1, 5)
SENTENCES_A_PARAGRAPH = 5
PARAGRAPHS = 5


class Draw:
    """Draws by a linear congruence of Knuth's, so that no library's version changes a byte."""

    def __init__(self, seed: int) -> None:
        self.state = seed * 2_654_435_769 + 1
        for _ in range(4):
            self.below(2)

    def below(self, count: int) -> int:
        self.state = (self.state * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % 2**64
        return (self.state >> 33) % count

    def of(self, things: Sequence[str]) -> str:
        return things[self.below(len(things))]


def name(draw: Draw, count: int) -> str:
    """Returns a name that about one post in `count` has: some are in many posts, most in few."""
    which = Draw(draw.below(1 + draw.below(count)))
    return "".join(which.of(SYLLABLES) for _ in range(2 + which.below(3))).capitalize()


class Post:
    def __init__(self, number: int, posts: int) -> None:
        self.number, self.posts, self.draw = number, posts, Draw(number)
        self.subject = self.draw.of(tuple(SUBJECTS))
        things, likes, dos = (words.split() for words in SUBJECTS[self.subject])
        # What it is about: some of the subject's things.
        self.things = [things.pop(self.draw.below(len(things))) for _ in range(6)]
        self.likes, self.dos = likes, dos
        self.name = name(self.draw, posts)
        self.title = self.fill(self.draw.of(TITLES))
        self.date = FIRST_DAY + datetime.timedelta(days=number * 6_200 // posts)
        self.path = f"{self.date.year}/{number:05}-{self.subject}-{self.things[0]}.md"

    def fill(self, sentence: str) -> str:
        draw = self.draw
        thing, other, third = (draw.of(self.things) for _ in range(3))
        called = self.name if draw.below(2) else name(draw, self.posts)
        words = {"thing": thing, "other": other, "third": third, "like": draw.of(self.likes), "do": draw.of(self.dos),
                 "name": called, "Name": self.name, "number": draw.below(40) + 2}
        said = sentence.format(**words)
        return said[0].upper() + said[1:]

    def paragraph(self) -> str:
        return " ".join(self.sentence() for _ in range(SENTENCES_A_PARAGRAPH))

    def sentence(self) -> str:
        return self.fill(" ".join(self.draw.of(part) for part in (BEGINNINGS, JOINTS, ENDS)) + ".")

    def text(self) -> str:
        paragraphs = [self.paragraph() for _ in range(PARAGRAPHS)]
        for _ in range(1 + self.draw.below(2)):
            if self.number:
                other = Post(self.draw.below(self.number), self.posts)
                at = 1 + self.draw.below(PARAGRAPHS - 1)
                paragraphs[at] += f" See [{other.title}](../{other.path}), too."
        head = f"---\ntitle: \"{self.title}\"\ndate: {self.date}\ntags: [{self.subject}, {self.things[0]}]\n---\n\n"
        return head + "\n\n".join(paragraphs) + "\n"


def make(folder: Path, posts: int) -> None:
    for number in range(posts):
        post = Post(number, posts)
        file = folder / post.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(post.text(), encoding="utf-8")


def change(folder: Path, count: int) -> None:
    """Adds to the posts that come first when their numbers are shuffled, the same ones every time."""
    files = sorted(folder.rglob("*.md"))
    draw = Draw(len(files))
    for _ in range(count):
        file = files.pop(draw.below(len(files)))
        text = file.read_text(encoding="utf-8")
        paragraph = Post(text.count("\n"), 10_000).paragraph()
        file.write_text(text.replace("\n\n", f"\n\n{paragraph}\n\n", 1), encoding="utf-8")
        print(file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--posts", type=int, default=10_000, metavar="N")
    parser.add_argument("--change", type=int, metavar="N", help="change so many posts of a site that is there")
    args = parser.parse_args()
    folder = args.folder / "content" / "posts"
    if args.change is None:
        make(folder, args.posts)
    else:
        change(folder, args.change)


if __name__ == "__main__":
    main()
