"""Training of one stage: settings, data, Trainer, checkpoints."""
