"""SGML of the CGED tasks (grammatical error diagnosis): sentences of learners, each with its corrected text.

2014 and 2015: ``SENTENCE``, and a ``MISTAKE`` with ``TYPE`` and ``CORRECTION``, the whole sentence corrected.
From 2016 on: ``TEXT`` and ``CORRECTION``, each on lines of its own, and an ``ERROR`` for each span.
Spans count characters from 1, and name the first and the last one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import unescape

from gaprelm.characters import whole_number
from gaprelm.data.records import Record
from gaprelm.errors import Problem, shown
from gaprelm.textio import Line, read_lines

_TAG = re.compile(r"<(/?)(ESSAY|DOC|TEXT|SENTENCE|MISTAKE|TYPE|CORRECTION|ERROR)\b([^<>]*)>", re.IGNORECASE)
# Some files have no blank between attributes.
_ATTRIBUTE = re.compile(r'(\w+)\s*=\s*"?([^"\s>]*)"?')
_QUOTES = {"&quot;": '"', "&apos;": "'"}
_DOCUMENTS = ("ESSAY", "DOC")
_TEXTS = ("TEXT", "SENTENCE")


class _Tag(NamedTuple):
    """A tag, and what stands between the tag before it and itself."""

    name: str
    closing: bool
    attributes: dict[str, str]
    line: int
    before: str
    broken: bool  # a line of ``before`` has a problem


@dataclass
class _Sentence:
    """A sentence, as far as it is read; ``text`` is None until its closing tag comes."""

    name: str
    form: str  # TEXT or SENTENCE
    line: int
    text: str | None = None
    broken: bool = False
    corrections: list[str] = field(default_factory=list)
    mistakes: int = 0
    spans: list[tuple[int, dict[str, str]]] = field(default_factory=list)


def read(path: Path, partner: Path | None = None) -> Iterator[Record | Problem]:
    """One record per sentence; its references are its different corrections.

    A ``SENTENCE`` without a mistake is correct. A sentence that is marked and has no correction, or whose correction
    cannot be read, comes without a reference. The corrected text says what is right, so spans that do not fit are only
    a warning.
    """
    parser = _Parser(path)
    for item in _tags(path):
        yield from [item] if isinstance(item, Problem) else parser.read(item)
    yield from parser.end()


def _tags(path: Path) -> Iterator[_Tag | Problem]:
    """The tags of a file, and the problems of its lines. Lines are joined without a blank, as the texts need it."""
    before: list[str] = []
    broken = False
    for line in read_lines(path):
        if line.problem:
            yield line.problem
        broken |= line.problem is not None
        done = 0
        for tag in _TAG.finditer(line.text):
            before.append(line.text[done : tag.start()])
            yield _tag(line, tag, "".join(before), broken)
            before, broken, done = [], line.problem is not None, tag.end()
        before.append(line.text[done:])


def _tag(line: Line, tag: re.Match[str], before: str, broken: bool) -> _Tag:
    attributes = {name.lower(): value for name, value in _ATTRIBUTE.findall(tag.group(3))}
    text = unescape(before, _QUOTES).strip()
    return _Tag(tag.group(2).upper(), bool(tag.group(1)), attributes, line.number, text, broken)


class _Parser:
    """Puts tags together; a document ends where its tag closes or the next one opens."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sentences: dict[str, _Sentence] = {}
        self._current: _Sentence | None = None
        self._open: _Tag | None = None

    def read(self, tag: _Tag) -> Iterator[Record | Problem]:
        """What the tag brings to an end."""
        opened, self._open = self._open, None
        if opened and (not tag.closing or tag.name != opened.name):
            yield self._problem(opened.line, f"<{opened.name}> that is not closed", f"</{opened.name}>")
            if self._current:
                self._current.broken = True
        elif opened:
            self._content(tag)
        if tag.name in _DOCUMENTS:
            yield from self._finish()
        elif not tag.closing:
            yield from self._begin(tag)

    def end(self) -> Iterator[Record | Problem]:
        """What the end of the file brings to an end."""
        if self._open:
            yield from self.read(_Tag("DOC", True, {}, self._open.line, "", False))
        yield from self._finish()

    def _begin(self, tag: _Tag) -> Iterator[Problem]:
        if tag.name in _TEXTS and "id" in tag.attributes:  # TEXT without an id holds the sentences of an essay
            name = tag.attributes["id"]
            self._current = _Sentence(name, tag.name, tag.line)
            if name in self._sentences:
                expected = f"one id per sentence (see line {self._sentences[name].line})"
                yield self._problem(tag.line, "this id for the second time", expected, name)
            else:
                self._sentences[name] = self._current
            self._open = tag
        elif tag.name in ("CORRECTION", "TYPE"):
            self._open = tag
        elif tag.name in ("MISTAKE", "ERROR"):
            yield from self._mistake(tag)

    def _mistake(self, tag: _Tag) -> Iterator[Problem]:
        name = tag.attributes.get("id")
        if name is not None:
            self._current = self._sentences.get(name)
        if self._current is None:
            yield self._problem(tag.line, "a mistake of an unknown sentence", "a sentence's id", name)
            return
        self._current.mistakes += 1
        if "start_off" in tag.attributes:
            self._current.spans.append((tag.line, tag.attributes))

    def _content(self, tag: _Tag) -> None:
        """Take the content of an element that closes."""
        sentence = self._current
        if sentence is None:
            return
        if tag.name in _TEXTS:
            sentence.text = tag.before
            sentence.broken |= tag.broken
        elif tag.name == "CORRECTION":
            sentence.corrections.append(tag.before)
            sentence.broken |= tag.broken
        elif sentence.spans:
            sentence.spans[-1][1].setdefault("type", tag.before)

    def _finish(self) -> Iterator[Record | Problem]:
        for sentence in self._sentences.values():
            yield from _record(self._path, sentence)
        self._sentences, self._current = {}, None

    def _problem(self, line: int, found: str, expected: str, name: str | None = None) -> Problem:
        return Problem(self._path, line, found, expected, name)


def _record(path: Path, sentence: _Sentence) -> Iterator[Record | Problem]:
    if sentence.text is None:
        return  # it was not closed, which is a problem already
    if not sentence.text:
        yield Problem(path, sentence.line, f"an empty {sentence.form}", "text", sentence.name)
        return
    targets: list[str] = []
    if not sentence.broken:
        if not all(sentence.corrections):
            yield Problem(path, sentence.line, "an empty CORRECTION", "text", sentence.name)
        else:
            targets = list(dict.fromkeys(sentence.corrections))
            if not targets and sentence.form == "SENTENCE" and not sentence.mistakes:
                targets = [sentence.text]
            yield from _warnings(path, sentence, targets)
    yield Record(sentence.name, sentence.text, targets, sentence.line)


def _warnings(path: Path, sentence: _Sentence, targets: list[str]) -> Iterator[Problem]:
    """What does not fit in a sentence that is used as it is."""

    def warning(line: int, found: str, expected: str) -> Problem:
        return Problem(path, line, found, expected, sentence.name, warning=True)

    text = sentence.text or ""
    if not targets:
        yield warning(sentence.line, "no CORRECTION", "the corrected text: this sentence has no reference")
    elif sentence.mistakes and targets == [text]:
        yield warning(sentence.line, "a mistake marked in a sentence whose CORRECTION is equal", "a difference")
    elif not sentence.mistakes and targets != [text]:
        yield warning(sentence.line, "a CORRECTION that differs, and no mistake marked", "an ERROR for each mistake")
    for line, attributes in sentence.spans:
        start, end = (whole_number(attributes.get(name, "")) for name in ("start_off", "end_off"))
        missing = attributes.get("type", "").upper().startswith("M")
        # What is missing may be missing at the end, and is then counted beyond it.
        last = len(text) + 1 if missing else len(text)
        if not start or not end or start > end or (start if missing else end) > last:
            found = f"span {shown(attributes.get('start_off'))} to {shown(attributes.get('end_off'))}"
            yield warning(line, found, f"numbers from 1 to {last}, places of the text")
