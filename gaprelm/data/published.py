"""Published data sets that can be fetched by name: where they are, their sums and their licences.

A path ``downloads/NAME`` in a file key fetches NAME. The addresses name a commit, so that a sum never goes stale.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = "downloads"
_GITHUB = "https://raw.githubusercontent.com"


class Download(NamedTuple):
    """A file to fetch.

    sha256: of its content. format: one of the readers', None where nobody said. licence: as stated at its source.
    """

    url: str
    sha256: str
    format: str | None
    licence: str


class _Place(NamedTuple):
    """A folder of a repository at a commit; a file of it is called here as there, behind ``prefix``."""

    folder: str
    licence: str
    format: str
    prefix: str


_MUCGEC = "HillZhang1999/MuCGEC/39221934ee4ccf07801879136a75dd7e11319977"
_PLACES = {
    "sighan": _Place(
        "liwenju0/sighan_raw/364575aa36a94ebb50ac5b4f1771cd2cbb197f6b/pair_data/simplified",
        "not stated (the SIGHAN releases that it was made from are 'distributed freely')",
        "sighan",
        "sighan_",
    ),
    "mucgec": _Place(f"{_MUCGEC}/data/MuCGEC", "Apache-2.0", "mucgec", ""),
    "mucgec list": _Place(f"{_MUCGEC}/data/MuCGEC", "Apache-2.0", "clean", "MuCGEC_"),
    "nlpcc": _Place(f"{_MUCGEC}/scorers/ChERRANT/samples", "Apache-2.0", "m2", ""),
    "ecspell": _Place(
        "aopolin-lv/ECSpell/025bf43f1ea5d84a3f0163d1eb79c79e00ff0a74/Data/domains_data", "MIT", "ecspell", "ecspell_"
    ),
    "lemon": _Place(
        "gingasan/lemon/5279eb90322806ea821cf922ad96a74b1fe761cf/lemon_v2",
        "academic research only, no commercial purposes",
        "lemon",
        "lemon_",
    ),
    "excgec": _Place(
        "THUKElab/EXCGEC/b4593279bd67b202263c6f24fc29b30b35e91f37/exp-cgec/data/splits",
        "not stated (research use)",
        "excgec",
        "excgec_",
    ),
}
# place: {name: sha256}
_FILES = {
    "lemon": {
        "lemon_car.txt": "9b7066f968463a837ca09bf477b0d88c21fb4a1df6167a8fbbaf274f784b5934",
        "lemon_enc.txt": "afec05da2d4fb30aaafcf6864a22fbcf156e2b29ddd13c8ce21ed44973b84e60",
        "lemon_mec.txt": "06e9b920ce117590ecf57735702eada2cc4cc55513ce053f2f22aa8dd137a5fa",
        "lemon_new.txt": "bdd4278180c33e5bc3c5f9f5a5feee34f5b49a4c325595dbb3400719760f6f8c",
    },
}
PUBLISHED = {
    name: Download(
        f"{_GITHUB}/{_PLACES[place].folder}/{name.removeprefix(_PLACES[place].prefix)}",
        sha256,
        _PLACES[place].format,
        _PLACES[place].licence,
    )
    for place, files in _FILES.items()
    for name, sha256 in files.items()
}


def download_of(name: str, downloads: Mapping[str, Mapping[str, Any]]) -> Download | None:
    """The file that ``downloads/NAME`` stands for: one of the configuration's, else a published one; None: neither."""
    if name in downloads:
        entry = downloads[name]
        return Download(entry["url"], entry["sha256"], None, entry.get("licence") or "not stated")
    return PUBLISHED.get(name)


def is_download(path: str, downloads: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether the workflow fetches the file at this path."""
    return Path(path).parent == Path(FOLDER) and download_of(Path(path).name, downloads) is not None
