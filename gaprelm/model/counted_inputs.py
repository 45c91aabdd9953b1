"""What counting says of a batch, as arrays that the model reads beside the characters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gaprelm.counts.alphabet import UNKNOWN
from gaprelm.counts.model import CountModel
from gaprelm.counts.scores import Options
from gaprelm.edits.template import places
from gaprelm.model.settings import ModelSettings
from gaprelm.model.vocabulary import CharacterVocabulary

# Characters that are kept of those that may stand at a place or in a gap; the others are far less likely.
REPLACEMENTS, INSERTIONS = 8, 4
# The score of what counting does not think of. Finite, because 0 * inf is no number.
NEVER = -1e4
COUNTED_INPUTS = ("replace_candidates", "replace_scores", "delete_scores", "insert_candidates", "insert_scores")


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
            log-odds against the text as it stands, ``NEVER`` where there is nothing:
            ``replace_candidates`` int64 and ``replace_scores`` float32 (b, s, REPLACEMENTS), of what may be meant by
            each token; ``delete_scores`` (b, s), that the token is one too many; ``insert_candidates`` and
            ``insert_scores`` (b, s, INSERTIONS), of what may be missing after it. Ids are the model's.
        """
        texts = np.split(self._counted_ids[ids], np.cumsum(lengths)[:-1]) if len(lengths) else []
        scores = self._counts.scores(texts, REPLACEMENTS, deletes=self._deletes, inserts=self._inserts)
        shape = (len(lengths), int(lengths.max(initial=0)) + 2)
        rows, columns = places(lengths)
        gap_rows, gaps = places(lengths + 1)
        replace = self._options(scores.replace, shape, rows, columns + 1, REPLACEMENTS)
        insert = self._options(scores.insert, shape, gap_rows, gaps, INSERTIONS)
        delete = np.full(shape, NEVER, dtype=np.float32)
        delete[rows, columns + 1] = np.maximum(scores.delete, np.float32(NEVER))
        return dict(zip(COUNTED_INPUTS, (*replace, delete, *insert), strict=True))

    def _options(
        self, options: Options, shape: tuple[int, int], rows: np.ndarray, columns: np.ndarray, most: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Candidates and scores (b, s, most) with the options of each place, those first that the model can write."""
        tokens = self._token_ids[options.candidates[:, :most]]
        impossible = (tokens < 0) | (options.candidates[:, :most] == UNKNOWN)
        values = np.where(impossible, NEVER, np.maximum(options.scores[:, :most], NEVER))
        width = tokens.shape[1]
        candidates = np.zeros((*shape, most), dtype=np.int64)
        scores = np.full((*shape, most), NEVER, dtype=np.float32)
        candidates[rows, columns, :width] = np.where(impossible, 0, tokens)
        scores[rows, columns, :width] = values
        return candidates, scores


def padded_together(parts: Sequence[tuple[np.ndarray, dict[str, np.ndarray]]], sentences: int) -> dict[str, np.ndarray]:
    """The inputs of a batch from those of parts of it.

    Args:
        parts: of each part the numbers of its sentences, and its inputs.
        sentences: of the whole batch.
    """
    width = max(arrays["delete_scores"].shape[1] for _, arrays in parts)
    whole: dict[str, np.ndarray] = {}
    for name in COUNTED_INPUTS:
        example = parts[0][1][name]
        filler = 0 if example.dtype == np.int64 else NEVER
        whole[name] = np.full((sentences, width, *example.shape[2:]), filler, dtype=example.dtype)
        for numbers, arrays in parts:
            whole[name][numbers, : arrays[name].shape[1]] = arrays[name]
    return whole
