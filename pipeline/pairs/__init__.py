"""Contextual word pairs from aligned sentences."""
