"""Parallel corpora: the catalogue, file formats and readers."""
