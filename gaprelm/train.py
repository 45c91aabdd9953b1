"""``python -m gaprelm.train STAGE.yaml``: the name that ``python -m gaprelm.training`` had in version 0.1.0."""

from gaprelm.training.__main__ import run

if __name__ == "__main__":
    run()
