"""What counting says of each place of a text: how likely its character is wrong, and what should stand there.

The text is seen as written by a noisy channel (Kernighan, Church and Gale 1990): what was meant is likely by the
n-grams that cover a place, and was written by a likely mistake. All scores are log-odds against the text as it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gaprelm.counts.alphabet import BOUNDARY, UNKNOWN
from gaprelm.counts.channel import Channel
from gaprelm.counts.gaps import GapChannel
from gaprelm.counts.ngrams import NgramModel, Window

NEVER = np.float32(-np.inf)


class Stream(NamedTuple):
    """Texts one after the other, with boundaries before, between and after them.

    ids: (n,) uint16.
    places: (characters,) where in ``ids`` each character of the texts stands.
    gaps: (characters + texts,) of each gap the place after it; of a text one more than it has characters.
    """

    ids: np.ndarray
    places: np.ndarray
    gaps: np.ndarray


class Options(NamedTuple):
    """Characters that may stand at a place.

    candidates: (places, k) uint16 ids, likely ones first; 0 fills up.
    scores: (places, k) float32 log-odds of each against the text as it stands; -inf fills up.
    """

    candidates: np.ndarray
    scores: np.ndarray


def stream_of(texts: Sequence[np.ndarray], model: NgramModel) -> Stream:
    """The ids of texts (uint16, of any length) as one stream, in which no n-gram reaches from one to the next."""
    margin = model.order - 1
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    starts = margin + np.cumsum(lengths + margin) - (lengths + margin)
    ids = np.full(int((lengths + margin).sum()) + margin, BOUNDARY, dtype=np.uint16)
    places = np.repeat(starts - (np.cumsum(lengths) - lengths), lengths) + np.arange(lengths.sum())
    gaps = np.repeat(starts - (np.cumsum(lengths + 1) - lengths - 1), lengths + 1) + np.arange((lengths + 1).sum())
    if len(places):
        ids[places] = np.concatenate(texts)
    return Stream(ids, places, gaps)


def replacements(model: NgramModel, channel: Channel, stream: Stream, most: int) -> Options:
    """For each character what may be meant by it: log p(n-grams with y) - log p(with x) + log P(x|y) - log P(x|x)."""
    written = stream.ids[stream.places]
    some = np.flatnonzero(channel.candidates[written, 0] != UNKNOWN)
    written = written[some]
    candidates = channel.candidates[written]
    total = _covering(model, stream.ids, stream.places[some], np.concatenate([written[:, None], candidates], axis=1))
    scores = total[:, 1:] - total[:, :1] + channel.log_odds[written].astype(np.float32)
    return _spread(_highest(candidates, scores, most), some, len(stream.places))


def deletions(model: NgramModel, channel: GapChannel, stream: Stream) -> np.ndarray:
    """(characters,) float32: log p(text without it) - log p(text with it) + log P(it was put in or written twice).

    -inf where it cannot be: no Chinese character, or the next one is the same.
    """
    ids, places, order = stream.ids, stream.places, model.order
    around = {shift: ids[places + shift] for shift in range(1 - order, order)}
    left = Window(model, around)
    gain = -left.log_probability(1 - order, 0)
    # Without the character, everything before it is one nearer: shift -1 becomes 0.
    closed = Window(model, {shift + (shift < 0): around[shift] for shift in around if shift})
    for last in range(1, order):
        gain += closed.log_probability(max(last - order + 1, 2 - order), last)
        gain -= left.log_probability(last - order + 1, last)
    written, repeats = around[0], around[0] == around[-1]
    prior = np.where(repeats, np.logaddexp(channel.repeated, channel.extra)[written], channel.extra[written])
    # Of a repeated character the later one is the edit, as the aligner has it; else both would go.
    return np.where(written == around[1], NEVER, gain + prior)


def insertions(model: NgramModel, channel: GapChannel, stream: Stream, most: int) -> Options:
    """For each gap the characters that may be missing: log p(text with y) - log p(text without) + log P(y left out)."""
    ids, gaps, order = stream.ids, stream.gaps, model.order
    left, right = ids[gaps - 1], ids[gaps]
    common = np.broadcast_to(channel.anywhere, (len(gaps), len(channel.anywhere)))
    candidates = np.concatenate([channel.after[left], channel.before[right], common], axis=1)
    candidates = _without_repeats(candidates)
    around = {shift: ids[gaps + shift][:, None] for shift in range(1 - order, order - 1)}
    # A character in the gap takes place 0, and everything from there on moves up.
    shifted = {shift + (shift >= 0): around[shift] for shift in around} | {0: candidates}
    with_it = Window(model, shifted)
    without = Window(model, around)
    total = with_it.log_probability(1 - order, 0)
    for last in range(order - 1):
        total = total + with_it.log_probability(last + 2 - order, last + 1)
        total = total - without.log_probability(last + 1 - order, last)
    scores = np.where(candidates == UNKNOWN, NEVER, total + channel.missing[candidates])
    return _highest(candidates, scores, most)


def _covering(model: NgramModel, ids: np.ndarray, places: np.ndarray, options: np.ndarray) -> np.ndarray:
    """(places, k) log p of the character at a place and of the ``order - 1`` after it, with each option there."""
    order = model.order
    around = {shift: ids[places + shift][:, None] for shift in range(1 - order, order) if shift}
    window = Window(model, around | {0: options})
    total = window.log_probability(1 - order, 0)
    for last in range(1, order):
        total = total + window.log_probability(last - order + 1, last)
    return total


def _highest(candidates: np.ndarray, scores: np.ndarray, most: int) -> Options:
    """The best ``most`` of each row, best first; of equal ones the first."""
    order = np.argsort(-scores, axis=1, kind="stable")[:, :most]
    return Options(np.take_along_axis(candidates, order, 1), np.take_along_axis(scores, order, 1))


def nothing(count: int, most: int) -> Options:
    """No option for any of ``count`` places."""
    return Options(np.full((count, most), UNKNOWN, dtype=np.uint16), np.full((count, most), NEVER, dtype=np.float32))


def _spread(options: Options, rows: np.ndarray, count: int) -> Options:
    """The options of some rows among ``count`` of them."""
    spread = nothing(count, options.scores.shape[1])
    spread.candidates[rows], spread.scores[rows] = options
    return spread


def _without_repeats(candidates: np.ndarray) -> np.ndarray:
    """The rows sorted, with 0 for what stands twice."""
    candidates = np.sort(candidates, axis=1)
    candidates[:, 1:][candidates[:, 1:] == candidates[:, :-1]] = UNKNOWN
    return candidates
