"""Templates: the kept characters of a plan with a [MASK] for each character that the infiller has to write.

Positions: a template token takes the position id of its source character (1…n), an insertion that of the character
before its gap (0 at the start). The masks of one gap carry slots 1, 2, …; every other token slot 0.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gaprelm.edits.labels import DELETE, REPLACE

TEMPLATE_KINDS = ("sparse", "full", "masks")


class Template(NamedTuple):
    """The templates of a batch, one after the other; t tokens in all.

    All arrays have shape (t,): the sentence a token belongs to, its position, its slot, whether it is a [MASK], and
    whether that mask stands for a kept character (in ``full`` templates, or an auxiliary mask).
    """

    rows: np.ndarray
    positions: np.ndarray
    slots: np.ndarray
    masked: np.ndarray
    kept: np.ndarray


def build_templates(
    operations: np.ndarray,
    insert_counts: np.ndarray,
    lengths: np.ndarray,
    kind: str,
    extra_masks: np.ndarray | None = None,
) -> Template:
    """Templates of a batch of b plans.

    Args:
        operations: (c,) operations of all characters of the batch, sentence after sentence.
        insert_counts: (c + b,) insert counts of all gaps, sentence after sentence.
        lengths: (b,) characters a sentence.
        kind: ``sparse`` (kept characters and masks), ``full`` (kept characters masked too, as in ReLM) or
            ``masks`` (the masks only, at their positions).
        extra_masks: (c,) bool, characters that are masked although they are kept (auxiliary masks).

    Returns:
        The tokens in template order: the insertions of gap 0, character 1, the insertions of gap 1, …
    """
    gaps = lengths + 1
    sentence_of_gap = np.repeat(np.arange(len(lengths)), gaps)
    first_gap = np.cumsum(gaps) - gaps
    gap_position = np.arange(len(sentence_of_gap)) - first_gap[sentence_of_gap]
    # Units in template order are (character i, gap i) pairs; "character 0" is nothing.
    units = np.zeros((len(sentence_of_gap), 2), dtype=np.int64)
    units[:, 1] = insert_counts
    is_character = gap_position > 0
    units[is_character, 0] = operations != DELETE
    counts = units.reshape(-1)
    unit = np.repeat(np.arange(len(counts)), counts)
    inside = np.arange(len(unit)) - (np.cumsum(counts) - counts)[unit]
    gap = unit // 2
    positions, rows = gap_position[gap], sentence_of_gap[gap]
    inserted = unit % 2 == 1
    slots = np.where(inserted, inside + 1, 0)
    # Character index over the batch: gaps before it less the one extra gap of each sentence up to its own.
    character = np.maximum(gap - rows - 1, 0)
    replaced = ~inserted & (operations[character] == REPLACE) if len(operations) else inserted
    kept = ~inserted & ~replaced
    masked = inserted | replaced
    if kind == "full":
        masked = np.ones_like(masked)
    elif extra_masks is not None:
        masked = masked | (kept & extra_masks[character])
    template = Template(rows, positions, slots, masked, kept & masked)
    if kind == "masks":
        return Template(*(array[masked] for array in template))
    return template
