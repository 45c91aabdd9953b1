"""``python -m gaprelm.training STAGE.yaml``, or the same by torchrun: one stage of training."""

import sys
from contextlib import suppress

from gaprelm.errors import require, run_command


def run() -> None:
    """Train the stage that the command line names, and end the process with its exit code."""
    with suppress(KeyboardInterrupt):
        sys.exit(run_command(_main))


def _main() -> int | None:
    # Before anything is imported, so that a missing extra of the installation is one message.
    require("pyarrow", "tensorboard", "torch", "transformers")
    from gaprelm.training.stage import main

    return main()


if __name__ == "__main__":
    run()
