"""What the worker thread does with a batch of texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from gaprelm.correction.control import Control
from gaprelm.correction.corrector import Corrector
from gaprelm.service.schemas import Options


@dataclass(frozen=True)
class Task:
    """One text, the options of its request, and whether all proposals are wanted."""

    text: str
    control: Control
    proposals: bool


def merged(options: Options, base: Control) -> Control:
    """The service's options with those of a request in their place; protected words of both hold.

    Raises:
        ConfigurationError: an option cannot be used.
    """
    given = options.model_dump(exclude_none=True)
    if not given:
        return base
    if "thresholds" in given:
        given["thresholds"] = {**base.thresholds, **given["thresholds"]}
    if "protect" in given:
        given["protect"] = [*base.protect, *given["protect"]]
    return replace(base, **given)


def answer(corrector: Corrector, tasks: Sequence[Task]) -> list[dict[str, Any]]:
    """The results of tasks, in their order, ready for JSON; those with equal options run together."""
    # The texts of a request share one Control, which may hold thousands of words: it is compared once, not a text.
    requests: dict[tuple[int, bool], list[int]] = {}
    for index, task in enumerate(tasks):
        requests.setdefault((id(task.control), task.proposals), []).append(index)
    groups: dict[tuple[Control, bool], list[int]] = {}
    for (_, proposals), members in requests.items():
        groups.setdefault((tasks[members[0]].control, proposals), []).extend(members)
    results: dict[int, dict[str, Any]] = {}
    for (control, proposals), members in groups.items():
        texts = [tasks[index].text for index in members]
        made = _with_proposals if proposals else _corrections
        results.update(zip(members, made(corrector, texts, control), strict=True))
    return [results[index] for index in range(len(tasks))]


def _corrections(corrector: Corrector, texts: list[str], control: Control) -> list[dict[str, Any]]:
    return [correction.as_dict() for correction in corrector.correct_batch(texts, control)]


def _with_proposals(corrector: Corrector, texts: list[str], control: Control) -> list[dict[str, Any]]:
    return [
        correction.as_dict() | {"proposals": [asdict(edit) for edit in proposals]}
        for correction, proposals in corrector.correct_and_propose(texts, control)
    ]
