"""The objectives of alignment: one entry each, from which all other code reads.

From here come the names that params.yaml may use, the unit of the batches, the loss, the methods
that continual learning accepts, and the sentence in the model card. This module does not import
torch, which is slow to load and which neither params nor the card need.
"""

from dataclasses import dataclass
from typing import Literal

UNALIGNED = "none"
ROTATION = "rotation"


@dataclass(frozen=True)
class Objective:
    """One objective.

    `unit` is what it compares: words, or sentences, each as the mean of its subwords. `loss` is a
    name in `losses.LOSSES`; None: the encoder is not trained. `card` is its sentence in the model
    card.
    """

    unit: Literal["words", "sentences"]
    loss: str | None
    card: str

    @property
    def trains(self) -> bool:
        """Whether the objective trains the encoder."""
        return self.loss is not None


OBJECTIVES = {
    UNALIGNED: Objective("words", None, "Its weights are unmodified."),
    "l2": Objective(
        "words",
        "pair_distance",
        "Training reduced the distance between aligned words and kept English words in place.",
    ),
    "contrastive": Objective(
        "words",
        "contrastive",
        "In training, each word had to find its translation among the words of a batch (InfoNCE).",
    ),
    "sentence": Objective(
        "sentences",
        "pair_distance",
        "Training reduced the distance between mean-pooled sentences.",
    ),
    ROTATION: Objective(
        "words",
        None,
        "Orthogonal maps found by Procrustes' method align the vectors, without training.",
    ),
}
