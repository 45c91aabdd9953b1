"""The prose: lines of bearable length, links that lead somewhere, paths that exist, and a site that builds."""

import importlib.util
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from tests.conftest import ROOT

READMES = ("README.md", "README.zh-CN.md")
PAGES = [ROOT / name for name in (*READMES, "CONTRIBUTING.md", "CHANGELOG.md")] + sorted((ROOT / "docs").rglob("*.md"))
NAMES = [path.relative_to(ROOT).as_posix() for path in PAGES]
LONGEST = 120


def prose(text):
    """(number, line) of the lines that are neither code nor rows of a table."""
    in_code = False
    for number, line in enumerate(text.splitlines(), 1):
        fence = line.lstrip().startswith("```")
        in_code ^= fence
        if not (in_code or fence or line.startswith(("|", "    "))):
            yield number, line


def anchors(text):
    """What headings are called in links, on a repository's page and on the site alike."""
    titles = [re.sub(r"^#+ ", "", line) for _, line in prose(text) if re.match(r"#+ ", line)]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def links(text):
    """Targets of the links, but for those of other sites."""
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"[a-z]+:", link)]


def dead_links(path, text):
    """The links of a page in ``path`` that lead nowhere."""
    for link in links(text):
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        there = target.read_text(encoding="utf-8") if target.is_file() and target != path else text
        if not target.exists() or (anchor and anchor not in anchors(there)):
            yield link


@pytest.mark.parametrize("name", NAMES)
def test_lines_of_prose_are_short(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert [f"{name}:{number}" for number, line in prose(text) if len(line) > LONGEST] == []


@pytest.mark.parametrize("name", NAMES)
def test_links_and_anchors(name):
    assert list(dead_links(ROOT / name, (ROOT / name).read_text(encoding="utf-8"))) == []


def test_dead_links_are_found():
    text = "# 结果 `a`\n\n[1](#结果-a) [2](#nothing) [3](docs/index.md#gap-relm) [4](docs/index.md#x) [5](docs/x.md)\n"
    assert list(dead_links(ROOT / "README.md", text)) == ["#nothing", "docs/index.md#x", "docs/x.md"]


def test_both_readmes_have_one_structure():
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in READMES)
    for count in (
        lambda text: [line.split(" ")[0] for _, line in prose(text) if re.match(r"#+ ", line)],
        lambda text: sorted(link for link in links(text) if not link.startswith(("#", "README"))),
        lambda text: len(re.findall(r"^\|", text, re.MULTILINE)),
        lambda text: re.findall(r"\d\.\d{3}", text),
        lambda text: len(re.findall(r"^(?:\*|\d\.) ", text, re.MULTILINE)),
    ):
        assert count(english) == count(chinese)


def test_paths_in_the_table_of_changes_exist():
    rows = re.findall(r"^\| .*", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE)
    paths = [path for row in rows for path in re.findall(r"`([\w./-]+(?:/|\.\w+))`", row)]
    assert len(paths) > 60
    assert [path for path in paths if not (ROOT / path).exists()] == []


def code(name, language="python"):
    return re.findall(rf"^```{language}\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_code_of_the_scoring_page_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "refs.tsv").write_text("1\t我再家看书。\t我在家看书。\n2\t我在家。\t没有错误\n", encoding="utf-8")
    (tmp_path / "hyp.txt").write_text("我在家看书。\n我在家里。\n", encoding="utf-8")
    [block] = code("docs/use/scoring.md")
    exec(compile(block, "scoring.md", "exec"), {})
    lists, files = capsys.readouterr().out.splitlines()
    assert "'tp': 1, 'fp': 0" in lists
    assert "'tp': 1, 'fp': 1" in files


@pytest.mark.parametrize("name", ["gaprelm", "cherrant", "spelling"])
def test_imports_in_the_reference_hold(name):
    [block] = code(f"docs/reference/{name}.md")
    exec(compile(block, name, "exec"), {})


class Requests(HTMLParser):
    """What a browser fetches for a page without being asked."""

    def __init__(self):
        super().__init__()
        self.urls = []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        fetched = values.get("src") or (values.get("href") if tag == "link" else None)
        self.urls += [fetched] if fetched else []


@pytest.mark.skipif(
    importlib.util.find_spec("mkdocs") is None or importlib.util.find_spec("mkdocstrings") is None,
    reason="mkdocs is not installed: pip install 'gaprelm[docs]'",
)
def test_the_site_builds_and_fetches_nothing_from_elsewhere(tmp_path):
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    pages = sorted(tmp_path.rglob("*.html"))
    assert len(pages) > len(PAGES)
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "```" not in text, page
        assert "mermaid" not in text, f"{page}: the theme would fetch a script from elsewhere to draw it"
        parser = Requests()
        parser.feed(text)
        assert [url for url in parser.urls if re.match(r"(?:\w+:)?//", url)] == [], page
    for style in tmp_path.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert not re.search(r"(?:@import|url\()\s*[\"']?(?:\w+:)?//", text), style
    reference = (tmp_path / "reference" / "gaprelm.html").read_text(encoding="utf-8")
    assert "correct_batch" in reference
    assert "<p>below this confidence no edit of any type is made.</p>" in reference, "the fields of Control are no list"
