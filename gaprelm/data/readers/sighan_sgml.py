"""SGML of the SIGHAN releases: essays with passages and mistakes; each tag is on one line with its text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gaprelm.characters import whole_number
from gaprelm.data.records import Record
from gaprelm.errors import Problem, shown
from gaprelm.textio import Line, read_lines

_TAG = re.compile(r"<(/?)(\w+)([^>]*)>")
_ATTRIBUTE = re.compile(r'(\w+)\s*=\s*"?([^"\s>]*)"?')
_WITH_TEXT = ("PASSAGE", "P", "WRONG", "CORRECTION", "CORRECT")


@dataclass
class _Mistake:
    line: int
    passage: str
    location: str
    wrong: str | None = None  # there is no WRONG
    correction: str = ""


@dataclass
class _Essay:
    passages: list[tuple[str, str, Line]] = field(default_factory=list)
    mistakes: list[_Mistake] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    name: str = ""


def read(path: Path) -> Iterator[Record | Problem]:
    """One record per passage; its reference is the passage with the mistakes corrected.

    A mistake that cannot be placed is a problem, and its passage comes without a reference: it is known to be wrong,
    but not what would be right. A passage with broken bytes also comes without a reference.
    """
    essay = _Essay()
    seen: dict[str, int] = {}
    for line in read_lines(path):
        if line.problem:
            essay.problems.append(line.problem)
        for tag in _TAG.finditer(line.text):
            closing, name, attributes = tag.group(1), tag.group(2).upper(), dict(_ATTRIBUTE.findall(tag.group(3)))
            if name in ("ESSAY", "DOC"):
                if essay.passages or essay.problems:
                    yield from _finish(path, essay)
                essay = _Essay(name=attributes.get("Nid", ""))
            elif not closing:
                _open(path, line, name, attributes, tag.end(), essay, seen)
    if essay.passages or essay.problems:
        yield from _finish(path, essay)


def _open(
    path: Path, line: Line, name: str, attributes: dict[str, str], start: int, essay: _Essay, seen: dict[str, int]
) -> None:
    text = ""
    if name in _WITH_TEXT:
        end = line.text.find(f"</{name}>", start)
        if end < 0:
            essay.problems.append(Problem(path, line.number, f"<{name}> that is not closed", f"</{name}> on its line"))
            return
        text = line.text[start:end]
    if name in ("PASSAGE", "P"):
        identifier = attributes.get("id", essay.name)
        if identifier in seen:
            essay.problems.append(
                Problem(
                    path,
                    line.number,
                    "this id for the second time",
                    f"one id per passage (see line {seen[identifier]})",
                    identifier,
                )
            )
            return
        seen[identifier] = line.number
        essay.passages.append((identifier, text, line))
    elif name == "MISTAKE":
        location = attributes.get("location", attributes.get("wrong_position", ""))
        essay.mistakes.append(_Mistake(line.number, attributes.get("id", essay.name), location))
    elif name == "WRONG" and essay.mistakes:
        essay.mistakes[-1].wrong = text
    elif name in ("CORRECTION", "CORRECT") and essay.mistakes:
        essay.mistakes[-1].correction = text


def _finish(path: Path, essay: _Essay) -> Iterator[Record | Problem]:
    yield from essay.problems
    sources = {name: text for name, text, _ in essay.passages}
    targets = {name: None if line.problem else text for name, text, line in essay.passages}
    for mistake in essay.mistakes:
        if mistake.location == "0" and mistake.wrong is None:
            continue  # SIGHAN 2013 marks a correct sentence this way
        if mistake.passage not in sources:
            if not essay.problems:
                yield Problem(path, mistake.line, "a mistake in an unknown passage", "a passage's id", mistake.passage)
            continue
        start, found, expected = _place(sources[mistake.passage], mistake)
        target = targets[mistake.passage]
        if start is None:
            yield Problem(path, mistake.line, found, expected, mistake.passage)
            targets[mistake.passage] = None
        elif target is not None:
            end = start + len(mistake.wrong or "")
            targets[mistake.passage] = target[:start] + _corrected(target[start:end], mistake) + target[end:]
    for identifier, source, line in essay.passages:
        target = targets[identifier]
        if source.strip():
            yield Record(identifier, source, [] if target is None else [target], line.number)


def _place(source: str, mistake: _Mistake) -> tuple[int | None, str, str]:
    """Where WRONG starts in the passage, or None with what was found and expected.

    LOCATION counts from 1 and names the wrong character, WRONG is a word around it.
    """
    wrong, correction = mistake.wrong or "", mistake.correction
    location = whole_number(mistake.location)
    if location is None:
        return None, f"location {shown(mistake.location)}", "a number"
    if not 1 <= location <= len(source):
        return None, f"location {location}", f"1 to {len(source)}, the length of the passage"
    if not wrong or len(wrong) != len(correction):
        return None, f"WRONG {shown(wrong)} and CORRECTION {shown(correction)}", "texts of equal length"
    if wrong == correction:
        return None, f"WRONG equal to CORRECTION {shown(wrong)}", "a difference"
    place = location - 1
    starts = [s for s in range(max(0, place - len(wrong) + 1), place + 1) if source.startswith(wrong, s)]
    if not starts:
        return None, f"location {mistake.location} with WRONG {shown(wrong)}", f"WRONG around {shown(source[place])}"
    exact = [s for s in starts if wrong[place - s] != correction[place - s]]
    return (exact or starts)[0], "", ""


def _corrected(text: str, mistake: _Mistake) -> str:
    """The word with this mistake corrected; what earlier mistakes of the same word corrected stays."""
    return "".join(
        right if wrong != right else now
        for now, wrong, right in zip(text, mistake.wrong or "", mistake.correction, strict=True)
    )
