"""translate_train: the unaligned encoder, fine-tuned and tested in the same language."""

import pandas as pd

from pipeline.common.files import remove, write_json
from pipeline.common.parquet import write_parquet
from pipeline.encoder.load import load_encoder
from pipeline.encoder.processes import is_first_process
from pipeline.encoder.subwords import read_tokenizer
from pipeline.xnli.fine_tuning import figures, fine_tune, in_language, predictions
from stages import ARTIFACTS
from stages.live import live_curves
from stages.params import load_params


def main(language: str, seed: int) -> None:
    """Fine-tune the unaligned encoder with SEED on examples in LANGUAGE, and test it there."""
    params = load_params()
    tuning = params.xnli.tuning
    live = live_curves(vars(tuning), "xnli", "translate_train", language, str(seed))
    folder = ARTIFACTS / "encoder"
    tokenizer = read_tokenizer(folder)
    train, dev, test = (
        in_language(pd.read_parquet(ARTIFACTS / "nli" / f"{split}.parquet"), language, split)
        for split in ("train", "dev", "test")
    )
    encoder = load_encoder(folder)
    out = ARTIFACTS / "xnli" / "translate_train" / language
    checkpoints = ARTIFACTS / "checkpoints" / "xnli" / "translate_train" / language / str(seed)
    classifier, accuracies = fine_tune(
        encoder,
        tokenizer,
        train,
        dev,
        tuning,
        seed=seed,
        checkpoints=checkpoints,
        live=live,
    )
    if not is_first_process():
        return
    predicted = predictions(classifier, tokenizer, test, tuning.max_subwords)
    write_parquet(out / f"{seed}.parquet", predicted)
    write_json(out / f"{seed}.json", figures(predicted, accuracies))
    remove(checkpoints)
