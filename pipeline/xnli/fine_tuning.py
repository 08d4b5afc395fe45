"""Fine-tuning an encoder on natural language inference, and testing it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from accelerate import Accelerator
from tokenizers import Tokenizer
from torch import Tensor
from transformers import PreTrainedModel

from ..common.errors import PipelineError
from ..encoder.checkpoints import Checkpoints, deciding, digest
from ..encoder.compact_vocabulary import CompactVocabulary
from ..encoder.devices import make_deterministic
from ..encoder.live import Live
from ..encoder.precision import compute_in
from ..encoder.training import environment, new_accelerator, of_main_process, share_of
from ..nli.labels import LABELS
from .batches import ExampleSteps
from .classifier import Classifier, SentencePairs, accuracy, encode, label_numbers, predict
from .loop import AddedLoss, FineTuningLoop
from .settings import FineTuningSettings


def in_language(examples: pd.DataFrame, language: str, split: str) -> pd.DataFrame:
    """The examples in a language; raises PipelineError if the split has none."""
    rows = examples[examples["language"] == language].reset_index(drop=True)
    if rows.empty:
        raise PipelineError(
            f"xnli: no {split} examples in {language}: give translated data under nli in "
            f"params.yaml, or take {language} out of xnli.translate_train"
        )
    return rows


def fine_tune(
    encoder: PreTrainedModel,
    tokenizer: Tokenizer,
    train: pd.DataFrame,
    dev: pd.DataFrame,
    settings: FineTuningSettings,
    *,
    seed: int,
    added_loss: AddedLoss | None = None,
    checkpoints: Path | None = None,
    live: Live | None = None,
) -> tuple[Classifier, list[float]]:
    """A classifier trained on `train`, with the weights of its best epoch, and dev's accuracies.

    Both tables have columns premise, hypothesis and label. There is one accuracy per epoch; the
    best epoch has the highest (ties: the earliest). The state is saved in the folder `checkpoints`
    from time to time, and a killed run resumes from it. `live` shows the run. Raises PipelineError
    if training diverges, memory runs out, or the saved state is of another configuration.
    """
    make_deterministic(seed)
    accelerator = new_accelerator(live)
    limit = settings.max_subwords
    inputs = [encode(table, tokenizer, encoder.config, limit) for table in (train, dev)]
    vocabulary, (train_inputs, dev_inputs) = _compact(encoder, inputs, added_loss)
    dtype = compute_in(encoder, settings.precision, accelerator.device)
    classifier = Classifier(encoder, dtype).to(accelerator.device)
    if added_loss:
        added_loss.begin(encoder, vocabulary, accelerator.device)
    labels, share = list(train["label"]), share_of(accelerator)
    steps = ExampleSteps(train_inputs, labels, classifier.pad_id, settings, seed, **share)
    best = _BestEpoch(classifier, dev_inputs, list(dev["label"]), accelerator)
    saved = None
    if checkpoints:
        configuration = _configuration(best, steps, settings, seed, added_loss)
        saved = Checkpoints(checkpoints, configuration, settings.checkpoint_minutes)
    loop = FineTuningLoop(best.classifier, steps, settings, accelerator, added_loss, live=live)
    loop.run(saved, best)
    best.restore()
    vocabulary.restore()
    return classifier.train(False), best.accuracies


def _compact(
    encoder: PreTrainedModel, inputs: list[SentencePairs], added_loss: AddedLoss | None
) -> tuple[CompactVocabulary, list[SentencePairs]]:
    """The encoder's vocabulary, reduced to what is used, and the inputs with its ids."""
    used = [ids for pairs in inputs for ids in pairs.ids]
    vocabulary = CompactVocabulary(encoder, [*used, *(added_loss.ids() if added_loss else [])])
    return vocabulary, [
        pairs._replace(ids=[vocabulary(ids) for ids in pairs.ids]) for pairs in inputs
    ]


class _BestEpoch:
    """Accuracy on dev after every epoch, and the weights of the best one.

    Of equally good epochs the first one counts: it has moved least from the aligned encoder.
    """

    def __init__(
        self,
        classifier: Classifier,
        dev: SentencePairs,
        labels: list[str],
        accelerator: Accelerator,
    ) -> None:
        self.classifier, self.dev, self.labels = classifier, dev, labels
        self.accelerator = accelerator
        self.accuracies: list[float] = []
        self.weights: dict[str, Tensor] = {}

    def measure(self) -> float:
        """Measure and return the accuracy, and keep the weights if it is the highest so far."""
        logits = predict(self.classifier, self.dev)
        self.classifier.train()
        if not np.isfinite(logits).all():
            raise PipelineError(
                f"xnli: the logits after epoch {len(self.accuracies) + 1} are not finite: lower "
                "xnli.tuning.learning_rate"
            )
        dev_accuracy = of_main_process(self.accelerator, accuracy(logits, self.labels))
        if dev_accuracy > max(self.accuracies, default=-1.0):
            weights = self.classifier.state_dict()
            self.weights = {name: weight.cpu().clone() for name, weight in weights.items()}
        self.accuracies.append(dev_accuracy)
        return dev_accuracy

    def restore(self) -> None:
        """Give the classifier the weights of the best epoch."""
        self.classifier.load_state_dict(self.weights)

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"accuracies": self.accuracies, "weights": self.weights}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Resume from a checkpoint."""
        vars(self).update(state)


def _configuration(
    best: _BestEpoch,
    steps: ExampleSteps,
    settings: FineTuningSettings,
    seed: int,
    added_loss: AddedLoss | None,
) -> dict[str, Any]:
    """All that the result depends on."""
    weights = best.classifier.state_dict().values()
    return {
        **deciding(settings),
        "seed": seed,
        "encoder": digest(weight.cpu().numpy() for weight in weights),
        "training examples": digest([*steps.inputs.arrays(), steps.labels.numpy()]),
        "dev examples": digest([*best.dev.arrays(), label_numbers(best.labels)]),
        **(added_loss.configuration() if added_loss else {}),
        **environment(best.accelerator),
    }


def predictions(
    classifier: Classifier,
    tokenizer: Tokenizer,
    examples: pd.DataFrame,
    limit: int,
    rotations: Mapping[str, np.ndarray] | None = None,
) -> pd.DataFrame:
    """Columns id, language, label, and the logits, each in a column named after its label.

    `rotations` are by language, see `predict`; `limit` is that of `encode`.
    """
    logits = np.empty((len(examples), len(LABELS)), np.float32)
    languages = examples["language"].to_numpy()
    for language in examples["language"].unique():
        rows = np.flatnonzero(languages == language)
        inputs = encode(examples.iloc[rows], tokenizer, classifier.encoder.config, limit)
        logits[rows] = predict(classifier, inputs, (rotations or {}).get(language))
    columns = {label: logits[:, number] for number, label in enumerate(LABELS)}
    return examples[["id", "language", "label"]].assign(**columns)


def figures(predicted: pd.DataFrame, dev: list[float]) -> dict[str, Any]:
    """Accuracy of `predictions` by language, on dev by epoch, and the number of the best epoch."""
    test = {
        str(language): accuracy(rows[list(LABELS)].to_numpy(), list(rows["label"]))
        for language, rows in predicted.groupby("language")
    }
    by_epoch = {str(epoch): dev_accuracy for epoch, dev_accuracy in enumerate(dev, start=1)}
    return {"epoch": dev.index(max(dev)) + 1, "dev": by_epoch, "test": test}
