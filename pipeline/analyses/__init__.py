"""Which words are retrieved before and after alignment, by group of words."""
