"""Fine-tuning and testing on natural language inference."""
