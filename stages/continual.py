"""continual: one method's encoder fine-tuned on inference while its alignment continues."""

import pandas as pd

from pipeline.encoder.load import load_encoder
from pipeline.encoder.pair_arrays import SPLITS, disjoint_training, load_split
from pipeline.encoder.subwords import read_tokenizer
from pipeline.xnli.continual import Replay
from pipeline.xnli.fine_tuning import in_language
from pipeline.xnli.run import Examples, run
from stages import ARTIFACTS
from stages.params import load_params
from stages.tuning import run_files


def main(method: str, seed: int) -> None:
    """Fine-tune METHOD's encoder with SEED on English and on parallel text; test it zero-shot."""
    params = load_params()
    settings, tuning = params.method(method), params.xnli.tuning
    weight = params.xnli.alignment_weight
    shown = {"alignment_weight": weight, **vars(tuning)}
    files = run_files(shown, "continual", method, str(seed))
    splits = {
        language: {name: load_split(ARTIFACTS / "pairs" / language / name) for name in SPLITS}
        for language in params.languages
    }
    disjoint = disjoint_training(splits)
    text = {language: disjoint[language].head(settings.sentences) for language in params.aligned}
    folder, nli = ARTIFACTS / "align" / method, ARTIFACTS / "nli"
    train, dev = (
        in_language(pd.read_parquet(nli / f"{split}.parquet"), "en", split)
        for split in ("train", "dev")
    )
    test = pd.read_parquet(nli / "test.parquet")
    test = test[test["language"].isin(["en", *params.languages])]
    encoder, tokenizer = load_encoder(folder), read_tokenizer(folder)
    replay, examples = Replay(text, settings, weight), Examples(train, dev, test)
    run(encoder, tokenizer, examples, tuning, files, seed=seed, added_loss=replay)
