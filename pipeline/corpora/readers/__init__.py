"""Readers of the corpora that come in packages."""
