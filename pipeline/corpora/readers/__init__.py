"""Readers of corpora published in Python packages."""
