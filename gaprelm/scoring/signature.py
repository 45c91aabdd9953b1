"""Signatures as in sacrebleu: one line with everything that must be equal for two scores to be comparable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gaprelm.scoring.cherrant.annotation import Annotator
from gaprelm.scoring.cherrant.comparison import ComparisonOptions
from gaprelm.version import __version__


def join(parts: dict[str, object]) -> str:
    """``name:value|name:value``, the version last."""
    return "|".join(f"{name}:{value}" for name, value in {**parts, "version": __version__}.items())


def signature(
    annotator: Annotator | None,
    options: ComparisonOptions,
    references: Sequence[int],
    more: Mapping[str, object] | None = None,
) -> str:
    """The signature of a ChERRANT score.

    Args:
        annotator: extracted the edits; None if all were read from M2 files.
        options: what was counted.
        references: the number of references of each sentence.
        more: further parts that two scores must share, such as the side that was read from M2.
    """
    fewest, most = (min(references), max(references)) if references else (0, 0)
    parts: dict[str, object] = {
        "metric": "cherrant",
        "granularity": "char",
        "unit": options.unit,
        "beta": f"{options.beta:g}",
        "references": fewest if fewest == most else f"{fewest}-{most}",
    }
    if options.size != "all":
        parts["size"] = options.size
    if options.left_out:
        parts["without"] = ",".join(sorted(options.left_out))
    if options.max_annotators is not None:
        parts["annotators"] = options.max_annotators
    if options.references is not None:
        parts["only_references"] = options.references
    return join({**parts, **(extraction(annotator) if annotator else {}), **(more or {})})


def extraction(annotator: Annotator) -> dict[str, object]:
    """The parts that describe how edits are extracted."""
    return {
        "alignments": "first" if annotator.first_only else "all",
        "simplification": "none" if annotator.keep_traditional else "t2s",
        "resources": annotator.resources.name,
    }
