"""Parallel corpora: the catalogue, their formats, and reading what params name."""
