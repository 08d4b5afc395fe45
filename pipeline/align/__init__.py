"""Contextual alignment: objectives, batches and the training loop."""
