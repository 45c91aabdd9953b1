"""Writes M2 blocks, byte for byte as ChERRANT does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gaprelm.scoring.cherrant.annotation import AnnotatedSentence, Annotation


def m2_block(sentence: AnnotatedSentence) -> str:
    """The block of a sentence, with the empty line after it."""
    lines = ["S " + " ".join(sentence.source)]
    for number, annotation in enumerate(sentence.annotations):
        for version, alignment in enumerate(annotation.alignments):
            lines.append(_target_line(number, version, annotation))
            lines += [
                f"A {e.start} {e.end}|||{e.type}|||{e.correction}|||REQUIRED|||-NONE-|||{number}" for e in alignment
            ]
    return "\n".join(lines) + "\n\n"


def _target_line(number: int, version: int, annotation: Annotation) -> str:
    name = f"T{number}-A{version}" if annotation.status == "edits" else f"T{number}"
    return f"{name} {' '.join(annotation.target)}"
