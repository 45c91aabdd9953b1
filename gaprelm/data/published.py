"""Published data sets that can be fetched by name: their addresses, checksums and licences.

A path ``downloads/NAME`` in a file key fetches NAME. The addresses name a commit, so that a checksum stays valid.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from gaprelm.errors import ConfigurationError

FOLDER = "downloads"
_GITHUB = "https://raw.githubusercontent.com"


class Download(NamedTuple):
    """A file to fetch.

    sha256: of its content. format: the name of its reader, None if unknown. licence: as stated at its source.
    size: in bytes, None if unknown; nothing beyond it is fetched.
    """

    url: str
    sha256: str
    format: str | None
    licence: str
    size: int | None = None


class _Place(NamedTuple):
    """A folder of a repository at a commit. Its files keep their names here, with ``prefix`` in front."""

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
# place: {name: (size in bytes, sha256)}
_FILES: dict[str, dict[str, tuple[int, str]]] = {
    "sighan": {
        "sighan_train13_error.txt": (88_452, "a6360292c70407e971d1a845a8bc703c901e8de0e7d4abc3748b81a8f2e8b82e"),
        "sighan_train13_correct.txt": (88_452, "84deb3589a97bbf4a9e7aa6d5f0dca9c9b2f193294cbe352705243cbf00d9bfb"),
        "sighan_train14_error.txt": (514_374, "763a3727b8f279b7b4a6e830a9086a7dd017817632832ce323e0c8b5d9b9a726"),
        "sighan_train14_correct.txt": (514_369, "7dd6e65a2e9fd25b64f305eb6b9df71c8aeabd950e8db48e2f5fab1c2fac762c"),
        "sighan_train15_error.txt": (222_130, "bbf0d1488a754f88328805f27c79a3ce61ebcb96f1d031d519fd21b97b7dd2a7"),
        "sighan_train15_correct.txt": (222_129, "fe4e60549213d5e63b6f6ae328bdb89427bc3502386313e9c68045b4fd19c6d6"),
        "sighan_train15.json": (586_485, "6d2cba283abaa91d10e4eff403bb0e534a72e196a52f9aa473ede67e91f15522"),
        "sighan_test13.json": (508_604, "7db61884acba1050f1551926159808602925b4c4b4cd9b0cb98b45b53edbd4ea"),
        "sighan_test14.json": (384_306, "8900affb4e3e8f7325b99c6afc7de16a9abd058a02d7d5868c0d56ae149b2cb3"),
        "sighan_test15.json": (269_728, "3119e469e3b4c9453e578848d14a5320a9709193ef090787e1c39c60b921ec86"),
    },
    "mucgec": {
        "MuCGEC_dev.txt": (488_884, "edbe29627aa8c61b1196b0b8c85898560dd2218d5031857921e9b621e5241e18"),
        "MuCGEC_test.txt": (705_233, "db4b494abb3f3366da134c996bf38134ad1d81f9fa630f566aab6f6bac24c1c1"),
    },
    "mucgec list": {
        "MuCGEC_filter_sentences.txt": (827_405, "4f91fd7e0aa387400eba7560221e47663e91653bb795abe246356525b16699cf"),
    },
    "nlpcc": {
        "nlpcc2018_official.ref.m2.char": (721_577, "8c7f4139c7a4c53b1bbf8790efc9ce3198e879c2324a69acab54f74c8c713b5b"),
    },
    "ecspell": {
        "ecspell_law.train": (364_904, "ebc76a500823c649b540ea3e74982342d02cd26c2155a4662a9c3327edfaece2"),
        "ecspell_law.test": (90_290, "2b8309bd0681b9d3f2f95425c5b5694d0bb5fbe5580f1d7ad3ef9376c54c312a"),
        "ecspell_med.train": (905_860, "c6b0d3d09d826bdaed00038c388ce8990e684bb222abe4a67d3d8c5a2e63806d"),
        "ecspell_med.test": (149_482, "27e3ebb576a078439d999ba64d34209a62b6962d9954a8e0c6c48061190600a6"),
        "ecspell_odw.train": (428_782, "bf3db59f4a96763c278e4d92081acd373525606d8064efc981813443cace1126"),
        "ecspell_odw.test": (122_579, "185f145e934101fdda010a25efb7aa2b84d78a08600c3f0486af2129160d222f"),
    },
    "lemon": {
        "lemon_car.txt": (1_112_974, "9b7066f968463a837ca09bf477b0d88c21fb4a1df6167a8fbbaf274f784b5934"),
        "lemon_enc.txt": (1_033_386, "afec05da2d4fb30aaafcf6864a22fbcf156e2b29ddd13c8ce21ed44973b84e60"),
        "lemon_mec.txt": (633_952, "06e9b920ce117590ecf57735702eada2cc4cc55513ce053f2f22aa8dd137a5fa"),
        "lemon_new.txt": (1_113_874, "bdd4278180c33e5bc3c5f9f5a5feee34f5b49a4c325595dbb3400719760f6f8c"),
    },
    "excgec": {
        "excgec_train_only_gec.json": (2_227_636, "9dc0f93b8de1db4d07e6ca87ad47abeff4d6450d8de218ca3d93b243c8309055"),
    },
}
PUBLISHED = {
    name: Download(
        f"{_GITHUB}/{_PLACES[place].folder}/{name.removeprefix(_PLACES[place].prefix)}",
        sha256,
        _PLACES[place].format,
        _PLACES[place].licence,
        size,
    )
    for place, files in _FILES.items()
    for name, (size, sha256) in files.items()
}


def download_of(name: str, downloads: Mapping[str, Mapping[str, Any]]) -> Download | None:
    """The file that ``downloads/NAME`` stands for, from the configuration or else published; None if there is none."""
    if name in downloads:
        entry = downloads[name]
        return Download(entry["url"], entry["sha256"], None, entry.get("licence") or "not stated", entry.get("size"))
    return PUBLISHED.get(name)


def named_download(name: str, downloads: Mapping[str, Mapping[str, Any]]) -> Download:
    """The file that ``downloads/NAME`` stands for.

    Raises:
        ConfigurationError: no file of that name can be fetched.
    """
    download = download_of(name, downloads)
    if download is None:
        raise ConfigurationError(
            f"{FOLDER}/{name}: no file of that name can be fetched; expected one of "
            f"{', '.join(sorted({*downloads, *PUBLISHED}))}\n"
            "  cure: use one of these, or give its address and sha256 in the key downloads"
        )
    return download


def is_download(path: str, downloads: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether the workflow fetches the file at this path."""
    return Path(path).parent == Path(FOLDER) and download_of(Path(path).name, downloads) is not None
