"""xnli: one method's encoder fine-tuned on English inference, tested in every language."""

import numpy as np
import pandas as pd

from pipeline.encoder import load_encoder
from pipeline.files import write_json, write_parquet
from pipeline.labels import LABELS
from pipeline.rotation import read_rotation
from pipeline.subwords import read_tokenizer
from pipeline.xnli import FineTuning, accuracy, fine_tune, predict
from stages import ARTIFACTS
from stages.params import load_params


def main(method: str, seed: int) -> None:
    """Fine-tune METHOD's encoder with SEED on English, test it zero-shot in params' languages."""
    params = load_params()
    tuning = FineTuning(**params.xnli.model_dump(exclude={"seeds"}), seed=seed)
    encoder, nli = ARTIFACTS / "align" / method, ARTIFACTS / "nli"
    tokenizer = read_tokenizer(encoder)
    train, test = (pd.read_parquet(nli / f"{split}.parquet") for split in ("train", "test"))
    english = train[train.language == "en"]
    classifier = fine_tune(load_encoder(encoder), tokenizer, english, tuning)
    test = test[test.language.isin(["en", *params.languages])].reset_index(drop=True)
    logits = np.empty((len(test), len(LABELS)), np.float32)
    figures = {}
    for language, rows in test.groupby("language"):
        rotation = read_rotation(encoder, str(language), classifier.encoder)
        found = predict(classifier, tokenizer, rows, tuning.max_subwords, rotation)
        logits[rows.index] = found
        figures[str(language)] = accuracy(found, list(rows.label))
    out = ARTIFACTS / "xnli" / method
    predictions = test[["id", "language", "label"]].assign(
        **{name: logits[:, column] for column, name in enumerate(LABELS)}
    )
    write_parquet(out / f"{seed}.parquet", predictions)
    write_json(out / f"{seed}.json", figures)
