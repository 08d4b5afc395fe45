"""pairs: contextual word pairs of one language, in test, dev and train."""

import pandas as pd

from pipeline.files import atomic, read_lines, write_parquet
from pipeline.pairs import Protocol, build_pairs, read_tokenizer
from pipeline.word_align import from_pharaoh
from stages import ARTIFACTS
from stages.params import load_params


def main(language: str) -> None:
    """Pair LANGUAGE's aligned words and locate their subwords: one Parquet a split."""
    params = load_params().pairs
    text = ARTIFACTS / "tokenize" / language
    bitext = pd.DataFrame(
        {side: read_lines(text / f"{side}.txt") for side in ("source", "english")}
    )
    links = [
        from_pharaoh(line) for line in read_lines(ARTIFACTS / "word_align" / f"{language}.txt")
    ]
    tokenizer = read_tokenizer(ARTIFACTS / "encoder")
    splits = build_pairs(bitext, links, tokenizer, Protocol(**params.model_dump()))
    with atomic(ARTIFACTS / "pairs" / language) as folder:
        for name, frame in splits.items():
            write_parquet(folder / f"{name}.parquet", frame)
            words = frame.source_words.map(len).sum()
            print(f"{language} {name}: {words} word pairs in {len(frame)} sentence pairs")
