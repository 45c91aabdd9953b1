"""The installed command ``gaprelm``, and ``python -m gaprelm``."""

import sys

from gaprelm.cli.interrupts import LeavingAtOnce, without_interrupts


def entry() -> int:
    """Entry point of the installed command. Ctrl-C counts from here on, and so before the slow imports."""
    with LeavingAtOnce():
        from gaprelm.cli.main import entry as run
    code = run()
    without_interrupts()
    return code


if __name__ == "__main__":
    sys.exit(entry())
