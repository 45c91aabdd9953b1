"""The texts of requests as jobs, and what the worker thread does with a batch of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from gaprelm.correction.control import Control
from gaprelm.correction.corrector import Corrector
from gaprelm.service.schemas import Options


@dataclass(frozen=True)
class Job:
    """One text of a request.

    text: to be corrected.
    control: the options of the request, together with those of the service.
    proposals: whether all proposals are asked for, too.
    """

    text: str
    control: Control
    proposals: bool


def control_for_request(options: Options, base: Control) -> Control:
    """The options of the service, where a request names no others; the protected words of both are protected.

    Args:
        options: of the request.
        base: of the service.

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


def answer(corrector: Corrector, jobs: Sequence[Job]) -> list[dict[str, Any]]:
    """The results of jobs, in their order, ready for JSON; jobs with equal options run together."""
    # The texts of a request share one Control, which may hold thousands of words. So that it is compared once for the
    # request and not once for each text, the texts are grouped by its identity first.
    requests: dict[tuple[int, bool], list[int]] = {}
    for index, job in enumerate(jobs):
        requests.setdefault((id(job.control), job.proposals), []).append(index)
    groups: dict[tuple[Control, bool], list[int]] = {}
    for (_, proposals), members in requests.items():
        groups.setdefault((jobs[members[0]].control, proposals), []).extend(members)
    results: dict[int, dict[str, Any]] = {}
    for (control, proposals), members in groups.items():
        texts = [jobs[index].text for index in members]
        made = _with_proposals if proposals else _corrections
        results.update(zip(members, made(corrector, texts, control), strict=True))
    return [results[index] for index in range(len(jobs))]


def _corrections(corrector: Corrector, texts: list[str], control: Control) -> list[dict[str, Any]]:
    return [correction.as_dict() for correction in corrector.correct_batch(texts, control)]


def _with_proposals(corrector: Corrector, texts: list[str], control: Control) -> list[dict[str, Any]]:
    return [
        correction.as_dict() | {"proposals": [asdict(edit) for edit in proposals]}
        for correction, proposals in corrector.correct_and_propose(texts, control)
    ]
