"""Which word links two statistical aligners agree on, to know how many test pairs are right."""
