"""The embedded sample: graded Chinese sentences of the package hsk-sentences-audio (CC BY-SA 4.0)."""

from __future__ import annotations

from random import Random

ATTRIBUTION = "hsk-sentences-audio 1.0.0, 4,354 HSK 3.0 graded sentences, CC BY-SA 4.0"


def split_sample(dev_share: float, test_share: float, seed: int, limit: int | None) -> dict[str, list[str]]:
    """Clean sentences for train, dev and test; no sentence is in two of them.

    Args:
        dev_share, test_share: shares of all distinct sentences.
        seed: of the shuffle.
        limit: use only that many sentences (None: all).
    """
    from hsk_sentences_audio import load_sentences

    sentences = sorted({record["chinese"].strip() for record in load_sentences()})
    Random(seed).shuffle(sentences)
    sentences = sentences[:limit]
    dev, test = round(len(sentences) * dev_share), round(len(sentences) * test_share)
    return {"test": sentences[:test], "dev": sentences[test : test + dev], "train": sentences[test + dev :]}
