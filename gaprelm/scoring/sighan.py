"""The place of ``sighan_2015`` in version 0.1.0; it is now in ``gaprelm.scoring.spelling``."""

from gaprelm.scoring.spelling.sighan import sighan_2013_correction, sighan_2013_detection, sighan_2015

__all__ = ["sighan_2013_correction", "sighan_2013_detection", "sighan_2015"]
