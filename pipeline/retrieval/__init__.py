"""Contextual word retrieval: exact CSLS at scale, by layer, and baselines."""
