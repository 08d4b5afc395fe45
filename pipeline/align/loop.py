"""Contextual alignment by fine-tuning: the loop, on whatever accelerate finds to run it on."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from accelerate import Accelerator, DistributedDataParallelKwargs
from accelerate.utils import send_to_device
from transformers import PreTrainedModel

from ..common.errors import PipelineError
from ..common.progress import progress
from ..encoder.compact_vocabulary import CompactVocabulary
from ..encoder.devices import make_deterministic, to_device
from ..encoder.pair_arrays import Split
from ..encoder.word_vectors import layer_numbers
from .batches import Step, Steps, make_plan, read_ahead, used_ids
from .checkpoints import Checkpoints, digest, digest_split
from .dev_retrieval import Watch
from .objectives import losses
from .settings import Training, live_and_frozen

MINUTES = "checkpoint_minutes"  # the only field that the result does not depend on


def align(
    model: PreTrainedModel,
    splits: Mapping[str, Split],
    training: Training,
    dev: Mapping[str, Split] | None = None,
    checkpoints: Path | None = None,
) -> pd.DataFrame:
    """Fine-tune `model` in place on the training pairs of each language.

    `splits` and `dev` hold the train and dev splits by language. In the folder `checkpoints` the
    state is saved now and then, and a killed run goes on from it. Returns one row a step: step,
    loss, regularizer, each summed over the languages, and dev, the mean retrieval accuracy where
    it was measured. Raises PipelineError when a language has nothing to train on, the loss is no
    longer finite, memory runs out, or the saved state is of another configuration.
    """
    for language, split in splits.items():
        if not len(split):
            raise PipelineError(
                f"align: {language} has no training sentences that no language holds out: "
                "lower pairs.test and pairs.dev or add a corpus"
            )
    make_deterministic(training.seed)
    chosen = {language: split.head(training.sentences) for language, split in splits.items()}
    held = [split.head(training.dev_sentences) for split in (dev or {}).values()]
    vocabulary = CompactVocabulary(model, used_ids([*chosen.values(), *held]))
    held = [vocabulary.encode(split) for split in held]
    watch = Watch(model, held, training.dev_steps, training.patience)
    loop = _Loop(model, chosen, vocabulary, training, watch)
    loop.run(checkpoints)
    watch.restore_best()
    vocabulary.restore()
    to_device(model, torch.device("cpu")).train(False)
    return watch.history()


class _Loop:
    """Encoder, optimiser and data of a run, on the devices that accelerate gives."""

    def __init__(
        self,
        model: PreTrainedModel,
        splits: Mapping[str, Split],
        vocabulary: CompactVocabulary,
        training: Training,
        watch: Watch,
    ) -> None:
        top = model.config.num_hidden_layers
        unused = top not in layer_numbers(model, training.layers)
        parallel = DistributedDataParallelKwargs(
            broadcast_buffers=False, find_unused_parameters=unused
        )
        self.accelerator = Accelerator(kwargs_handlers=[parallel])
        self.training, self.splits, self.watch = training, splits, watch
        self.plan = make_plan(
            splits, training.batch_tokens, training.epochs, training.interleave, training.seed
        )
        self.steps = Steps(
            self.plan,
            splits,
            vocabulary,
            sentences=training.objective == "sentence",
            special_tokens=training.special_tokens,
            process=self.accelerator.process_index,
            processes=self.accelerator.num_processes,
        )
        encoder, self.frozen = live_and_frozen(model, training, self.accelerator.device)
        optimizer = torch.optim.Adam(
            model.parameters(), training.learning_rate, (0.9, 0.98), eps=1e-9, fused=True
        )
        self.encoder, self.optimizer = self.accelerator.prepare(encoder, optimizer)
        self.accelerator.register_for_checkpointing(watch)

    def run(self, folder: Path | None) -> None:
        """All steps, or those after the last checkpoint, until the last or an early stop."""
        checkpoints, done = None, 0
        if folder:
            minutes = self.training.checkpoint_minutes
            checkpoints = Checkpoints(folder, self._configuration(), minutes)
            done = checkpoints.load(self.accelerator)
        loader = read_ahead(self.steps, done, workers=2 if torch.cuda.is_available() else 0)
        main = self.accelerator.is_main_process
        for step in progress(loader, "align", self.watch.status, done) if main else loader:
            if self.watch.stopped():
                break
            with explained(step):
                due = bool(checkpoints and checkpoints.due())
                due = self._step(send_to_device(step, self.accelerator.device, True), due)
            if checkpoints and due:
                checkpoints.save(self.accelerator, step.number)

    def _step(self, step: Step, due: bool) -> bool:
        """Train on a step; whether the main process found `due`, which all must agree on."""
        training, number = self.training, step.number
        warmup = max(1, round(training.warmup * len(self.plan)))
        rate = training.learning_rate * min(1.0, number / warmup)
        self.optimizer.param_groups[0]["lr"] = rate
        processes = self.accelerator.num_processes
        loss, regularizer = losses(self.encoder, self.frozen, step, training, processes)
        # Processes average their gradients, and each has a share of the sum.
        self.accelerator.backward(processes * (loss + training.regularizer_weight * regularizer))
        told = loss.new_tensor(due and self.accelerator.is_main_process)
        shares = torch.stack([loss.detach(), regularizer.detach(), told])
        loss_, regularizer_, told_ = self.accelerator.reduce(shares).tolist()
        if not np.isfinite([loss_, regularizer_]).all():
            raise PipelineError(
                f"align: the loss is {loss_} and the regularizer {regularizer_} at step {number}, "
                f"with the training sentence pairs {self._batch(number)}: lower learning_rate"
            )
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.watch.add(number, loss_, regularizer_, step.subwords)
        return bool(told_ > 0)

    def _batch(self, number: int, shown: int = 8) -> str:
        batches = self.plan[number - 1].items()
        more = {name: " …" if len(rows) > shown else "" for name, rows in batches}
        return "; ".join(
            f"{name} {', '.join(map(str, rows[:shown]))}{more[name]}" for name, rows in batches
        )

    def _configuration(self) -> dict[str, Any]:
        pairs = {f"pairs of {name}": digest_split(split) for name, split in self.splits.items()}
        return {
            **{name: value for name, value in vars(self.training).items() if name != MINUTES},
            **pairs,
            "encoder": digest(value.cpu().numpy() for value in self.frozen.state_dict().values()),
            "dev pairs": [digest_split(split) for split in self.watch.dev],
            "processes": self.accelerator.num_processes,
            "device": self.accelerator.device.type,
            "torch": torch.__version__,
        }


@contextmanager
def explained(step: Step) -> Iterator[None]:
    """Raise PipelineError with the remedy where the block runs out of memory."""
    try:
        yield
    except RuntimeError as error:  # torch.OutOfMemoryError, and what a CPU raises
        if "memory" not in str(error).lower():
            raise
        raise PipelineError(
            f"align: out of memory at step {step.number}, {step.subwords} subwords: "
            "lower align's batch_tokens"
        ) from error
