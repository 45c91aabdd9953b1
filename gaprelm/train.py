"""``python -m gaprelm.train STAGE.yaml``: what version 0.1.0 called ``gaprelm.training``."""

from gaprelm.training.__main__ import run

if __name__ == "__main__":
    run()
