"""What controlling the edits costs in addition to the model.

    python benchmarks/control.py --model DIR FILE [--terms 10000] [--sentences 2000] [--repeat 5]

FILE: text, one sentence per line. Half of the words are drawn from it, so that they occur. Prints the number of
proposals, the milliseconds for making a control of so many words, and for each control the sentences per second with
the model, and the microseconds per sentence for selecting edits alone (CPU time, median of the repeats).
"""

from __future__ import annotations

import random
from pathlib import Path

import common

from gaprelm import Control, Corrector
from gaprelm.terms import terms


class Recorded:
    """Gives the recorded output of a model again, so that the rest can be timed without it."""

    def __init__(self, corrector: Corrector) -> None:
        self._proposer, self._said = corrector._proposer, {}
        self.max_length = self._proposer.max_length

    def __call__(self, texts, batch_size=None, **settings):
        new = [text for text in texts if text not in self._said]
        self._said.update(zip(new, self._proposer(new, batch_size, **settings) if new else [], strict=True))
        return [self._said[text] for text in texts]


def main() -> None:
    parser = common.parser(__doc__, repeat=5)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--model", required=True)
    parser.add_argument("--terms", type=int, default=10_000)
    parser.add_argument("--sentences", type=int, default=2000)
    args = parser.parse_args()
    texts = common.texts(args.file)
    words = drawn_words(texts, args.terms)
    texts = list(dict.fromkeys(texts))[: args.sentences]
    corrector = Corrector.from_pretrained(args.model)
    recorded = Corrector(Recorded(corrector), corrector.thresholds)
    controls = {
        "none": Control(),
        f"protect {len(words)} words": Control(protect=words),
        "protect 3 patterns": Control(protect_patterns=[r"\d+", r"https?://\S+", r"[A-Za-z]+"]),
        f"always: {len(words)} pairs": Control(always=[(word, f"{word}{word[0]}") for word in words]),
        f"never: {len(words)} pairs": Control(never=[(word, word[::-1]) for word in words if word != word[::-1]]),
    }
    rows = {}
    for name, control in controls.items():
        recorded.correct_batch(texts, control)
        with_model = common.median_seconds(lambda c=control: corrector.correct_batch(texts, c), args.repeat)
        alone = common.median_seconds(lambda c=control: recorded.correct_batch(texts, c), args.repeat)
        rows[name] = {
            "sentences_per_second": round(len(texts) / with_model, 1),
            "microseconds_a_sentence_beside_the_model": round(alone / len(texts) * 1e6, 1),
        }
    totals = {
        "sentences": len(texts),
        "proposals": sum(map(len, corrector.propose(texts))),
        "milliseconds_to_make": milliseconds_to_make(words, args.repeat),
    }
    common.show(totals | {"controls": rows}, args.json, {"texts": {"all": totals}, "control": rows})


def drawn_words(texts: list[str], count: int) -> list[str]:
    """Different words of 2 to 5 characters, half of them from the texts, half of them not."""
    draw = random.Random(0)
    characters = sorted(set("".join(texts)))
    words: dict[str, None] = {}
    while len(words) < count:
        text, size = draw.choice(texts), draw.randint(2, 5)
        start = draw.randrange(max(len(text) - size, 1))
        words[text[start : start + size] if len(words) % 2 else "".join(draw.choices(characters, k=size))] = None
        words.pop("", None)
    return list(words)


def milliseconds_to_make(words: list[str], repeat: int) -> float:
    def make() -> None:
        terms.cache_clear()
        terms(Control(protect=words).protect)

    return round(common.median_seconds(make, repeat) * 1000, 1)


if __name__ == "__main__":
    main()
