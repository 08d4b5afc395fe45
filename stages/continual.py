"""continual: one method's encoder fine-tuned on inference while its alignment continues."""

import pandas as pd

from pipeline.common.files import remove, write_json
from pipeline.common.parquet import write_parquet
from pipeline.encoder.load import load_encoder
from pipeline.encoder.pair_arrays import SPLITS, disjoint_training, load_split
from pipeline.encoder.processes import is_first_process
from pipeline.encoder.subwords import read_tokenizer
from pipeline.xnli.continual import Replay
from pipeline.xnli.fine_tuning import figures, fine_tune, in_language, predictions
from stages import ARTIFACTS
from stages.live import live_curves
from stages.params import load_params


def main(method: str, seed: int) -> None:
    """Fine-tune METHOD's encoder with SEED on English and on parallel text; test it zero-shot."""
    params = load_params()
    settings, tuning = params.method(method), params.xnli.tuning
    live = live_curves(
        {"alignment_weight": params.xnli.alignment_weight, **vars(tuning)},
        "xnli",
        "continual",
        method,
        str(seed),
    )
    splits = {
        language: {name: load_split(ARTIFACTS / "pairs" / language / name) for name in SPLITS}
        for language in params.languages
    }
    disjoint = disjoint_training(splits)
    text = {language: disjoint[language].head(settings.sentences) for language in params.aligned}
    replay = Replay(text, settings, params.xnli.alignment_weight)
    folder, nli = ARTIFACTS / "align" / method, ARTIFACTS / "nli"
    encoder, tokenizer = load_encoder(folder), read_tokenizer(folder)
    train, dev = (
        in_language(pd.read_parquet(nli / f"{split}.parquet"), "en", split)
        for split in ("train", "dev")
    )
    out = ARTIFACTS / "xnli" / "continual" / method
    checkpoints = ARTIFACTS / "checkpoints" / "xnli" / "continual" / method / str(seed)
    classifier, accuracies = fine_tune(
        encoder,
        tokenizer,
        train,
        dev,
        tuning,
        seed=seed,
        added_loss=replay,
        checkpoints=checkpoints,
        live=live,
    )
    if not is_first_process():
        return
    test = pd.read_parquet(nli / "test.parquet")
    test = test[test["language"].isin(["en", *params.languages])]
    predicted = predictions(classifier, tokenizer, test, tuning.max_subwords)
    write_parquet(out / f"{seed}.parquet", predicted)
    write_json(out / f"{seed}.json", figures(predicted, accuracies))
    remove(checkpoints)
