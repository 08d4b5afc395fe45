"""tokenize: Moses tokens and cleaning of one language's corpus."""

from pathlib import Path

import pandas as pd

from pipeline.common.files import atomic, write_json, write_lines
from pipeline.tokenize.tokenize import tokenize
from stages import ARTIFACTS
from stages.params import load_params


def main(language: str) -> None:
    """Tokenise and clean LANGUAGE's corpus: source.txt and english.txt, one sentence per line."""
    bounds = load_params().tokenize
    raw = pd.read_parquet(ARTIFACTS / "download" / f"{language}.parquet")
    bitext, counts = tokenize(raw, language, bounds, Path("data/abbreviations"))
    with atomic(ARTIFACTS / "tokenize" / language) as folder:
        for side in ("source", "english"):
            write_lines(folder / f"{side}.txt", list(bitext[side]))
    write_json(ARTIFACTS / "tokenize" / f"{language}.json", counts)
    used = ", ".join(f"{part}: {value}" for part, value in counts["tokenizer"].items())
    print(f"{language}: {used}")
    print(f"{language}: {counts['kept']} of {counts['pairs']} sentence pairs kept")
