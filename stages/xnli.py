"""xnli: one method's encoder fine-tuned on English inference, tested in every language."""

import pandas as pd

from pipeline.encoder.load import load_encoder
from pipeline.encoder.rotation import read_rotation
from pipeline.encoder.subwords import read_tokenizer
from pipeline.xnli.fine_tuning import in_language
from pipeline.xnli.run import Examples, run
from stages import ARTIFACTS
from stages.params import load_params
from stages.tuning import run_files


def main(method: str, seed: int) -> None:
    """Fine-tune METHOD's encoder with SEED on English, test it zero-shot in params' languages."""
    params = load_params()
    tuning = params.xnli.tuning
    files = run_files(vars(tuning), method, str(seed))
    folder, nli = ARTIFACTS / "align" / method, ARTIFACTS / "nli"
    encoder = load_encoder(folder)
    rotations = {
        language: rotation
        for language in params.languages
        if (rotation := read_rotation(folder, language, encoder)) is not None
    }
    train, dev = (
        in_language(pd.read_parquet(nli / f"{split}.parquet"), "en", split)
        for split in ("train", "dev")
    )
    test = pd.read_parquet(nli / "test.parquet")
    test = test[test["language"].isin(["en", *params.languages])]
    examples = Examples(train, dev, test)
    run(encoder, read_tokenizer(folder), examples, tuning, files, seed=seed, rotations=rotations)
