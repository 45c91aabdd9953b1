"""P(written | meant)."""

import numpy as np

from gaprelm.counts.alphabet import Alphabet
from gaprelm.counts.channel import Channel, ChannelSettings
from gaprelm.counts.errors import ErrorCounts

ALPHABET = Alphabet("。在再载图涂书数管馆未末看字")


def odds(channel, written, meant):
    row = ALPHABET.encode(written)[0]
    places = np.flatnonzero(channel.candidates[row] == ALPHABET.encode(meant)[0])
    return float(channel.log_odds[row, places[0]]) if len(places) else -np.inf


def channel_of(pairs=(), **kwargs):
    return Channel.build(ALPHABET, np.full(len(ALPHABET), 100), ErrorCounts.from_pairs(pairs), **kwargs)


def test_sounds_looks_and_counts_make_candidates():
    channel = channel_of([("看数", "看字")], lookalikes=lambda c: "末" if c == "未" else "")
    assert min(odds(channel, "再", "在"), odds(channel, "数", "书")) > -np.inf  # zài zài; shù shū
    assert odds(channel, "未", "末") > -np.inf
    assert odds(channel, "末", "未") == -np.inf
    assert odds(channel, "数", "字") > -np.inf
    assert odds(channel, "再", "看") == -np.inf
    assert (channel.candidates[ALPHABET.encode("。")[0]] == 0).all()


def test_what_was_seen_is_likelier():
    pairs = [("再", "在")] * 3 + [("在", "在")] * 30
    assert odds(channel_of(pairs), "再", "在") > odds(channel_of(), "再", "在") + 0.5
    # A character that was always right is trusted more.
    assert odds(channel_of([("在", "在")] * 500), "再", "在") < odds(channel_of(), "再", "在") - 0.5


def test_the_best_candidates_are_kept():
    channel = channel_of([("再", "在")] * 3, settings=ChannelSettings(candidates=1))
    assert channel.candidates.shape == (len(ALPHABET), 1)
    assert channel.candidates[ALPHABET.encode("再")[0], 0] == ALPHABET.encode("在")[0]


def test_errors_are_counted_by_kind():
    counts = ErrorCounts.from_pairs(
        [("他再学校看看书a", "他在学校看书b"), ("我天去", "我今天去"), ("很很很好的", "好")]
    )
    assert counts.written == {("在", "再"): 1}
    assert counts.missing == {"今": 1}
    assert counts.repeated == {"看": 1, "很": 3}
    assert counts.extra == {"的": 1}
    assert counts.meant["在"] == 1
