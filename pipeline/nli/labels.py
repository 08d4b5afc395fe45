"""The labels of natural language inference, in the order of a classifier's outputs."""

LABELS = ("entailment", "neutral", "contradiction")
