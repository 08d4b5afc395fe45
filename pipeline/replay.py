"""Continual learning: alignment goes on beside the fine-tuning on a task, which else undoes it."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from accelerate.utils import send_to_device
from torch import Tensor
from transformers import PreTrainedModel

from pipeline.batches import Steps, make_plan
from pipeline.objectives import losses
from pipeline.splits import Split
from pipeline.training import Training, live_and_frozen
from pipeline.vocabulary import CompactVocabulary


@dataclass(frozen=True)
class Parallel:
    """Training pairs by language, how a method aligns them, and the weight of its loss."""

    splits: Mapping[str, Split]
    training: Training
    weight: float

    def __post_init__(self) -> None:
        """Keep the sentences that the method trains on."""
        chosen = {name: each.head(self.training.sentences) for name, each in self.splits.items()}
        object.__setattr__(self, "splits", chosen)


class Replay:
    """The loss of alignment training, one step a call, on an encoder that a task trains as well.

    After Efimov et al. (2022), section 3: each step of the task has a batch of parallel sentences
    beside its own. English is held where it is when this is made. After the last step of an epoch
    the first one comes again.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        parallel: Parallel,
        vocabulary: CompactVocabulary,
        device: torch.device,
    ) -> None:
        training, splits = parallel.training, parallel.splits
        self.model, self.parallel, self.device = model, parallel, device
        self.encoder, self.frozen = live_and_frozen(model, training, device)
        self.steps = Steps(
            make_plan(splits, training.batch_tokens, 1, training.interleave, training.seed),
            splits,
            vocabulary,
            sentences=training.objective == "sentence",
            special_tokens=training.special_tokens,
        )
        self.number = 0

    def __call__(self) -> Tensor:
        """The weighted loss and regulariser of the next step, a scalar."""
        training = self.parallel.training
        step = send_to_device(self.steps[self.number % len(self.steps)], self.device)
        self.number += 1
        in_training = self.model.training
        self.model.train(training.dropout)
        loss, regularizer = losses(self.encoder, self.frozen, step, training)
        self.model.train(in_training)
        return self.parallel.weight * (loss + training.regularizer_weight * regularizer)
