"""Fetches the data of ChERRANT's substitution cost: the thesaurus and the confusion sets of the MuCGEC repository.

They are not part of this project: the thesaurus (Cilin, HIT) has its own terms of use.
"""

from __future__ import annotations

from pathlib import Path

from gaprelm.errors import InputError
from gaprelm.scoring.cherrant.resources import CLASSES_FILE, CONFUSION_FILE
from gaprelm.textio import write_bytes
from gaprelm.web import fetch_bytes

PUBLISHED_AT = "https://raw.githubusercontent.com/HillZhang1999/MuCGEC/39221934ee4ccf07801879136a75dd7e11319977/scorers/ChERRANT/data"
THESAURUS, CONFUSIONS = "cilin.txt", "confusion_dict.txt"
# The published files have 1 and 2 MB.
_MOST_BYTES = 16 << 20
# Hashes of the written files; the thesaurus is first reduced to the classes of single characters.
SHA256 = {
    CLASSES_FILE: "9353d0c44f932389268bed1ecd0f41fab512b88099332a6d30ee33b202313f9f",
    CONFUSION_FILE: "aafa202dc451fb79a0a2cfc77b965009daa39d0cedd03e25074c1a35b7ac67b2",
}


def fetch_resources(directory: Path, address: str = PUBLISHED_AT) -> list[Path]:
    """Write ``cilin_char_class.tsv`` and ``confusion_dict.txt`` into a directory.

    Args:
        directory: is made if it does not exist.
        address: a web address, or a folder, with ``cilin.txt`` and ``confusion_dict.txt`` as published.

    Raises:
        InputError: a file cannot be fetched or read, or the file made from it has an unexpected sha256.
    """
    otherwise = f"fetch {THESAURUS} and {CONFUSIONS} by other means and name their folder with --from"
    thesaurus, confusions = f"{address}/{THESAURUS}", f"{address}/{CONFUSIONS}"
    contents = {
        CLASSES_FILE: fetch_bytes(
            thesaurus,
            SHA256[CLASSES_FILE],
            otherwise,
            _MOST_BYTES,
            lambda content: character_classes(content, thesaurus),
        ),
        CONFUSION_FILE: fetch_bytes(confusions, SHA256[CONFUSION_FILE], otherwise, _MOST_BYTES),
    }
    for name, content in contents.items():
        write_bytes(directory / name, content)
    return [directory / name for name in contents]


def character_classes(thesaurus: bytes, name: str) -> bytes:
    """The classes of single characters: ``character TAB letter TAB letter TAB two digits``.

    Args:
        thesaurus: lines with a code and words, in GBK. Of several codes of a character the last counts; characters are
            in the order of their first occurrence.
        name: for messages.

    Raises:
        InputError: the text is not GBK, or a line does not have this form.
    """
    try:
        text = thesaurus.decode("gbk")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: {error}\n  cure: give the file as published, in GBK") from error
    codes: dict[str, str] = {}
    for number, line in enumerate(text.strip().splitlines(), 1):
        code, *words = line.split(" ")
        if len(code) < 4 or not words:
            raise InputError(f"{name}:{number}: found {line[:60]!r}; expected a code and words\n  cure: fetch it again")
        codes.update({word: code for word in words if len(word) == 1})
    return "".join(f"{word}\t{code[0]}\t{code[1]}\t{code[2:4]}\n" for word, code in codes.items()).encode()
