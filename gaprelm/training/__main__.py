"""``python -m gaprelm.training STAGE.yaml`` trains one stage; torchrun starts the same module in several processes."""

import sys
from contextlib import suppress

from gaprelm.errors import require, run_command


def run() -> None:
    """Train the stage that the command line names, and end the process with its exit code."""
    with suppress(KeyboardInterrupt):
        sys.exit(run_command(_main))


def _main() -> int | None:
    # Checked before these packages are imported, so that a missing extra gives one message and no traceback.
    require("pyarrow", "tensorboard", "torch", "transformers")
    from gaprelm.training.stage import main

    return main()


if __name__ == "__main__":
    run()
