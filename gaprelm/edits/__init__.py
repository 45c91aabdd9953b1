"""Edits, labels and templates: how a corrected sentence is described and rebuilt."""
