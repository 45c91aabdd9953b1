"""What is wrong, odd or noteworthy in a file, before GPU hours are spent on it: ``gaprelm check``."""
