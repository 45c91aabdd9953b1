"""The errors of a real pair: what its edits say about how the sentence was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from gaprelm.characters import is_han
from gaprelm.edits.alignment import align
from gaprelm.edits.edit import REPLACE, Edit
from gaprelm.noise import settings as names
from gaprelm.noise.punctuation import MARKS

# Neighbours of these kinds are one error.
_IN_RUNS = (names.WRONG, names.REPEATED)


class ObservedError(NamedTuple):
    """An error of a sentence: a mark, an exchange, or a run of characters that are all wrong, missing or redundant.

    kind: one of ``gaprelm.noise.statistics.LEARNED_KINDS``.
    start, end: its place in the sentence as it was written.
    written, right: what was written, and what is right; empty for what is missing or redundant.
    touching: whether it begins where the error before it ends.
    """

    kind: str
    start: int
    end: int
    written: str
    right: str
    touching: bool = False


def observed(source: str, target: str) -> list[ObservedError]:
    """The errors of a sentence in Chinese characters and marks, in its order.

    Changed letters, digits and brackets are left out, since no such errors are generated; so are redundant marks,
    except doubled ones.
    """
    errors: list[ObservedError] = []
    for error in _joined(_single(source, align(source, target))):
        touching = bool(errors) and error.start == errors[-1].end
        errors.append(_classified(source, error._replace(touching=touching)))
    return errors


def _joined(errors: Iterable[ObservedError]) -> Iterator[ObservedError]:
    """Neighbours that are all wrong, or all redundant, as one error."""
    last: ObservedError | None = None
    for error in errors:
        if last is not None and error.kind == last.kind in _IN_RUNS and error.start == last.end:
            last = last._replace(end=error.end, written=last.written + error.written, right=last.right + error.right)
        else:
            if last is not None:
                yield last
            last = error
    if last is not None:
        yield last


def _classified(source: str, error: ObservedError) -> ObservedError:
    """A redundant text that equals no neighbour comes from the context."""
    if error.kind != names.REPEATED:
        return error
    length = len(error.written)
    neighbours = (source[max(0, error.start - length) : error.start], source[error.end : error.end + length])
    return error if error.written in neighbours else error._replace(kind=names.CONTEXT)


def _single(source: str, edits: Sequence[Edit]) -> Iterator[ObservedError]:
    """An error for each edit; one for two edits that exchange neighbours."""
    skipped = -1
    for number, edit in enumerate(edits):
        if number == skipped:
            continue
        following = edits[number + 1] if number + 1 < len(edits) else None
        if following is not None and _is_swap(source, edit, following):
            skipped = number + 1
            written = source[edit.start : following.end]
            yield ObservedError(names.SWAPPED, edit.start, following.end, written, edit.text + following.text)
        else:
            yield from _of_edit(source, edit)


def _is_swap(source: str, edit: Edit, following: Edit) -> bool:
    return (
        edit.type == following.type == REPLACE
        and following.start == edit.end
        and source[edit.start : following.end] == following.text + edit.text
        and is_han(edit.text)
        and is_han(following.text)
    )


def _of_edit(source: str, edit: Edit) -> Iterator[ObservedError]:
    written = source[edit.start : edit.end]
    if not written:
        for han, group in groupby(edit.text, is_han):
            text = "".join(group)
            for right in [text] if han else filter(MARKS.__contains__, text):
                yield ObservedError(names.MISSING if han else names.PUNCTUATION, edit.start, edit.end, "", right)
    elif is_han(written):
        if not edit.text or is_han(edit.text):
            kind = names.WRONG if edit.text else names.REPEATED
            yield ObservedError(kind, edit.start, edit.end, written, edit.text)
    elif edit.text in MARKS:
        yield ObservedError(names.PUNCTUATION, edit.start, edit.end, written, edit.text)
    elif not edit.text and written in MARKS and source[edit.start - 1 : edit.start] == written:
        yield ObservedError(names.PUNCTUATION, edit.start, edit.end, written * 2, written)
