"""Which of the two statistical aligners have a word pair: the values of `found_by`."""

BOTH, NEITHER = "both", "neither"
FINDERS = (BOTH, "fast_align", "eflomal", NEITHER)
