"""``python -m gaprelm``: the same as the command ``gaprelm``."""

import sys

from gaprelm.cli.main import entry

sys.exit(entry())
