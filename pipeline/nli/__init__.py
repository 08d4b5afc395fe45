"""Natural language inference: the hand-written sample, and data sets from elsewhere."""
