"""xnli: one method's encoder fine-tuned on English inference, tested in every language."""

import pandas as pd

from pipeline.encoder import load_encoder
from pipeline.files import write_json, write_parquet
from pipeline.labels import LABELS
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
    logits = predict(classifier, tokenizer, test, tuning.max_subwords)
    figures = {
        str(language): accuracy(logits[rows.index], list(rows.label))
        for language, rows in test.groupby("language")
    }
    out = ARTIFACTS / "xnli" / method
    predictions = test[["id", "language", "label"]].assign(
        **{name: logits[:, column] for column, name in enumerate(LABELS)}
    )
    write_parquet(out / f"{seed}.parquet", predictions)
    write_json(out / f"{seed}.json", figures)
