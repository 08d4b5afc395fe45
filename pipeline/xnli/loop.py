"""The training loop of fine-tuning, on whatever devices accelerate finds."""

import time
from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import send_to_device
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import PreTrainedModel

from ..common.errors import PipelineError, out_of_memory_explained
from ..encoder.checkpoints import Checkpoints
from ..encoder.compact_vocabulary import CompactVocabulary
from ..encoder.live import Live
from ..encoder.training import resumed
from .batches import ExampleStep, ExampleSteps, learning_rate
from .classifier import Classifier
from .settings import FineTuningSettings

LARGEST_NORM = 1.0  # of the gradient of all weights; a larger one is scaled down


class Resumable(Protocol):
    """What has a state of its own, which a checkpoint keeps."""

    def state_dict(self) -> dict[str, Any]:
        """The state."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Resume from it."""


class AddedLoss(Resumable, Protocol):
    """What else an encoder learns during fine-tuning, such as `continual.Replay`."""

    def ids(self) -> Iterable[np.ndarray]:
        """The subword ids that it reads."""

    def begin(
        self, model: PreTrainedModel, vocabulary: CompactVocabulary, device: torch.device
    ) -> None:
        """Take the encoder as it is now, and its vocabulary."""

    def __call__(self) -> Tensor:
        """This process's share of what is added to the loss of the next step, a scalar."""

    def configuration(self) -> dict[str, Any]:
        """All that it depends on."""


class EpochMeasure(Resumable, Protocol):
    """What measures the classifier after each epoch."""

    def measure(self) -> float:
        """Accuracy on dev."""


class FineTuningLoop:
    """Classifier, optimiser and data of a run, on the devices that accelerate gives."""

    def __init__(
        self,
        classifier: Classifier,
        steps: ExampleSteps,
        settings: FineTuningSettings,
        accelerator: Accelerator,
        added_loss: AddedLoss | None = None,
        *,
        live: Live | None = None,
    ) -> None:
        self.accelerator, self.steps = accelerator, steps
        self.settings, self.added_loss, self.live = settings, added_loss, live
        # Weight decay would shrink only those embeddings that the compact vocabulary has.
        optimizer = torch.optim.Adam(classifier.parameters(), settings.learning_rate, fused=True)
        self.model, self.optimizer = accelerator.prepare(classifier.train(), optimizer)
        if added_loss:
            accelerator.register_for_checkpointing(added_loss)
        self.start, self.examples, self.loss = time.monotonic(), 0, float("nan")
        self.dev_accuracy: float | None = None

    def run(self, checkpoints: Checkpoints | None, best: EpochMeasure) -> None:
        """All steps, or those after the last checkpoint; dev is measured after each epoch.

        Raises PipelineError if the loss is no longer finite or memory runs out.
        """
        self.accelerator.register_for_checkpointing(best)
        remedy = "lower xnli.tuning.batch"
        if self.added_loss:
            remedy += " and align.defaults.batch_tokens"
        steps = resumed(
            self.accelerator, self.steps, checkpoints, "xnli", self.status, live=self.live
        )
        for step in steps:
            with out_of_memory_explained("xnli", remedy, f" at step {step.number}"):
                self._train_on(send_to_device(step, self.accelerator.device, True))
                if step.number % self.steps.steps_per_epoch == 0:
                    began = time.monotonic()
                    self.dev_accuracy = best.measure()
                    self.start += time.monotonic() - began  # the rate shown is that of training
                    self._show(step.number, dev=self.dev_accuracy)
        if self.live:
            self.live.end(self.accelerator)

    def status(self) -> str:
        """A line about the last step and the last measurement."""
        rate = self.examples / (time.monotonic() - self.start)
        status = f"loss {self.loss:.3g}, {rate:,.0f} examples/s"
        return status if self.dev_accuracy is None else f"{status}, dev {self.dev_accuracy:.3f}"

    def _show(self, step: int, **values: float) -> None:
        if self.live:
            self.live.add(self.accelerator, step, values)

    def _train_on(self, step: ExampleStep) -> None:
        rate = learning_rate(step.number, len(self.steps), self.settings)
        self.optimizer.param_groups[0]["lr"] = rate
        loss = step.share * cross_entropy(self.model(**step.inputs), step.labels)
        if self.added_loss:
            loss = loss + self.added_loss()
        # Processes average their gradients, and each has a share of the sum.
        self.accelerator.backward(self.accelerator.num_processes * loss)
        self.loss = float(self.accelerator.reduce(loss.detach()))
        if not np.isfinite(self.loss):
            raise PipelineError(
                f"xnli: the loss is {self.loss} at step {step.number}: lower "
                "xnli.tuning.learning_rate"
            )
        self.accelerator.clip_grad_norm_(self.model.parameters(), LARGEST_NORM)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.examples += len(self.steps.batches[step.number - 1])
        self._show(step.number, loss=self.loss, learning_rate=rate)
