"""Cleaning of training pairs: what is doubled, what belongs to a dev or test set, what is no correction."""
