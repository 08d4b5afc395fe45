"""The encoder to publish: its model card and what it was made from."""
