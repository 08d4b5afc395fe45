"""The settings of word alignment, with their constraints."""

from dataclasses import dataclass
from typing import Literal

from ..common.constraints import Positive, Seed, Share

Heuristic = Literal["intersection", "union", "grow-diag", "grow-diag-final-and"]
Method = Literal["mutual", "itermax", "softmax", "match"]  # of link_methods
Unit = Literal["words", "subwords"]  # that are compared


@dataclass(frozen=True)
class WordAlignSettings:
    """The block `word_align` in params.yaml, where each field is explained.

    `provider` and `iterations` are those of fast_align: with provider source, the step `aligner`
    builds the program. `seed` is Eflomal's. `heuristic` is of both; `method`, `layer`, `unit` and
    `threshold` are those of an encoder, see `encoder_aligner`.
    """

    backend: Literal["fast_align", "eflomal", "encoder"]
    provider: Literal["wheel", "source"]
    heuristic: Heuristic
    iterations: Positive
    seed: Seed
    method: Method
    layer: int | None
    unit: Unit
    threshold: Share

    @property
    def built(self) -> bool:
        """Whether a program is built for these links."""
        return self.backend == "fast_align" and self.provider == "source"
