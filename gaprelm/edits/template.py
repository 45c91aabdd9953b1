"""Templates: the characters that a plan keeps, with a [MASK] for each character that the infiller has to predict.

A template token has the position id of its source character (1…n); an inserted one has that of the character before its
gap (0 at the start). The masks inserted in one gap have slots 1, 2, …; all other tokens have slot 0.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gaprelm.edits.labels import DELETE, REPLACE

TEMPLATE_KINDS = ("sparse", "full", "masks")


class Template(NamedTuple):
    """The templates of a batch, one after the other, t tokens in all. All arrays have shape (t,).

    rows: the sentence that the token belongs to.
    positions, slots: as described above.
    masked: whether the token is a [MASK].
    kept: whether it is a mask of a kept character (in ``full`` templates, or an auxiliary mask).
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
    auxiliary: np.ndarray | None = None,
) -> Template:
    """The templates of a batch of b plans.

    我再家看书书 becomes 今我在家里边看书 (K keep, R replace, D delete; [M] is a [MASK])::

        character           我    再    家    看    书    书
        operation           K     R     K     K     K     D
        gap           0     1     2     3     4     5     6
        insert count  1     0     0     2     0     0     0

        sparse        [M]   我    [M]   家    [M]   [M]   看    书
        full          [M]   [M]   [M]   [M]   [M]   [M]   [M]   [M]
        position      0     1     2     3     3     3     4     5
        slot          1     0     0     0     1     2     0     0
        answer        今          在          里    边

        masks         [M]   [M]   [M]   [M]
        position      0     2     3     3
        slot          1     0     1     2
        answer        今    在    里    边

    Args:
        operations: (c,) operations of all characters of the batch, sentence after sentence.
        insert_counts: (c + b,) insert counts of all gaps, sentence after sentence.
        lengths: (b,) characters of each sentence.
        kind: ``sparse`` (kept characters and masks), ``full`` (kept characters masked too, as in ReLM) or
            ``masks`` (the masks only, at their positions).
        auxiliary: (c,) bool, kept characters that are masked nevertheless.

    Returns:
        The tokens in template order: the insertions of gap 0, character 1, the insertions of gap 1, …
    """
    rows, positions, slots, characters = _layout(operations != DELETE, insert_counts, lengths)
    kept = slots == 0
    replaced = kept.copy()
    replaced[kept] = operations[characters[kept]] == REPLACE
    kept &= ~replaced
    masked = ~kept
    if kind == "full":
        masked[:] = True
    elif auxiliary is not None:
        masked[kept] = auxiliary[characters[kept]]
    template = Template(rows, positions, slots, masked, kept & masked)
    if kind == "masks":
        return Template(*(array[masked] for array in template))
    return template


def _layout(
    present: np.ndarray, insert_counts: np.ndarray, lengths: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Row, position, slot and character (its index in the batch; arbitrary for insertions) of each template token.

    Each gap has two units: the character before it (none before gap 0), and the characters inserted in it. The template
    takes the units in order. In the example above::

        gap           0     1     2     3     4     5     6
        unit          0 1   2 3   4 5   6 7   8 9   10 11 12 13
        tokens        0 1   1 0   1 0   1 2   1 0   1  0  0  0

        unit of each token   1   2   4   6   7   7   8   10
        place in its unit    0   0   0   0   0   1   0   0

    Args:
        present: (c,) bool, the characters that are not deleted.
    """
    sentences, gaps = places(lengths + 1)
    tokens = np.zeros((len(gaps), 2), dtype=np.int64)
    tokens[gaps > 0, 0] = present
    tokens[:, 1] = insert_counts
    units, inside = places(tokens.reshape(-1))
    gap, inserted = np.divmod(units, 2)
    rows = sentences[gap]
    # A gap's index counts gap 0 of its own sentence and of each one before: rows + 1 more than there are characters.
    return rows, gaps[gap], np.where(inserted, inside + 1, 0), gap - rows - 1


def places(lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The row and column of each element of concatenated sequences: lengths (2, 3) give 00111 and 01012."""
    rows = np.repeat(np.arange(len(lengths)), lengths)
    return rows, np.arange(len(rows)) - (np.cumsum(lengths) - lengths)[rows]
