"""The size of ``pip install gaprelm`` and its start-up time, in a new virtual environment without any extra.

    python benchmarks/installation.py [--model EXPORTED] [--folder NEW_FOLDER] [--repeat 5]

Builds the wheel, installs it with the versions of constraints.txt, and prints JSON: the size of the environment and of
its largest packages, the median seconds of whole processes (``import gaprelm``, ``gaprelm score --help``), and, where a
model of ``gaprelm export`` is given, of one sentence through ``gaprelm correct``. Packages come from pip's index.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SENTENCE = "他在在学校。\n"
PIP = ["-m", "pip", "--disable-pip-version-check", "--quiet"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, metavar="EXPORTED", help="a folder of gaprelm export")
    parser.add_argument("--folder", type=Path, help="keep the environment there (default: it is deleted)")
    parser.add_argument("--repeat", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.folder or Path(temporary) / "environment"
        python = installed(folder, Path(temporary) / "source")
        result = {"megabytes": size_mb(folder), "largest_packages_mb": largest(folder)}
        gaprelm = [str(folder / "bin" / "gaprelm")]
        result["import_gaprelm_seconds"] = median_seconds([python, "-c", "import gaprelm"], args.repeat)
        result["python_alone_seconds"] = median_seconds([python, "-c", ""], args.repeat)
        result["score_help_seconds"] = median_seconds([*gaprelm, "score", "--help"], args.repeat)
        if args.model:
            command = [*gaprelm, "correct", "--model", str(args.model)]
            result["first_sentence_seconds"] = median_seconds(command, args.repeat, SENTENCE)
    sys.stdout.write(json.dumps(result, indent=2) + "\n")


def installed(folder: Path, source: Path) -> str:
    """The Python of a new environment with the wheel of this checkout and its dependencies, without extras.

    The wheel is built from ``source``, a copy, because building leaves files behind.
    """
    shutil.copytree(ROOT / "gaprelm", source / "gaprelm", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    subprocess.run([python, *PIP, "wheel", "--no-deps", "--wheel-dir", source / "dist", source], check=True)
    (wheel,) = (source / "dist").glob("gaprelm-*.whl")
    subprocess.run([python, *PIP, "install", "--constraint", ROOT / "constraints.txt", wheel], check=True)
    return python


def size_mb(folder: Path) -> float:
    """The size of all files in MB; files with several links count once."""
    return round(sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6, 1)


def largest(folder: Path, number: int = 8) -> dict[str, float]:
    """The largest entries of site-packages."""
    (packages,) = folder.glob("lib/python*/site-packages")
    sizes = {path.name: size_mb(path) for path in packages.iterdir() if path.is_dir()}
    return dict(sorted(sizes.items(), key=lambda item: -item[1])[:number])


def median_seconds(command: list[str], repeat: int, text: str = "") -> float:
    """Median wall time of the whole process. A first run, which compiles and fills the disk cache, does not count."""
    times = []
    for _ in range(repeat + 1):
        start = time.perf_counter()
        subprocess.run(command, input=text, text=True, check=True, capture_output=True, cwd=tempfile.gettempdir())
        times.append(time.perf_counter() - start)
    return round(statistics.median(times[1:]), 3)


if __name__ == "__main__":
    main()
