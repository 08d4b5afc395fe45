"""The settings of word alignment, with their constraints."""

from dataclasses import dataclass
from typing import Literal

from ..common.constraints import Positive, Seed

Heuristic = Literal["intersection", "union", "grow-diag", "grow-diag-final-and"]


@dataclass(frozen=True)
class WordAlignSettings:
    """The block `word_align` in params.yaml, where each field is explained.

    `provider` is that of fast_align: with source, the step `aligner` builds the program.
    `iterations` are fast_align's, `seed` is eflomal's.
    """

    backend: Literal["fast_align", "eflomal"]
    provider: Literal["wheel", "source"]
    heuristic: Heuristic
    iterations: Positive
    seed: Seed
