"""``gaprelm check``: finds what is wrong or odd in a data file before GPU hours are spent on it."""
