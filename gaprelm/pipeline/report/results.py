"""Scores on the test sets, and corrected sentences with their changes marked."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from gaprelm.data.records import ScoredSentence
from gaprelm.edits.alignment import align
from gaprelm.edits.edit import Edit
from gaprelm.pipeline.report.html import note, page, table
from gaprelm.scoring.counts import Counts

_EXAMPLES = 30
_TYPES = {"M": "M, missing", "R": "R, redundant", "S": "S, substituted", "W": "W, word order"}
_LEVELS = {
    "sentences": "sentences, as in papers",
    "sighan": "sentences, SIGHAN 2015 scorer",
    "characters": "characters",
}


def results_page(metrics: dict[str, dict[str, Any]], calibrated: bool) -> str:
    """One row per test set and type of edit; below, detection and correction by each definition."""
    edits, levels, points, signatures = [], [], [], []
    for test, values in metrics.items():
        everything = values["edits"]
        for name, scores in {"all edits": everything, **everything["by_type"]}.items():
            numbers = [scores[key] for key in ("precision", "recall", "f0.5", "f1", "f2", "tp", "fp", "fn")]
            edits.append([test, _TYPES.get(name, name), *numbers])
        signatures.append([test, values["signature"]])
        for key, title in _LEVELS.items():
            if values[key]:
                levels += _level_rows(test, title, values[key])
                signatures.append([test, values[key]["signature"]])
        point = values["operating_point"]
        thresholds = ", ".join(f"{key} {value:g}" for key, value in point["thresholds"].items())
        points.append([test, point["name"], thresholds])
    chosen = "chosen on dev" if calibrated else "defaults: there was no dev set to choose on"
    header = [
        "test set",
        "unit and definition",
        "level",
        "accuracy",
        "P",
        "R",
        "F1",
        "false positive rate",
        "sentences",
    ]
    return page(
        "Results",
        [
            table("Edits (ChERRANT)", ["test set", "type", "P", "R", "F0.5", "F1", "F2", "TP", "FP", "FN"], edits),
            note(
                "Of several references the one is taken that the F of the operating point prefers; F0.5, F1 and F2 "
                "over all edits are each made with their own choice."
            ),
            table("Detection and correction", header, levels),
            note("False positive rate: share of correct sentences that were changed. – where something is 0 / 0."),
            table(f"Operating point ({chosen})", ["test set", "optimised for", "thresholds"], points),
            table("Signatures", ["test set", "signature"], signatures),
        ],
    )


def _level_rows(test: str, title: str, score: dict[str, Any]) -> list[list[Any]]:
    keys = ("accuracy", "precision", "recall", "f1")
    rest = [score["false_positive_rate"], score["sentences"]]
    return [[test, title, level, *(score[level][key] for key in keys), *rest] for level in ("detection", "correction")]


def examples_page(tests: dict[str, tuple[Sequence[ScoredSentence], Sequence[str]]]) -> str:
    """Thirty sentences with an error or a change, evenly spread over the test sets."""
    body = [
        note("Marked by colour and sign: ✓ right edit, ✗ edit that the reference has not, ? edit that was missed."),
    ]
    for test, (sentences, hypotheses) in tests.items():
        pairs = [
            (s, h) for s, h in zip(sentences, hypotheses, strict=True) if h != s.source or s.source not in s.references
        ]
        wanted = max(1, _EXAMPLES // len(tests))
        step = max(1, len(pairs) // wanted)
        items = "\n".join(f"<tr><td class='text'>{_marked(s, h)}</td></tr>" for s, h in pairs[::step][:wanted])
        body.append(f"<table><caption>{escape(test)}</caption><tbody>{items}</tbody></table>")
    return page("Corrected sentences", body)


def _marked(sentence: ScoredSentence, hypothesis: str) -> str:
    """The source with its right, wrong and missed edits marked, by the reference that fits best."""
    proposed = set(align(sentence.source, hypothesis))

    def fit(expected: set[Edit]) -> float:
        return Counts(len(proposed & expected), len(proposed - expected), len(expected - proposed)).f(0.5)

    expected = max((set(align(sentence.source, reference)) for reference in sentence.references), key=fit)
    marks = {
        **dict.fromkeys(expected - proposed, ("missed", "?")),
        **dict.fromkeys(proposed - expected, ("wrong", "✗")),
        **dict.fromkeys(proposed & expected, ("right", "✓")),
    }
    pieces, done = [], 0
    for edit in sorted(marks):
        pieces.append(escape(sentence.source[done : max(done, edit.start)]))
        pieces.append(_mark(sentence.source, edit, *marks[edit]))
        done = max(done, edit.end)
    pieces.append(escape(sentence.source[done:]))
    return "".join(pieces)


def _mark(source: str, edit: Edit, kind: str, sign: str) -> str:
    old, new = escape(source[edit.start : edit.end]), escape(edit.text)
    inner = (f"<del>{old}</del>" if old else "") + (f"<ins>{new}</ins>" if new else "")
    return f'<span class="{kind}" title="{kind} {edit.type}">{inner}<sup>{sign}</sup></span>'
