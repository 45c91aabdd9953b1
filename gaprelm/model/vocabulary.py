"""Maps characters to ids. A character is one Unicode code point and always one token, so labels stay in place."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from gaprelm.errors import CheckpointError, GapReLMError, shown
from gaprelm.json_files import write_json
from gaprelm.model.checkpoint import check_size, read_document
from gaprelm.textio import read_lines, write_text

PAD, UNK, CLS, SEP, MASK = SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")

_TOKENIZER_CONFIG = "tokenizer_config.json"
# Its key with the number of tokens, by which a vocabulary that was cut off is recognised.
_COUNT = "gaprelm_tokens"
_NOT_LOOKED_UP = -1
# Twice the tokens of the largest vocabulary of a BERT, and twice the bytes of a file with so many.
_MOST_TOKENS = 1 << 18
_LARGEST_FILE = 1 << 22


class CharacterVocabulary:
    """A BERT vocabulary that encodes text character by character, never in word pieces.

    Args:
        tokens: the tokens with id 0, 1, …; the five special tokens of BERT must be among them.
        name: of the file, for messages.

    Raises:
        CheckpointError: a special token is missing or a token occurs twice.
    """

    def __init__(self, tokens: Sequence[str], name: str = "vocabulary") -> None:
        self.tokens = list(tokens)
        repeated = [token for token, count in Counter(self.tokens).items() if count > 1]
        if repeated:
            first = self.tokens.index(repeated[0]) + 1
            raise CheckpointError(f"{name}: token {shown(repeated[0])} occurs twice, first in line {first}")
        self._ids = {token: index for index, token in enumerate(self.tokens)}
        for token in SPECIAL_TOKENS:
            if token not in self._ids:
                raise CheckpointError(f"{name}: no {token}; expected the special tokens {' '.join(SPECIAL_TOKENS)}")
        self.pad_id, self.unk_id, self.cls_id, self.sep_id, self.mask_id = (self._ids[t] for t in SPECIAL_TOKENS)
        self._by_character: dict[str, int] = {}
        self._by_code_point: np.ndarray | None = None

    @classmethod
    def from_file(cls, path: Path) -> CharacterVocabulary:
        """Read ``vocab.txt``: one token per line, whose id is the line number minus 1.

        Raises:
            CheckpointError: the file is larger than a vocabulary, a line is not UTF-8, a special token is missing, a
                token occurs twice, or the number of tokens differs from the one that ``save`` wrote beside the file.
        """
        check_size(path, _LARGEST_FILE)
        tokens: list[str] = []
        for line in read_lines(path):
            if len(tokens) == _MOST_TOKENS:
                raise CheckpointError(f"{path} has more than {_MOST_TOKENS:,} tokens\n  cure: copy the model again")
            if line.problem:
                raise CheckpointError(f"{line.problem}\n  cure: copy or export the model again")
            tokens.append(line.text)
        vocabulary = cls(tokens, name=str(path))
        saved = _saved_count(path.with_name(_TOKENIZER_CONFIG))
        if saved not in (None, len(vocabulary)):
            raise CheckpointError(
                f"{path} has {len(vocabulary)} tokens; expected {saved}, as when it was saved\n"
                "  cure: copy or export the model again"
            )
        return vocabulary

    @classmethod
    def from_texts(cls, texts: Iterable[str]) -> CharacterVocabulary:
        """The special tokens, then every character of ``texts``, frequent ones first (ties by code point)."""
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(text)
        characters = sorted((c for c in counts if not c.isspace()), key=lambda c: (-counts[c], c))
        return cls([*SPECIAL_TOKENS, *characters])

    def __len__(self) -> int:
        return len(self.tokens)

    def id_of(self, character: str) -> int:
        """The id of a character, else of its lower case, else of [UNK]."""
        known = self._by_character.get(character)
        if known is None:
            known = self._ids.get(character, self._ids.get(character.lower(), self.unk_id))
            self._by_character[character] = known
        return known

    def encode(self, text: str) -> list[int]:
        """The ids of the characters of ``text``, one per character."""
        known, look_up = self._by_character, self.id_of
        return [known[c] if c in known else look_up(c) for c in text]

    def encode_long(self, text: str) -> np.ndarray:
        """(characters,) int32, the same ids as ``encode`` gives, without a loop over the characters; for long texts."""
        if self._by_code_point is None:
            self._by_code_point = np.full(sys.maxunicode + 1, _NOT_LOOKED_UP, dtype=np.int32)
        code_points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
        ids = self._by_code_point[code_points]
        missing = np.unique(code_points[ids == _NOT_LOOKED_UP])
        if len(missing):
            self._by_code_point[missing] = [self.id_of(chr(code_point)) for code_point in missing]
            ids = self._by_code_point[code_points]
        return ids

    def answer_id(self, character: str) -> int:
        """The id to be learned for an answer; -100, which the loss ignores, if the character has no own token."""
        return self._ids.get(character, -100) if len(character) == 1 else -100

    def emittable(self) -> np.ndarray:
        """(v,) bool, v the size of the vocabulary: the tokens that decoding may emit, which are the single characters.

        Special tokens, [unused…], word pieces (##…) and words of several characters are never emitted.
        """
        return np.array([len(token) == 1 for token in self.tokens])

    def readable(self) -> np.ndarray:
        """(kept,) ids of the tokens that texts and templates can contain: single characters and special tokens."""
        special = {self.pad_id, self.unk_id, self.cls_id, self.sep_id, self.mask_id}
        return np.array([i for i, token in enumerate(self.tokens) if len(token) == 1 or i in special])

    def save(self, directory: Path) -> None:
        """Write ``vocab.txt`` and the files with which ``AutoTokenizer`` opens the directory as a BERT tokenizer."""
        write_text(directory / "vocab.txt", "".join(f"{token}\n" for token in self.tokens))
        names = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
        special = dict(zip(names, SPECIAL_TOKENS, strict=True))
        settings = {
            "tokenizer_class": "BertTokenizer",
            "do_lower_case": True,
            "tokenize_chinese_chars": True,
            **special,
            _COUNT: len(self.tokens),
        }
        write_json(directory / _TOKENIZER_CONFIG, settings)
        write_json(directory / "special_tokens_map.json", special)


def _saved_count(path: Path) -> object:
    """The number of tokens that the vocabulary had when it was saved; None if it is not recorded."""
    try:
        return read_document(path).get(_COUNT)
    except (OSError, GapReLMError):
        return None
