"""List the work directories of an experiment, and delete those from which no run will resume.

The newest of each stage is kept, and so is every directory that a process is writing.
"""

import logging
import shutil
from itertools import chain
from pathlib import Path

from arguments import parser, script

from gaprelm.training.work import is_locked, size_mb, work_directories


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--experiment", type=Path, required=True, help="its folder")
    args = options.parse_args()
    works = [args.experiment / "work", *sorted(args.experiment.glob("ablations/*/*/work"))]
    for stage, directories in chain.from_iterable(work_directories(work).items() for work in works):
        for number, directory in enumerate(directories):
            keep = "newest" if not number else "in use" if is_locked(directory) else ""
            logging.info("%s %s %.0f MB: %s", stage, directory.name, size_mb(directory), keep or "deleted")
            if not keep:
                shutil.rmtree(directory)


script(main)
