"""The installed command ``gaprelm``, and ``python -m gaprelm``."""

import sys

from gaprelm.cli.interrupts import leaving_at_once, without_interrupts


def entry() -> int:
    """Entry point of the installed command. Ctrl-C counts from here on, and so before the slow imports."""
    with leaving_at_once():
        from gaprelm.cli.main import entry as run
    code = run()
    without_interrupts()
    return code


if __name__ == "__main__":
    sys.exit(entry())
