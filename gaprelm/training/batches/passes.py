"""Splits a batch into pieces that are small enough for one pass of the model."""

from __future__ import annotations

import torch
from torch import Tensor

from gaprelm.model.counted_inputs import COUNTED_INPUTS

_SOURCE_SIDE = ("source_ids", "source_mask", "operations", "insert_counts", "tags", *COUNTED_INPUTS)
_TEMPLATE_SIDE = ("template_ids", "template_positions", "template_slots", "template_mask")


def split_batch(batch: dict[str, Tensor], most_tokens: int | None) -> list[dict[str, Tensor]]:
    """Pieces of a batch with at most so many tokens each, padding included, and at least one example.

    Examples are grouped by length, and each piece is padded to its own longest example, so a few long examples do not
    lengthen all others.

    Args:
        batch: of ``Collator``.
        most_tokens: None leaves the batch as it is.
    """
    rows, width = batch["source_ids"].shape
    template_width = batch["template_ids"].shape[1]
    if most_tokens is None or rows * (width + template_width) <= most_tokens:
        return [batch]
    lengths, sizes = batch["source_mask"].sum(1), batch["template_mask"].sum(1)
    order = torch.argsort(lengths, stable=True, descending=True).tolist()
    pieces, first = [], 0
    while first < rows:
        last, longest, largest = first, 0, 0
        while last < rows:
            longest, largest = (max(a, int(b[order[last]])) for a, b in ((longest, lengths), (largest, sizes)))
            if last > first and (last + 1 - first) * (longest + largest) > most_tokens:
                break
            last += 1
        pieces.append(_rows_of(batch, torch.tensor(order[first:last]), lengths, sizes))
        first = last
    return pieces


def _rows_of(batch: dict[str, Tensor], rows: Tensor, lengths: Tensor, sizes: Tensor) -> dict[str, Tensor]:
    """The examples of ``rows``, padded to the longest of them."""
    rows = rows.to(lengths.device)
    width, template_width = int(lengths[rows].max()), int(sizes[rows].max())
    piece = {name: batch[name][rows, :width] for name in _SOURCE_SIDE if name in batch}
    piece |= {name: batch[name][rows, :template_width] for name in _TEMPLATE_SIDE}
    # The masks of all rows follow each other; mask_index is row * width + column in the template half.
    old_width = batch["template_ids"].shape[1]
    mask_rows = batch["mask_index"] // old_width
    new_row = torch.full((len(lengths),), -1, device=rows.device)
    new_row[rows] = torch.arange(len(rows), device=rows.device)
    chosen = torch.nonzero(new_row[mask_rows] >= 0).flatten()
    # Sort the masks by their new rows, the order in which ``Collator`` gives them.
    chosen = chosen[torch.argsort(new_row[mask_rows[chosen]], stable=True)]
    piece["mask_index"] = new_row[mask_rows[chosen]] * template_width + batch["mask_index"][chosen] % old_width
    return piece | {name: batch[name][chosen] for name in ("answers", "auxiliary")}
