"""xnli: one method's encoder fine-tuned on English inference, tested in every language."""

import pandas as pd

from pipeline.common.files import remove, write_json
from pipeline.common.parquet import write_parquet
from pipeline.encoder.load import load_encoder
from pipeline.encoder.processes import is_first_process
from pipeline.encoder.rotation import read_rotation
from pipeline.encoder.subwords import read_tokenizer
from pipeline.xnli.fine_tuning import figures, fine_tune, in_language, predictions
from stages import ARTIFACTS
from stages.live import live_curves
from stages.params import load_params


def main(method: str, seed: int) -> None:
    """Fine-tune METHOD's encoder with SEED on English, test it zero-shot in params' languages."""
    params = load_params()
    tuning = params.xnli.tuning
    live = live_curves(vars(tuning), "xnli", method, str(seed))
    folder, nli = ARTIFACTS / "align" / method, ARTIFACTS / "nli"
    encoder, tokenizer = load_encoder(folder), read_tokenizer(folder)
    train, dev = (
        in_language(pd.read_parquet(nli / f"{split}.parquet"), "en", split)
        for split in ("train", "dev")
    )
    rotations = {
        language: rotation
        for language in params.languages
        if (rotation := read_rotation(folder, language, encoder)) is not None
    }
    out = ARTIFACTS / "xnli" / method
    checkpoints = ARTIFACTS / "checkpoints" / "xnli" / method / str(seed)
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
    test = pd.read_parquet(nli / "test.parquet")
    test = test[test["language"].isin(["en", *params.languages])]
    predicted = predictions(classifier, tokenizer, test, tuning.max_subwords, rotations)
    write_parquet(out / f"{seed}.parquet", predicted)
    write_json(out / f"{seed}.json", figures(predicted, accuracies))
    remove(checkpoints)
