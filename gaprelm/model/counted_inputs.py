"""What counting says of a batch, as arrays that the model reads beside the characters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gaprelm.counts.alphabet import UNKNOWN
from gaprelm.counts.evidence import DELETE_PARTS, INSERT_PARTS, REPLACE_PARTS
from gaprelm.counts.model import CountModel
from gaprelm.counts.scores import Options
from gaprelm.edits.template import places
from gaprelm.model.settings import ModelSettings
from gaprelm.model.vocabulary import CharacterVocabulary

# Characters that are kept of those that may stand at a place or in a gap; the others are far less likely.
REPLACEMENTS, INSERTIONS = 8, 4
# The score of what counting does not think of. Finite, because 0 * inf is no number.
NEVER = -1e4
# The inputs, and their shape after (sentences, tokens).
SHAPES: Mapping[str, tuple[int, ...]] = {
    "replace_candidates": (REPLACEMENTS,),
    "replace_scores": (REPLACEMENTS,),
    "replace_evidence": (REPLACEMENTS, REPLACE_PARTS),
    "delete_scores": (),
    "delete_evidence": (DELETE_PARTS,),
    "insert_candidates": (INSERTIONS,),
    "insert_scores": (INSERTIONS,),
    "insert_evidence": (INSERTIONS, INSERT_PARTS),
}
COUNTED_INPUTS = tuple(SHAPES)


class CountedInputs:
    """Makes the counted inputs of batches.

    Args:
        counts: the counted model.
        vocabulary: of the model that reads the inputs.
        settings: of that model; types of edits that it does not make are not scored.
    """

    def __init__(self, counts: CountModel, vocabulary: CharacterVocabulary, settings: ModelSettings) -> None:
        self._counts = counts
        self._counted_ids = counts.alphabet.of_tokens(vocabulary.tokens)
        own = [vocabulary.answer_id(character) for character in counts.alphabet.characters]
        self._token_ids = np.array([-1, *own], dtype=np.int64)
        self._inserts = settings.enable_gap and settings.enable_insert
        self._deletes = settings.enable_gap and settings.enable_delete

    def __call__(self, ids: np.ndarray, lengths: np.ndarray) -> dict[str, np.ndarray]:
        """The scores of the edits of b sentences, of s = longest + 2 tokens each.

        Args:
            ids: (c,) the model's ids of all characters, sentence after sentence.
            lengths: (b,) characters of each sentence.

        Returns:
            arrays (b, s, …), as ``SHAPES`` says. Scores (float32) are log-odds against the text as it stands,
            ``NEVER`` where there is nothing: of what may be meant by each token, that it is one too many, and of what
            may be missing after it. Candidates (int64) are ids of the model. Evidence (float32) is what the scores are
            made of (``gaprelm.counts.evidence``).
        """
        texts = np.split(self._counted_ids[ids], np.cumsum(lengths)[:-1])
        scores = self._counts.scores(texts, REPLACEMENTS, deletes=self._deletes, inserts=self._inserts)
        scores = scores._replace(insert=Options(*(part[:, :INSERTIONS] for part in scores.insert)))
        evidence = self._counts.evidence(texts, scores)
        batch = empty_inputs(len(lengths), int(lengths.max()) + 2)
        rows, columns = places(lengths)
        tokens, gaps = (rows, columns + 1), places(lengths + 1)
        for name, at, options in (("replace", tokens, scores.replace), ("insert", gaps, scores.insert)):
            candidates, values = self._possible(*options)
            width = candidates.shape[1]
            batch[f"{name}_candidates"][*at, :width], batch[f"{name}_scores"][*at, :width] = candidates, values
        batch["replace_evidence"][*tokens, : evidence.replace.shape[1]] = evidence.replace
        batch["insert_evidence"][*gaps, : evidence.insert.shape[1]] = evidence.insert
        batch["delete_scores"][tokens] = np.maximum(scores.delete, np.float32(NEVER))
        batch["delete_evidence"][tokens] = evidence.delete
        return batch

    def _possible(self, candidates: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The model's ids of candidates, and their scores; ``NEVER`` for those that the model cannot write."""
        tokens = self._token_ids[candidates]
        impossible = (tokens < 0) | (candidates == UNKNOWN)
        return np.where(impossible, 0, tokens), np.where(impossible, NEVER, np.maximum(scores, NEVER))


def empty_inputs(sentences: int, tokens: int) -> dict[str, np.ndarray]:
    """The inputs of a batch in which counting thinks of nothing."""
    return {
        name: np.full(
            (sentences, tokens, *shape),
            NEVER if name.endswith("_scores") else 0,
            dtype=np.int64 if name.endswith("_candidates") else np.float32,
        )
        for name, shape in SHAPES.items()
    }


def padded_together(parts: Sequence[tuple[np.ndarray, dict[str, np.ndarray]]], sentences: int) -> dict[str, np.ndarray]:
    """The inputs of a batch from those of parts of it.

    Args:
        parts: of each part the numbers of its sentences, and its inputs.
        sentences: of the whole batch.
    """
    whole = empty_inputs(sentences, max(arrays["delete_scores"].shape[1] for _, arrays in parts))
    for numbers, arrays in parts:
        for name, array in arrays.items():
            whole[name][numbers, : array.shape[1]] = array
    return whole
