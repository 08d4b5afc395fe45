"""How many of the pairs that fast_align and the judge agree on are right.

    python benchmarks/judge_quality.py --data DIR [--lines N] [--runs N]

DIR (or the variable BENCH_DATA) is the data folder: hansards-en-fr/ (train.en.gz, train.fr.gz, and
trial/ with a gold set), multi30k/train.{de,en}.gz with gold-de-en/, and xl-wa/es/{train,dev}.tsv.
All of these gold sets are for development: the default of `judge` was chosen on them. Without data,
nothing is measured. The aligners learn from `--lines` lines of text and the gold sentences; XL-WA
has 1,002. Prints a Markdown table: the precision of fast_align's one-to-one links without identical
words, and of those that k of `--runs` samples of Eflomal have, with the share of links kept.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from align_quality import PROTOCOL, e5_small
from aligner_quality import Text, german_gold, hansards_gold, lower, read, tokens, xl_wa
from tokenizers import Tokenizer

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipeline.encoder.subwords import read_tokenizer
from pipeline.judge.judge import fast_align_links, frequent, samples
from pipeline.judge.precision import gold_pairs, precision_rows
from pipeline.word_align.gold import Gold
from pipeline.word_align.word_align import gold_parts, with_gold


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=os.environ.get("BENCH_DATA"))
    parser.add_argument("--lines", type=int, default=8000)
    parser.add_argument("--runs", type=int, default=6)
    options = parser.parse_args()
    if not options.data:
        print("neither --data nor BENCH_DATA is given: nothing to measure")
        return
    with TemporaryDirectory() as folder:
        tokenizer = read_tokenizer(e5_small(Path(folder)))
    rows = {}
    for name, (text, gold) in development_sets(Path(options.data), options.lines).items():
        rows |= measured(name, text, gold, tokenizer, options.runs)
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("gold set")
    print(table.to_markdown())
    print(json.dumps({name: list(row.values()) for name, row in rows.items()}))


def development_sets(data: Path, lines: int) -> dict[str, tuple[Text, Gold]]:
    folders = {"fr": data / "hansards-en-fr", "de": data / "multi30k"}
    texts = {}
    for code, folder in folders.items():
        sides = (read(folder / f"train.{side}.gz", lines) for side in (code, "en"))
        frame = tokens(*sides, code)
        texts[code] = lower(list(frame.source)), lower(list(frame.english))
    spanish = xl_wa(data / "xl-wa" / "es" / "train.tsv")
    return {
        "Hansards": (texts["fr"], hansards_gold(folders["fr"])),
        "de-en": (texts["de"], german_gold(data / "gold-de-en")),
        "XL-WA es": ((spanish.source, spanish.english), xl_wa(data / "xl-wa" / "es" / "dev.tsv")),
    }


def measured(
    name: str, text: Text, gold: Gold, tokenizer: Tokenizer, runs: int
) -> dict[str, dict[str, str]]:
    """Precision and share of fast_align's pairs, in per cent, and of those that k runs have."""
    sets = {"gold": gold}
    fast_align = fast_align_links(*text, sets).gold["gold"]
    start = time.perf_counter()
    drawn = [
        gold_parts(links, len(text[0]), sets)[1]["gold"]
        for links in samples(*with_gold(*text, sets), runs)
    ]
    seconds = time.perf_counter() - start
    pairs = {"gold": gold_pairs(gold, fast_align, tokenizer, PROTOCOL)}
    cells = {}
    for agree in range(1, runs + 1):
        rows = precision_rows(pairs, {"gold": (fast_align, frequent(drawn, agree))})
        for row in rows.to_dict("records"):
            column = f"{agree} of {runs}" if row["pairs"] == "agreed" else "fast_align"
            cells[column] = f"{100 * row['precision']:.1f} / {100 * row['share']:.0f}"
    return {name: cells | {"seconds": f"{seconds:.0f}"}}


if __name__ == "__main__":
    main()
