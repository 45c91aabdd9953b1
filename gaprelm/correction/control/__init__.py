"""What a user allows: which proposals become edits, and where none is made. Nothing here imports torch."""

from gaprelm.correction.control.options import Control

__all__ = ["Control"]
