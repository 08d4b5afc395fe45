"""Tokenisation and cleaning of parallel text."""
