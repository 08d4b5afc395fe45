"""Which words are retrieved, by group, before and after alignment."""
