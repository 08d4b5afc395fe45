"""Obtaining an encoder: the embedded one, a local folder, or the Hugging Face Hub."""
