"""Ablations and baselines: the same data, budget, encoder and seeds for each variant, and one table."""
