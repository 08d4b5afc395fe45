"""Uncertainty of accuracies and significance of their differences."""
