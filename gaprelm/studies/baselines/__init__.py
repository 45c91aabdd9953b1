"""Correctors of other designs for comparison, trained by the same engine on the same data (rule ``ablations``)."""

# Names of ``architecture`` in the variants of the ablations; the taggers are described in ``tagging.py``.
GAP_RELM, TAGGING, GECTOR = ARCHITECTURES = ("gap-relm", "tagging", "gector")
