"""The training loop of alignment, on whatever devices accelerate finds."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from accelerate.utils import send_to_device
from transformers import PreTrainedModel

from ..common.errors import PipelineError, out_of_memory_explained
from ..encoder.checkpoints import Checkpoints, deciding, digest, digest_split
from ..encoder.compact_vocabulary import CompactVocabulary
from ..encoder.devices import make_deterministic, to_device
from ..encoder.layers import LowerLayers, layer_numbers
from ..encoder.live import Live
from ..encoder.pair_arrays import Split
from ..encoder.training import environment, new_accelerator, resumed, share_of
from .batches import Plan, Step, StepDataset, make_plan, used_ids
from .dev_retrieval import TrainingMonitor, check_measurements
from .losses import live_and_frozen, step_losses
from .objectives import OBJECTIVES
from .settings import AlignmentSettings

SHOWN_PAIRS = 8  # sentence pairs per language in an error message


def align(
    model: PreTrainedModel,
    splits: Mapping[str, Split],
    settings: AlignmentSettings,
    dev: Mapping[str, Split] | None = None,
    checkpoints: Path | None = None,
    *,
    live: Live | None = None,
) -> pd.DataFrame:
    """Fine-tune `model` in place on the training pairs of each language.

    `splits` and `dev` hold the train and dev splits by language. Layers above those that the
    settings name are neither computed nor changed. The state is saved in the folder `checkpoints`
    from time to time, and a killed run resumes from it. `live` shows the run. Returns one row per
    step: step, loss, regularizer (both summed over the languages), and dev, the mean retrieval
    accuracy where it was measured. Raises PipelineError when a language has nothing to train on,
    the loss is no longer finite, dev cannot be measured, memory runs out, or the saved state is of
    another configuration.
    """
    _check_training(splits)
    make_deterministic(settings.seed)
    numbers = layer_numbers(model, settings.layers)
    settings = replace(settings, layers=list(numbers))
    lower_layers = LowerLayers(model, max(numbers))
    train = {language: split.head(settings.sentences) for language, split in splits.items()}
    plan = make_plan(
        train, settings.batch_tokens, settings.epochs, settings.interleave, settings.seed
    )
    held_out = {code: split.head(settings.dev_sentences) for code, split in (dev or {}).items()}
    check_measurements(held_out, settings, len(plan))
    vocabulary = CompactVocabulary(model, used_ids([*train.values(), *held_out.values()]))
    compact = [vocabulary.encode(split) for split in held_out.values()]
    monitor = TrainingMonitor(model, compact, settings.dev_steps, settings.patience)
    _Loop(model, train, vocabulary, settings, monitor, plan=plan, live=live).run(checkpoints)
    monitor.restore_best()
    lower_layers.restore()
    vocabulary.restore()
    to_device(model, torch.device("cpu")).train(False)
    return monitor.history()


def _check_training(splits: Mapping[str, Split]) -> None:
    for language, split in splits.items():
        if not len(split):
            raise PipelineError(
                f"align: {language} has no training sentences that no language holds out: "
                "lower pairs.test and pairs.dev or add a corpus"
            )


class _Loop:
    """Encoder, optimiser and data of a run, on the devices that accelerate gives."""

    def __init__(
        self,
        model: PreTrainedModel,
        splits: Mapping[str, Split],
        vocabulary: CompactVocabulary,
        settings: AlignmentSettings,
        monitor: TrainingMonitor,
        *,
        plan: Plan,
        live: Live | None,
    ) -> None:
        top = model.config.num_hidden_layers
        unused = top not in layer_numbers(model, settings.layers)
        self.accelerator = new_accelerator(live, unused_weights=unused)
        self.settings, self.splits, self.plan, self.monitor = settings, splits, plan, monitor
        self.live = live
        self.steps = StepDataset(
            plan,
            splits,
            vocabulary,
            unit=OBJECTIVES[settings.objective].unit,
            special_tokens=settings.special_tokens,
            **share_of(self.accelerator),
        )
        encoder, self.frozen = live_and_frozen(model, settings, self.accelerator.device)
        optimizer = torch.optim.Adam(
            model.parameters(), settings.learning_rate, (0.9, 0.98), eps=1e-9, fused=True
        )
        self.encoder, self.optimizer = self.accelerator.prepare(encoder, optimizer)
        self.accelerator.register_for_checkpointing(monitor)

    def run(self, folder: Path | None) -> None:
        """All steps, or those after the last checkpoint, up to the last one or an early stop."""
        minutes = self.settings.checkpoint_minutes
        checkpoints = Checkpoints(folder, self._configuration(), minutes) if folder else None
        status = self.monitor.status
        steps = resumed(self.accelerator, self.steps, checkpoints, "align", status, live=self.live)
        for step in steps:
            if self.monitor.stopped():
                break
            place = f" at step {step.number}, {step.subwords} subwords"
            with out_of_memory_explained("align", "lower align.defaults.batch_tokens", place):
                self._train_on(send_to_device(step, self.accelerator.device, True))
        if self.live:
            self.live.end(self.accelerator)

    def _train_on(self, step: Step) -> None:
        settings = self.settings
        warmup = max(1, round(settings.warmup * len(self.plan)))
        rate = settings.learning_rate * min(1.0, step.number / warmup)
        self.optimizer.param_groups[0]["lr"] = rate
        processes = self.accelerator.num_processes
        loss, regularizer = step_losses(self.encoder, self.frozen, step, settings, processes)
        # Processes average their gradients, and each has a share of the sum.
        self.accelerator.backward(processes * (loss + settings.regularizer_weight * regularizer))
        shares = torch.stack([loss.detach(), regularizer.detach()])
        total_loss, total_regularizer = self.accelerator.reduce(shares).tolist()
        if not np.isfinite([total_loss, total_regularizer]).all():
            raise PipelineError(
                f"align: the loss is {total_loss} and the regularizer {total_regularizer} at step "
                f"{step.number}, with the training sentence pairs {self._pairs_of(step.number)}: "
                "lower learning_rate"
            )
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.monitor.add(step.number, total_loss, total_regularizer, step.subwords)
        if self.live:
            values = {**self.monitor.last(), "learning_rate": rate}
            self.live.add(self.accelerator, step.number, values)

    def _pairs_of(self, number: int) -> str:
        """The numbers of a step's sentence pairs, for an error message."""
        shown = []
        for language, pairs in self.plan[number - 1].items():
            more = " …" if len(pairs) > SHOWN_PAIRS else ""
            shown.append(f"{language} {', '.join(map(str, pairs[:SHOWN_PAIRS]))}{more}")
        return "; ".join(shown)

    def _configuration(self) -> dict[str, Any]:
        """All that the result depends on."""
        pairs = {f"pairs of {name}": digest_split(split) for name, split in self.splits.items()}
        return {
            **deciding(self.settings),
            **pairs,
            "encoder": digest(value.cpu().numpy() for value in self.frozen.state_dict().values()),
            "dev pairs": [digest_split(split) for split in self.monitor.dev],
            **environment(self.accelerator),
        }
