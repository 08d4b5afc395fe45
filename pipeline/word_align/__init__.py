"""Word alignment by fast_align, Eflomal or an encoder, and its error rates."""
