"""Continual learning: alignment continues during fine-tuning on a task, which may undo it."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch
from accelerate import PartialState
from accelerate.utils import send_to_device
from torch import Tensor
from transformers import PreTrainedModel

from ..align.batches import StepDataset, make_plan, used_ids
from ..align.losses import live_and_frozen, step_losses
from ..align.objectives import OBJECTIVES
from ..align.settings import AlignmentSettings
from ..encoder.checkpoints import deciding, digest_split
from ..encoder.compact_vocabulary import CompactVocabulary
from ..encoder.pair_arrays import Split
from ..encoder.training import share_of


class Replay:
    """The loss of alignment training, one step per call, on an encoder that a task trains as well.

    After Efimov et al. (2022), section 3: each step of the task also has a batch of parallel
    sentences. English is held where it is at the start of fine-tuning. After the last step of
    alignment the first one follows again.
    """

    def __init__(
        self, splits: Mapping[str, Split], settings: AlignmentSettings, weight: float
    ) -> None:
        """The training pairs by language, how a method aligns them, and the weight of its loss."""
        self.splits, self.settings, self.weight = splits, settings, weight
        self.plan = make_plan(splits, settings.batch_tokens, 1, settings.interleave, settings.seed)

    def ids(self) -> Iterable[np.ndarray]:
        """The subword ids that it reads."""
        return used_ids(self.splits.values())

    def begin(
        self, model: PreTrainedModel, vocabulary: CompactVocabulary, device: torch.device
    ) -> None:
        """Take the encoder as it is now, and its vocabulary."""
        settings, share = self.settings, share_of(PartialState())
        self.model, self.device, self.steps_done = model, device, 0
        self.processes = share["processes"]
        self.encoder, self.frozen = live_and_frozen(model, settings, device)
        self.steps = StepDataset(
            self.plan,
            self.splits,
            vocabulary,
            unit=OBJECTIVES[settings.objective].unit,
            special_tokens=settings.special_tokens,
            **share,
        )

    def __call__(self) -> Tensor:
        """This process's share of the weighted loss and regularizer of the next step, a scalar."""
        settings = self.settings
        step = send_to_device(self.steps[self.steps_done % len(self.steps)], self.device)
        self.steps_done += 1
        in_training = self.model.training
        self.model.train(settings.dropout)
        loss, regularizer = step_losses(self.encoder, self.frozen, step, settings, self.processes)
        self.model.train(in_training)
        return self.weight * (loss + settings.regularizer_weight * regularizer)

    def configuration(self) -> dict[str, Any]:
        """All that it depends on, for a checkpoint."""
        return {
            "alignment": deciding(self.settings),
            "alignment_weight": self.weight,
            **{f"pairs of {name}": digest_split(split) for name, split in self.splits.items()},
        }

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"steps_done": self.steps_done}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Resume from a checkpoint."""
        vars(self).update(state)
