"""Access to the Hugging Face Hub: bounded in time, with progress, one line for each failure."""
