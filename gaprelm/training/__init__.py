"""Training of one stage: its settings, data, Trainer and checkpoints."""
