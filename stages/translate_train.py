"""translate_train: the unaligned encoder, fine-tuned and tested in the same language."""

import pandas as pd

from pipeline.encoder.load import load_encoder
from pipeline.encoder.subwords import read_tokenizer
from pipeline.xnli.fine_tuning import in_language
from pipeline.xnli.run import Examples, run
from stages import ARTIFACTS
from stages.params import load_params
from stages.tuning import run_files


def main(language: str, seed: int) -> None:
    """Fine-tune the unaligned encoder with SEED on examples in LANGUAGE, and test it there."""
    tuning = load_params().xnli.tuning
    files = run_files(vars(tuning), "translate_train", language, str(seed))
    folder = ARTIFACTS / "encoder"
    examples = Examples(
        *(
            in_language(pd.read_parquet(ARTIFACTS / "nli" / f"{split}.parquet"), language, split)
            for split in ("train", "dev", "test")
        )
    )
    run(load_encoder(folder), read_tokenizer(folder), examples, tuning, files, seed=seed)
