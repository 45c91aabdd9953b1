"""Why counting scores an edit as it does: the parts of its score, from which a network learns how far to trust it.

Each part is a logarithm divided by ``SCALE``, or how long the n-gram is that was counted: that a text agrees with what
was often read says more than that it only backs off alike.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gaprelm.counts.alphabet import UNKNOWN
from gaprelm.counts.channel import Channel
from gaprelm.counts.gaps import GapChannel
from gaprelm.counts.ngrams import NgramModel, Window
from gaprelm.counts.scores import Options, Stream

SCALE = 8.0
# Places for the longest n-grams there are; models of shorter ones leave the last empty.
_LONGEST = 4
_LEAST = -4.0 * SCALE
REPLACE_PARTS = 4 + 4 * _LONGEST
INSERT_PARTS = 3 + 2 * (2 * _LONGEST - 1)
DELETE_PARTS = 3 + 2 * (2 * _LONGEST - 1)


class Evidence(NamedTuple):
    """The parts of the scores of ``PlaceScores``, all float32.

    replace: (characters, k, REPLACE_PARTS). delete: (characters, DELETE_PARTS).
    insert: (characters + texts, k, INSERT_PARTS).
    """

    replace: np.ndarray
    delete: np.ndarray
    insert: np.ndarray


def replacement_evidence(model: NgramModel, channel: Channel, stream: Stream, options: Options) -> np.ndarray:
    """(characters, k, REPLACE_PARTS): score, channel, frequency of the candidate and of what is written; then of each
    place from which on the n-grams cover it the log-probability and the length of the n-gram, of both."""
    ids, places, order = stream.ids, stream.places, model.order
    written = ids[places][:, None]
    both = np.concatenate([written, options.candidates], axis=1)
    window = Window(
        model, {shift: ids[places + shift][:, None] for shift in range(1 - order, order) if shift} | {0: both}
    )
    frequencies = model.unigrams[0][both]
    parts = [options.scores, _channel(channel, written, options.candidates), frequencies[:, 1:], frequencies[:, :1]]
    lengths = []
    for last in range(order):
        likely, length = window.log_probability(last - order + 1, last), _length(window, last - order + 1, last)
        parts += [likely[:, 1:], likely[:, :1]]
        lengths += [length[:, 1:], length[:, :1]]
    return _together(parts, lengths, options.candidates.shape, REPLACE_PARTS)


def deletion_evidence(model: NgramModel, channel: GapChannel, stream: Stream, scores: np.ndarray) -> np.ndarray:
    """(characters, DELETE_PARTS): score, how often it is one too many, whether it repeats its neighbour; then the
    log-probabilities and lengths of the n-grams that cover it, and of those without it."""
    ids, places, order = stream.ids, stream.places, model.order
    around = {shift: ids[places + shift] for shift in range(1 - order, order)}
    with_it = Window(model, around)
    without = Window(model, {shift + (shift < 0): around[shift] for shift in around if shift})
    written = around[0]
    parts = [scores, channel.extra[written]]
    lengths = [(written == around[-1]).astype(np.float32)]
    for last in range(order):
        parts.append(with_it.log_probability(last - order + 1, last))
        lengths.append(_length(with_it, last - order + 1, last))
    for last in range(1, order):
        first = max(last - order + 1, 2 - order)
        parts.append(without.log_probability(first, last))
        lengths.append(_length(without, first, last))
    return _together(parts, lengths, places.shape, DELETE_PARTS)


def insertion_evidence(model: NgramModel, channel: GapChannel, stream: Stream, options: Options) -> np.ndarray:
    """(gaps, k, INSERT_PARTS): score, how often it is left out, frequency; then the log-probabilities and lengths of
    the n-grams that cover it, and of those without it."""
    ids, gaps, order = stream.ids, stream.gaps, model.order
    around = {shift: ids[gaps + shift][:, None] for shift in range(1 - order, order - 1)}
    with_it = Window(model, {shift + (shift >= 0): around[shift] for shift in around} | {0: options.candidates})
    without = Window(model, around)
    parts = [options.scores, channel.missing[options.candidates], model.unigrams[0][options.candidates]]
    lengths = []
    for last in range(order):
        parts.append(with_it.log_probability(last - order + 1, last))
        lengths.append(_length(with_it, last - order + 1, last))
    for last in range(order - 1):
        parts.append(without.log_probability(last - order + 1, last))
        lengths.append(_length(without, last - order + 1, last))
    return _together(parts, lengths, options.candidates.shape, INSERT_PARTS)


def _channel(channel: Channel, written: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """(places, k) the channel's log-odds of chosen candidates."""
    places = channel.candidates[written[:, 0]][:, None, :] == candidates[..., None]
    found = np.take_along_axis(channel.log_odds[written[:, 0]][:, None, :], places.argmax(-1)[..., None], -1)[..., 0]
    return np.where(candidates == UNKNOWN, _LEAST, found.astype(np.float32))


def _length(window: Window, first: int, last: int) -> np.ndarray:
    """How many characters before ``last`` the longest n-gram has that ends there and was counted."""
    length = np.zeros(1, dtype=np.float32)
    for start in range(first, last):
        length = length + window.counted(start, last)
    return length


def _together(parts: list[np.ndarray], lengths: list[np.ndarray], shape: tuple[int, ...], size: int) -> np.ndarray:
    """The parts, divided by ``SCALE`` and bounded, and then the lengths, along a last axis of ``size``."""
    whole = np.zeros((*shape, size), dtype=np.float32)
    for number, part in enumerate(parts):
        whole[..., number] = np.maximum(part, _LEAST) / SCALE
    for number, length in enumerate(lengths, size - len(lengths)):
        whole[..., number] = length
    return whole
