"""Continual learning: alignment goes on beside the fine-tuning on a task, which else undoes it."""

from collections.abc import Iterable, Mapping

import numpy as np
import torch
from accelerate.utils import send_to_device
from torch import Tensor
from transformers import PreTrainedModel

from ..align.batches import Steps, make_plan, used_ids
from ..align.objectives import losses
from ..align.settings import Training, live_and_frozen
from ..encoder.compact_vocabulary import CompactVocabulary
from ..encoder.pair_arrays import Split


class Replay:
    """The loss of alignment training, one step a call, on an encoder that a task trains as well.

    After Efimov et al. (2022), section 3: each step of the task has a batch of parallel sentences
    beside its own. English is held where it is when this begins. After the last step the first one
    comes again.
    """

    def __init__(self, splits: Mapping[str, Split], training: Training, weight: float) -> None:
        """The training pairs by language, how a method aligns them, and the weight of its loss."""
        self.splits, self.training, self.weight = splits, training, weight
        self.plan = make_plan(splits, training.batch_tokens, 1, training.interleave, training.seed)

    def ids(self) -> Iterable[np.ndarray]:
        """The subword ids that it reads."""
        return used_ids(self.splits.values())

    def begin(
        self, model: PreTrainedModel, vocabulary: CompactVocabulary, device: torch.device
    ) -> None:
        """Take the encoder as it is now, with its vocabulary."""
        training = self.training
        self.model, self.device, self.number = model, device, 0
        self.encoder, self.frozen = live_and_frozen(model, training, device)
        self.steps = Steps(
            self.plan,
            self.splits,
            vocabulary,
            sentences=training.objective == "sentence",
            special_tokens=training.special_tokens,
        )

    def __call__(self) -> Tensor:
        """The weighted loss and regulariser of the next step, a scalar."""
        training = self.training
        step = send_to_device(self.steps[self.number % len(self.steps)], self.device)
        self.number += 1
        in_training = self.model.training
        self.model.train(training.dropout)
        loss, regularizer = losses(self.encoder, self.frozen, step, training)
        self.model.train(in_training)
        return self.weight * (loss + training.regularizer_weight * regularizer)
