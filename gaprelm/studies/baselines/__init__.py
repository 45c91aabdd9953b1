"""Correctors of other designs, trained by the same engine on the same data, to compare with (rule ``ablations``)."""

GAP_RELM, TAGGING, GECTOR = ARCHITECTURES = ("gap-relm", "tagging", "gector")
# What a tagger's labels are, see ``gaprelm.studies.baselines.tagging``.
SCHEMES = {TAGGING: "characters", GECTOR: "edits"}
