"""A fine-tuning run as the steps write it: predictions on test, and accuracies."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from tokenizers import Tokenizer
from transformers import PreTrainedModel

from ..common.files import remove, write_json
from ..common.parquet import write_parquet
from ..encoder.live import Live
from ..encoder.processes import is_first_process
from .fine_tuning import figures, fine_tune, predictions
from .loop import AddedLoss
from .settings import FineTuningSettings


@dataclass(frozen=True)
class Examples:
    """Tables of examples; train and dev are in one language, test may have several."""

    train: pd.DataFrame
    dev: pd.DataFrame
    test: pd.DataFrame


@dataclass(frozen=True)
class RunFiles:
    """What a run writes: `out` with the suffixes .parquet and .json, checkpoints and curves."""

    out: Path
    checkpoints: Path  # no output: DVC would delete it
    live: Live


def run(
    encoder: PreTrainedModel,
    tokenizer: Tokenizer,
    examples: Examples,
    settings: FineTuningSettings,
    files: RunFiles,
    *,
    seed: int,
    added_loss: AddedLoss | None = None,
    rotations: Mapping[str, np.ndarray] | None = None,
) -> None:
    """Fine-tune, test and write; raises as `fine_tune` does. `rotations` are by language."""
    classifier, accuracies = fine_tune(
        encoder,
        tokenizer,
        examples.train,
        examples.dev,
        settings,
        seed=seed,
        added_loss=added_loss,
        checkpoints=files.checkpoints,
        live=files.live,
    )
    if not is_first_process():
        return
    limit = settings.max_subwords
    predicted = predictions(classifier, tokenizer, examples.test, limit, rotations)
    write_parquet(files.out.with_suffix(".parquet"), predicted)
    write_json(files.out.with_suffix(".json"), figures(predicted, accuracies))
    remove(files.checkpoints)
