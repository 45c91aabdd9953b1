"""What counting knows of the language and of how people err, without any training."""
