"""The labels of the taggers: made from the labels of a pair, and turned back into edits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gaprelm.edits.edit import Edit
from gaprelm.edits.labels import DELETE, REPLACE
from gaprelm.edits.proposed import ProposedEdit
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.studies.baselines import TAGGING
from gaprelm.studies.baselines.tagging import DELETE_LABEL, FIRST_REPLACE, KEEP_LABEL
from gaprelm.training.batches.collator import IGNORED
from gaprelm.training.batches.examples import Example


def tag_labels(example: Example, architecture: str, vocabulary: CharacterVocabulary) -> np.ndarray:
    """(n + 2,) the label of [CLS], of each character, and of [SEP] (always ignored).

    With ``gector`` a place has one label: an operation has priority over an append, and of several missing characters
    only the first is appended, as in GECToR, which would add the second in its next round.
    """
    n = len(example.source_ids)
    replaced, counts = example.operations == REPLACE, example.insert_counts
    answers = _answers_by_unit(example)
    if architecture == TAGGING:
        own = np.where(example.source_ids == vocabulary.unk_id, IGNORED, example.source_ids)
        labels = np.where(replaced, [answers.get((i + 1, 0), 0) for i in range(n)], own)
        return np.concatenate([[IGNORED], labels, [IGNORED]]).astype(np.int64)
    labels = np.full(n + 2, KEEP_LABEL, dtype=np.int64)
    labels[-1] = IGNORED
    for place in range(n + 1):
        if place and example.operations[place - 1] == DELETE:
            labels[place] = DELETE_LABEL
        elif place and replaced[place - 1]:
            labels[place] = _with_offset(answers[place, 0], FIRST_REPLACE)
        elif counts[place]:
            labels[place] = _with_offset(answers[place, 1], FIRST_REPLACE + len(vocabulary))
    return labels


def _with_offset(answer: int, offset: int) -> int:
    return IGNORED if answer == IGNORED else answer + offset


def _answers_by_unit(example: Example) -> dict[tuple[int, int], int]:
    """The first answer of each replaced character, key (character, 0), and of each insertion, key (gap, 1)."""
    answers, used = {}, 0
    for place, count in enumerate(example.insert_counts.tolist()):
        if place and example.operations[place - 1] == REPLACE:
            answers[place, 0] = int(example.answers[used])
            used += 1
        if count:
            answers[place, 1] = int(example.answers[used])
            used += count
    return answers


def proposals(
    text: str, probabilities: np.ndarray, architecture: str, vocabulary: CharacterVocabulary, floor: float
) -> Iterator[ProposedEdit]:
    """For each place, the most likely label that changes something, if its probability reaches ``floor``.

    Args:
        probabilities: (n + 2, labels) for [CLS], the characters and [SEP]; 0 for labels that are not allowed.
    """
    size = len(vocabulary)
    for place, row in enumerate(probabilities[:-1]):
        label = int(row.argmax())
        appends = architecture != TAGGING and label >= FIRST_REPLACE + size
        if row[label] < floor or not (place or appends):  # at [CLS] there is nothing to change
            continue
        confidence, character = float(row[label]), text[place - 1] if place else ""
        if architecture == TAGGING:
            yield ProposedEdit(Edit(place - 1, place, vocabulary.tokens[label]), confidence)
        elif label == DELETE_LABEL:
            yield ProposedEdit(Edit(place - 1, place, ""), confidence)
        elif appends:
            yield ProposedEdit(Edit(place, place, vocabulary.tokens[label - FIRST_REPLACE - size]), confidence)
        elif vocabulary.tokens[label - FIRST_REPLACE] != character:
            yield ProposedEdit(Edit(place - 1, place, vocabulary.tokens[label - FIRST_REPLACE]), confidence)
