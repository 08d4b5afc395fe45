"""The encoder to publish: its model card and its origin."""
