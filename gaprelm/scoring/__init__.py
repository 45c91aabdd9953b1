"""Scores of corrected sentences."""
