"""The report of a file as text for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gaprelm.data.checking.report import CLEAN, VOCABULARY, FileReport


def report_lines(report: FileReport) -> Iterator[str]:
    """Lines without line ends: what the file is, its figures, its problems, the result."""
    values = report.as_dict()
    reason = f" ({report.reason})" if report.reason else ""
    yield f"{report.path}: {report.format}{reason}"
    if report.format == VOCABULARY:
        yield f"  tokens      {report.tokens}"
    elif values["sentences"]:
        yield from _figures(values)
    problems = values["problems"]
    for problem in problems["shown"]:
        yield f"  {problem['severity']:<11} {_shown(problem)}"
    for severity in ("errors", "warnings"):
        for kind, count in problems["by_kind"][severity].items():
            if count > report.findings.limit:
                yield f"  … and {count - report.findings.limit:,} {severity} more that expected {kind}"
    yield f"  result      errors: {problems['errors']:,}, warnings: {problems['warnings']:,}"


def _figures(values: dict[str, Any]) -> Iterator[str]:
    sentences, lengths, edits = values["sentences"], values["lengths"], values["edits"]
    if values["format"] == CLEAN:
        yield f"  sentences   {sentences:,}"
    else:
        share = values["with_error"] / sentences
        yield (
            f"  sentences   {sentences:,}; {values['with_error']:,} with an error ({share:.1%}), "
            f"{values['without_reference']:,} without reference; {values['references']:,} references, "
            f"{values['identical_pairs']:,} equal to their source"
        )
    script = "traditional" if values["traditional_share"] > 0.5 else "simplified"
    yield f"  script      {script} ({values['traditional_share']:.0%} of the first 1,000 have traditional characters)"
    yield (
        f"  characters  {lengths['mean']:.1f} on average, median {lengths['median']}, 95 % up to {lengths['p95']}, "
        f"longest {lengths['max']:,}"
    )
    if values["format"] != CLEAN:
        types = ", ".join(f"{name} {count:,}" for name, count in edits["by_type"].items())
        yield f"  edits       {edits['mean_per_pair']:.2f} a pair: {types}"
    cut = values["cut"]
    if cut["pairs"]:
        yield f"  cut         {cut['pairs']:,} long pairs after sentence ends, into {cut['pieces']:,} pieces"
    left = values["left_out"]
    kind = "pairs or pieces" if cut["pairs"] else "pairs"
    reasons = "; ".join(f"{reason}: {count:,}" for reason, count in left["by_reason"].items())
    yield (
        f"  left out    {left['pairs']:,} {kind} ({left['share']:.1%}) with max_insert_num={left['max_insert_num']} "
        f"max_seq_length={left['max_seq_length']}{': ' * bool(reasons)}{reasons}"
    )
    for test in values["overlap"]:
        yield (
            f"  overlap     {test['sources']:,} sources ({test['share']:.1%}) are sources of {test['file']}, "
            f"{test['others']:,} more records share a sentence with it"
        )


def _shown(problem: dict[str, Any]) -> str:
    if not problem["line"]:
        return problem["found"]
    name = f" (record {problem['record']})" if problem["record"] else ""
    return f"{problem['file']}:{problem['line']}{name}: found {problem['found']}; expected {problem['expected']}"
