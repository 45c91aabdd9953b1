"""Spelling scores of files: official truth and result files, or sentences with references and hypotheses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gaprelm.errors import ConfigurationError, InputError
from gaprelm.scoring.files import ScoringFile, check_same_sentences, read_hypotheses, read_references
from gaprelm.scoring.spelling.score import (
    SpellingItem,
    SpellingScore,
    character_level,
    pycorrector_level,
    sentence_level,
    spelling_items,
)
from gaprelm.scoring.spelling.sighan import (
    Sighan2013CorrectionScore,
    SighanScore,
    sighan_2013_correction,
    sighan_2013_detection,
    sighan_2015,
)
from gaprelm.scoring.spelling.sighan_files import paired, read_corrections, task_of_2013

# ``official``: as the scorer of the task counts; ``sentence`` and ``character``: as papers count, by either unit;
# ``pycorrector``: as that toolkit counts.
DEFINITIONS = OFFICIAL, SENTENCE, CHARACTER, PYCORRECTOR = "official", "sentence", "character", "pycorrector"
YEARS = (2013, 2014, 2015)
# The sub-tasks of 2013: to find the errors; to find and correct them.
DETECTION_TASK, CORRECTION_TASK = 1, 2

Score = SighanScore | Sighan2013CorrectionScore | SpellingScore


def score_official_files(
    truth: Path, results: Path, year: int = 2015, task: int | None = None, definition: str = OFFICIAL
) -> Score:
    """Score a result file against the truth file of a SIGHAN task.

    Args:
        truth, results: lines of ``ID, position, character, …``, as ``read_corrections`` reads them.
        year: 2013, 2014 or 2015: decides the scorer and the form of the files.
        task: the sub-task of 2013, 1 or 2; None: the one that the truth file is for.
        definition: one of ``DEFINITIONS``.

    Raises:
        ConfigurationError: an argument has another value.
        InputError: a file cannot be read, or the files do not have the same sentences.
    """
    _check_arguments(year, task, definition)
    if year == 2013:
        task = task or task_of_2013(truth)
    places_only = task == DETECTION_TASK
    truths, found = (read_corrections(file, places_only, trim_lines=year == 2013) for file in (truth, results))
    pairs = paired(truth, truths, results, found, missing_is_empty=year == 2013 and not places_only)
    items = [SpellingItem(result, [wanted]) for wanted, result in zip(*pairs, strict=True)]
    return _score(items, year, task, definition)


def score_text_files(
    references: Path, hypotheses: Path, year: int = 2015, task: int | None = None, definition: str = OFFICIAL
) -> Score:
    """Score corrected sentences against references.

    Args:
        references: ``id TAB source TAB reference [TAB reference …]``; the official scorers allow only one reference.
        hypotheses: one corrected sentence each, in a form that ``gaprelm.scoring.files.read_hypotheses`` reads.
        year, definition: as in ``score_official_files``.
        task: the sub-task of 2013; None stands for 2.

    Raises:
        ConfigurationError: as ``score_official_files``.
        InputError: a file cannot be read or is M2, the files do not have the same sentences, or a sentence has several
            hypotheses, or several references although the definition is official.
    """
    _check_arguments(year, task, definition)
    expected, found = read_references(references), read_hypotheses(hypotheses)
    if expected.edits or found.edits:
        raise InputError(f"{references}, {hypotheses}: M2 files have no texts to compare\n  cure: give them as TSV")
    check_same_sentences(expected, found)
    items = spelling_items(expected.sources, _only_targets(found), expected.targets)
    if definition == OFFICIAL:
        _check_one_reference(references, items)
    return _score(items, year, task or CORRECTION_TASK, definition)


def _check_arguments(year: int, task: int | None, definition: str) -> None:
    if year not in YEARS:
        raise ConfigurationError(f"year {year!r}; expected one of {', '.join(map(str, YEARS))}")
    if definition not in DEFINITIONS:
        raise ConfigurationError(f"definition {definition!r}; expected one of {', '.join(DEFINITIONS)}")
    if task is not None and year != 2013:
        raise ConfigurationError(f"task {task!r} with year {year}\n  cure: only 2013 has sub-tasks")
    if task not in (None, DETECTION_TASK, CORRECTION_TASK):
        raise ConfigurationError(f"task {task!r}; expected 1 or 2")


def _only_targets(hypotheses: ScoringFile) -> list[str]:
    """The one hypothesis of each sentence."""
    for line, targets in zip(hypotheses.lines, hypotheses.targets, strict=True):
        if len(targets) > 1:
            raise InputError(f"{hypotheses.path}:{line}: several hypotheses; expected one\n  cure: keep one of them")
    return [targets[0] for targets in hypotheses.targets]


def _check_one_reference(path: Path, items: Sequence[SpellingItem]) -> None:
    for number, item in enumerate(items, 1):
        if len(item.wanted) > 1:
            raise InputError(
                f"{path}: sentence {number} has several references, and the official scorers allow one\n"
                "  cure: --definition sentence, or keep one reference"
            )


def _score(items: Sequence[SpellingItem], year: int, task: int | None, definition: str) -> Score:
    if definition == SENTENCE:
        return sentence_level(items)
    if definition == CHARACTER:
        return character_level(items)
    if definition == PYCORRECTOR:
        return pycorrector_level(items)
    truths, results = [item.wanted[0] for item in items], [item.proposed for item in items]
    if year != 2013:
        return sighan_2015(truths, results, year)
    if task == DETECTION_TASK:
        return sighan_2013_detection(truths, results)
    return sighan_2013_correction(truths, results)
