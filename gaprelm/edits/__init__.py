"""Edits, labels and templates: how a correction is described, and rebuilt from its description."""
