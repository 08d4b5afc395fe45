"""judge: which test and dev pairs of one language two statistical aligners agree on."""

import json

import pandas as pd

from pipeline.common.files import atomic, read_lines
from pipeline.common.parquet import write_parquet
from pipeline.encoder.subwords import read_tokenizer
from pipeline.judge.judge import TextLinks, eflomal_links, fast_align_links, found_by
from pipeline.judge.precision import gold_pairs, precision_rows
from pipeline.word_align.gold import read_gold_sets
from pipeline.word_align.links import from_pharaoh
from stages import ARTIFACTS
from stages.params import load_params


def main(language: str) -> None:
    """Judge LANGUAGE's pairs: which aligners have each one, and how many are right on gold."""
    params = load_params()
    gold = read_gold_sets(ARTIFACTS / "own" / "gold_sets" / f"{language}.json")
    folder = ARTIFACTS / "tokenize" / language
    source, english = (read_lines(folder / f"{side}.txt") for side in ("source", "english"))
    linked = ARTIFACTS / "word_align"
    text = from_pharaoh(read_lines(linked / f"{language}.txt"))
    figures = json.loads((linked / f"{language}.json").read_text("utf-8"))
    by_word_align = {name: from_pharaoh(lines) for name, lines in figures["gold_links"].items()}
    first = slice(params.judge.sentences)
    eflomal = eflomal_links(source[first], english[first], gold, params.judge)
    if params.word_align.backend == "fast_align":
        fast_align = TextLinks(text, by_word_align)
    else:
        fast_align = fast_align_links(source, english, gold)
    tokenizer = read_tokenizer(ARTIFACTS / "encoder")
    pairs = {
        name: gold_pairs(gold[name], links, tokenizer, params.pairs)
        for name, links in by_word_align.items()
    }
    aligners = {name: (fast_align.gold[name], eflomal.gold[name]) for name in gold}
    precision = precision_rows(pairs, aligners)
    with atomic(ARTIFACTS / "judge" / language) as judged:
        judged.mkdir()
        precision.to_csv(judged / "precision.csv", index=False)
        for split in ("test", "dev"):
            table = pd.read_parquet(ARTIFACTS / "pairs" / language / f"{split}.parquet")
            finders = found_by(table, fast_align.text, eflomal.text)
            write_parquet(judged / f"{split}.parquet", pd.DataFrame({"found_by": finders}))
            print(
                f"{language} {split}: both aligners have {(finders == 'both').mean():.1%} of pairs"
            )
