"""Settings of word alignment for tests."""

from pipeline.word_align.settings import WordAlignSettings

WHEEL = WordAlignSettings(
    "fast_align",
    "wheel",
    "intersection",
    iterations=5,
    seed=1,
    method="mutual",
    layer=None,
    unit="words",
    threshold=0.4,
)
