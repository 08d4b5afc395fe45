"""tokenize: Moses tokens and cleaning of one language's corpus."""

import pandas as pd

from pipeline.files import atomic, write_lines
from pipeline.tokenize import Cleaning, tokenize
from stages import ARTIFACTS
from stages.params import load_params


def main(language: str) -> None:
    """Tokenise and clean LANGUAGE's corpus: source.txt and english.txt, one sentence a line."""
    params = load_params().tokenize
    raw = pd.read_parquet(ARTIFACTS / "download" / f"{language}.parquet")
    bitext = tokenize(raw, language, Cleaning(**params.model_dump()))
    with atomic(ARTIFACTS / "tokenize" / language) as folder:
        for side in ("source", "english"):
            write_lines(folder / f"{side}.txt", list(bitext[side]))
    print(f"{language}: {len(bitext)} of {len(raw)} sentence pairs kept")
