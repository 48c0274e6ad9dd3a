"""Makes collections for `cargo bench --bench quality` of public evaluation pages.

    python3 benches/quality/collect.py trafilatura|benchmark|fundus|readability CLONE OUT
    python3 benches/quality/collect.py posts SITES OUT

CLONE is a checkout of adbar/trafilatura (titles and dates of its `tests/eval`), of
scrapinghub/article-extraction-benchmark (bodies), of flairNLP/fundus (bodies, titles and dates of its
tests' pages) or of mozilla/readability (bodies of its test pages). Writes OUT/NAME-pages.jsonl with
the pages, and OUT/NAME-texts.jsonl with what a browser shows of them, a block a paragraph. A hash of
the page's name says which half it is of. SITES is a folder of checkouts of blogs: OUT/summaries.jsonl
lists their posts whose authors wrote a summary, at most 30 of a site; one that is cut or copied out of
the post is none of an author's. Nothing of it belongs into a commit.
"""

import gzip
import hashlib
import html.parser
import json
import pathlib
import re
import sys
import urllib.parse

INLINE = set(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp small"
    " span strike strong sub sup time tt u var wbr".split()
)
UNSEEN = set("script style noscript template head svg math object iframe select textarea".split())
VOID = set("area base br col embed hr img input link meta param source track wbr".split())


class Shown(html.parser.HTMLParser):
    """The text that a browser shows, as blocks."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.blocks, self.block, self.unseen = [], "", []

    def end_block(self):
        text = " ".join(self.block.split())
        if text:
            self.blocks.append(text)
        self.block = ""

    def handle_starttag(self, tag, attributes):
        if self.unseen:
            if tag == self.unseen[-1] and tag not in VOID:
                self.unseen.append(tag)
        elif tag in UNSEEN:
            self.end_block()
            self.unseen.append(tag)
        elif tag == "br":
            self.block += "\n"
        elif tag not in INLINE:
            self.end_block()

    def handle_endtag(self, tag):
        if self.unseen:
            if tag == self.unseen[-1]:
                self.unseen.pop()
        elif tag not in INLINE:
            self.end_block()

    def handle_data(self, text):
        if not self.unseen:
            self.block += text


def shown(page):
    parser = Shown()
    parser.feed(page)
    parser.close()
    parser.end_block()
    return "\n\n".join(parser.blocks)


def decoded(data):
    for charset in ("utf-8", "windows-1252"):
        try:
            return data.decode(charset)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")


def trafilatura(clone):
    golds = json.loads((clone / "tests/evaldata.json").read_text())
    for address, gold in golds.items():
        places = [clone / "tests" / folder / gold["file"] for folder in ("eval", "cache")]
        page = next((place for place in places if place.is_file()), None)
        if page:
            fields = {key: gold.get(key) or "" for key in ("title", "date")}
            yield gold["file"], page.read_bytes(), address, fields


def benchmark(clone):
    golds = json.loads((clone / "ground-truth.json").read_text())
    for name, gold in golds.items():
        page = gzip.decompress((clone / "html" / f"{name}.html.gz").read_bytes())
        yield name, page, gold["url"], {"body": gold["articleBody"]}


def fundus(clone):
    for listed in sorted(clone.glob("tests/resources/parser/test_data/*/*.json")):
        publisher = listed.stem
        for page in sorted(listed.parent.glob(f"{publisher}_*.html.gz")):
            versions = json.loads(listed.read_text())
            version = page.name.removesuffix(".html.gz").split("_")[-1]
            gold = versions.get(version) or (len(versions) == 1 and next(iter(versions.values())))
            if not gold or not isinstance(gold.get("body"), dict):
                continue
            body = list(gold["body"].get("summary") or [])
            for section in gold["body"].get("sections") or []:
                body += list(section.get("headline") or []) + list(section.get("paragraphs") or [])
            fields = {
                "body": "\n\n".join(body),
                "title": gold.get("title") or "",
                "date": (gold.get("publishing_date") or "")[:10],
                "folder": publisher,
            }
            yield page.name, gzip.decompress(page.read_bytes()), "", fields


def readability(clone):
    for page in sorted(clone.glob("test/test-pages/*/source.html")):
        expected = (page.parent / "expected.html").read_text()
        yield page.parent.name, page.read_bytes(), "", {"body": shown(expected)}


def half_of(name):
    return ("seen", "unseen")[hashlib.sha256(name.encode()).digest()[0] % 2]


def bare(text):
    return " ".join(re.findall(r"\w+", text.lower()))


def summary_of(text):
    """What the author says of a post, where those are words of its own."""
    matter, _, body = text.removeprefix("---\n").partition("\n---\n")
    said = re.search(r"^(?:summary|description): *(.+)$", matter, re.M)
    is_post = re.search(r"^(?:date|pubDate|pubDatetime):", matter, re.M) and len(body) >= 1500
    said = said[1].strip().strip("\"'") if said and is_post else ""
    is_cut = said.endswith(("...", "…"))
    own = 60 <= len(said) <= 600 and not is_cut and "<" not in said
    return said if own and bare(said)[:60] not in bare(body) else None


def posts(sites, out):
    out.mkdir(parents=True, exist_ok=True)
    known, lines = set(), []
    for site in sorted(path for path in sites.iterdir() if path.is_dir()):
        files = [path for path in site.rglob("*.md*") if "node_modules" not in path.parts]
        files.sort(key=lambda path: hashlib.sha256(str(path.relative_to(sites)).encode()).digest())
        count = 0
        for path in files:
            text = path.read_text(errors="replace") if path.is_file() else ""
            said = summary_of(text) if text.startswith("---\n") else None
            if said and said not in known and count < 30:
                name = str(path.relative_to(sites))
                item = {"name": name, "file": str(path.resolve()), "summary": said}
                lines.append(json.dumps(item | {"half": half_of(name)}, ensure_ascii=False) + "\n")
                known.add(said)
                count += 1
    (out / "summaries.jsonl").write_text("".join(lines))
    print(f"{len(lines)} summaries of posts")


def main(source, clone, out):
    if source == "posts":
        return posts(clone, out)
    out.mkdir(parents=True, exist_ok=True)
    lists = {kind: open(out / f"{source}-{kind}.jsonl", "w") for kind in ("pages", "texts")}
    count = 0
    for name, page, address, gold in globals()[source](clone):
        half = half_of(name)
        host = urllib.parse.urlsplit(address).hostname or ""
        folder = gold.pop("folder", "") or host
        safe = hashlib.sha256(name.encode()).hexdigest()[:16]
        for kind, file, data in (
            ("pages", f"{safe}.html", page),
            ("texts", f"{safe}.txt", shown(decoded(page)).encode()),
        ):
            (out / source).mkdir(exist_ok=True)
            (out / source / file).write_bytes(data)
            item = {"name": name, "file": f"{source}/{file}", "half": half, **gold}
            if kind == "texts" and folder:
                item["folder"] = folder
            lists[kind].write(json.dumps(item, ensure_ascii=False) + "\n")
        count += 1
    print(f"{count} pages of {source}")


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
