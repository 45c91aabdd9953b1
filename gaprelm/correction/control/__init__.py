"""What a user allows: which proposals become edits, and where no edit is made. Nothing here imports torch."""

from gaprelm.correction.control.options import Control

__all__ = ["Control"]
