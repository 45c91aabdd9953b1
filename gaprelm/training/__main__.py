"""``python -m gaprelm.training STAGE.yaml``, or the same by torchrun: one stage of training."""

import sys
from contextlib import suppress

from gaprelm.errors import run_command
from gaprelm.training.stage import main


def run() -> None:
    """Train the stage that the command line names, and end the process with its exit code."""
    with suppress(KeyboardInterrupt):
        sys.exit(run_command(main))


if __name__ == "__main__":
    run()
