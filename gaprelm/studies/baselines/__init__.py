"""Correctors of other designs for comparison, trained or counted on the same data (rule ``ablations``)."""

# Names of ``architecture`` in the variants of the ablations: the taggers stand in ``tagging.py``, the counted corrector
# in ``channel.py``.
GAP_RELM, TAGGING, GECTOR, CHANNEL = ARCHITECTURES = ("gap-relm", "tagging", "gector", "channel")
