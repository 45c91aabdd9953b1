"""Cleaning of training pairs: duplicates, sentences of dev and test sets, references that are hardly corrections."""
