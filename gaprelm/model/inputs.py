"""The model's inputs as padded numpy arrays: the source half and the template half."""

from __future__ import annotations

import numpy as np

from gaprelm.edits.template import Template, places
from gaprelm.model.vocabulary import CharacterVocabulary


def source_half(vocabulary: CharacterVocabulary, ids: np.ndarray, lengths: np.ndarray) -> dict[str, np.ndarray]:
    """[CLS] source [SEP] of b sentences, padded to the longest.

    Args:
        vocabulary: ids of the special tokens.
        ids: (c,) ids of all characters, sentence after sentence.
        lengths: (b,) characters of each sentence.

    Returns:
        ``source_ids`` (b, s) int64, ``source_mask`` (b, s) bool.
    """
    rows, columns = places(lengths)
    shape = (len(lengths), int(lengths.max()) + 2)
    source = padded(shape, rows, columns + 1, ids, vocabulary.pad_id)
    source[:, 0] = vocabulary.cls_id
    source[np.arange(shape[0]), lengths + 1] = vocabulary.sep_id
    return {"source_ids": source, "source_mask": np.arange(shape[1]) < (lengths + 2)[:, None]}


def template_half(
    vocabulary: CharacterVocabulary, template: Template, kind: str, source: np.ndarray, lengths: np.ndarray
) -> dict[str, np.ndarray]:
    """The templates of b sentences, padded. Except for kind ``masks`` they end with [SEP], at the position of the
    source's [SEP].

    Args:
        vocabulary: ids of the special tokens.
        template: from ``build_templates``.
        kind: of the template; ``masks`` has no [SEP].
        source: (b, s) ``source_ids``.
        lengths: (b,) characters of each sentence.

    Returns:
        ``template_ids``, ``template_positions``, ``template_slots`` (b, t) int64, ``template_mask`` (b, t) bool and
        ``mask_index`` (m,), the places of the masks, row * t + column.
    """
    with_end = kind != "masks"
    sizes = np.bincount(template.rows, minlength=len(lengths))
    columns = np.arange(len(template.rows)) - (np.cumsum(sizes) - sizes)[template.rows]
    shape = (len(lengths), int(sizes.max()) + with_end)
    ids = np.where(template.masked, vocabulary.mask_id, source[template.rows, template.positions])
    half = {
        "template_ids": padded(shape, template.rows, columns, ids, vocabulary.pad_id),
        "template_positions": padded(shape, template.rows, columns, template.positions, 0),
        "template_slots": padded(shape, template.rows, columns, template.slots, 0),
        "template_mask": np.arange(shape[1]) < (sizes + with_end)[:, None],
        "mask_index": (template.rows * shape[1] + columns)[template.masked],
    }
    if with_end:
        half["template_ids"][np.arange(len(lengths)), sizes] = vocabulary.sep_id
        half["template_positions"][np.arange(len(lengths)), sizes] = lengths + 1
    return half


def padded(
    shape: tuple[int, int], rows: np.ndarray, columns: np.ndarray, values: np.ndarray, padding: int
) -> np.ndarray:
    """An int64 array of ``shape`` with ``values`` at their places and ``padding`` everywhere else."""
    array = np.full(shape, padding, dtype=np.int64)
    array[rows, columns] = values
    return array
