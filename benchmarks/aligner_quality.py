"""The encoder as word aligner before and after alignment training, against statistical aligners.

    python benchmarks/aligner_quality.py --data DIR [--encoder FOLDER] [--lines N] [--sentences N]
    python benchmarks/aligner_quality.py --data DIR [--encoder FOLDER] --layers

DIR (or the variable BENCH_DATA) is the data folder: hansards-en-fr/ (train.en.gz, train.fr.gz, and
trial/ with the gold set of the NAACL 2003 shared task), multi30k/train.{de,en}.gz, and gold-de-en/
(test.de, test.en, de-en.wa: sentences of Europarl). Without it, nothing is measured. The encoder is
e5-small unless a `save_pretrained` folder is given; it trains on `--sentences` sentence pairs of
Hansards. With `--layers`, only the unmodified encoder is measured, at all layers, also on
xl-wa/es/dev.tsv. The statistical aligners learn from `--lines` lines of text and the gold
sentences. Prints a Markdown table of alignment error rates in per cent.
"""

import argparse
import copy
import gzip
import json
import os
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from align_quality import CLEANING, PROTOCOL, TRAINING, e5_small
from tokenizers import Tokenizer
from transformers import PreTrainedModel

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipeline.align.loop import align
from pipeline.encoder.devices import default_device, to_device
from pipeline.encoder.load import load_encoder
from pipeline.encoder.pair_arrays import Split
from pipeline.encoder.subwords import read_tokenizer
from pipeline.judge.judge import FAST_ALIGN
from pipeline.pairs.word_pairs import build_pairs
from pipeline.tokenize.tokenize import tokenize
from pipeline.word_align.encoder_aligner import (
    EncoderAligner,
    error_rates_by_layer,
    gold_error_rates,
)
from pipeline.word_align.gold import Gold, error_rates, read_gold
from pipeline.word_align.links import Links
from pipeline.word_align.word_align import align_with_gold, word_align

Text = tuple[list[str], list[str]]
LAYERS = (8, -1)  # the layer that simalign uses for mBERT, and the trained one
METHODS = ("mutual", "itermax", "softmax", "match")
UNITS = ("words", "subwords")
BACKENDS = ("fast_align", "eflomal")


def read(path: Path, lines: int) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        return [line.strip() for line, _ in zip(file, range(lines), strict=False)]


def hansards_gold(folder: Path) -> Gold:
    trial = [folder / "trial" / f"trial.{kind}" for kind in ("wa", "f", "e")]
    return lowered(read_gold(*trial, english_first=True))


def german_gold(folder: Path) -> Gold:
    """The pairs whose links are all inside the sentences; one of the hundred is dropped."""
    sides = [(folder / f"test.{code}").read_text("utf-8-sig").splitlines() for code in ("de", "en")]
    links = (folder / "de-en.wa").read_text("utf-8").splitlines()
    pairs = []
    for source, english, line in zip(*sides, links, strict=True):
        numbers = [tuple(map(int, link.split("-"))) for link in line.split()]
        if all(i < len(source.split()) and j < len(english.split()) for i, j in numbers):
            pairs.append((" ".join(source.split()), " ".join(english.split()), numbers))
    flat = [(row, i, j) for row, (_, _, numbers) in enumerate(pairs) for i, j in numbers]
    sure = Links.of(*np.array(flat).T, len(pairs))
    return Gold(
        lower([source for source, _, _ in pairs]),
        lower([english for _, english, _ in pairs]),
        sure,
        sure,
    )


def xl_wa(path: Path) -> Gold:
    return lowered(read_gold(path))


def lowered(gold: Gold) -> Gold:
    return replace(gold, source=lower(gold.source), english=lower(gold.english))


def lower(lines: list[str]) -> list[str]:
    return [line.lower() for line in lines]


def tokens(source: list[str], english: list[str], language: str) -> pd.DataFrame:
    frame = pd.DataFrame({"source": source, "english": english})
    with TemporaryDirectory() as abbreviations:
        return tokenize(frame, language, CLEANING, Path(abbreviations))[0]


def statistical(frame: pd.DataFrame, gold: Gold, backend: str) -> float:
    settings = replace(FAST_ALIGN, backend=backend, heuristic="grow-diag-final-and")
    sides = lower(list(frame.source)), lower(list(frame.english))
    links = align_with_gold(*sides, settings, {"gold": gold})[1]["gold"]
    return error_rates(links, gold)["aer"]


def statistical_row(
    texts: dict[str, pd.DataFrame], golds: dict[str, Gold], backend: str
) -> dict[str, float]:
    return {name: statistical(frame, golds[name], backend) for name, frame in texts.items()}


def training_split(frame: pd.DataFrame, tokenizer: Tokenizer) -> Split:
    sides = list(frame.source), list(frame.english)
    links = word_align(*map(lower, sides), FAST_ALIGN)
    return build_pairs(*sides, links, tokenizer, PROTOCOL)["train"][0]


def encoder_rows(
    name: str, model: PreTrainedModel, tokenizer: Tokenizer, golds: dict[str, Gold]
) -> dict[str, dict[str, float]]:
    to_device(model, default_device())
    rows = {}
    for layer, method, unit in product(LAYERS, METHODS, UNITS):
        aligner = EncoderAligner(model, tokenizer, method, layer, unit=unit)
        rates = {name: gold_error_rates(gold, aligner)["aer"] for name, gold in golds.items()}
        row = f"{name}, {'last layer' if layer < 0 else f'layer {layer}'}, {method}, {unit}"
        rows[row] = rates
    return rows


def print_layers(encoder: Path | None, golds: dict[str, Gold]) -> None:
    """A Markdown table of the error rates of all layers of the encoder, unmodified."""
    with TemporaryDirectory() as folder:
        path = encoder or e5_small(Path(folder))
        model, tokenizer = load_encoder(path), read_tokenizer(path)
    layers = dict.fromkeys(range(model.config.num_hidden_layers + 1))
    rows = {}
    for (name, gold), method, unit in product(golds.items(), METHODS, UNITS):
        aligner = EncoderAligner(model, tokenizer, method, unit=unit)
        rates = error_rates_by_layer(gold, aligner, layers)
        rows[f"{name}, {method}, {unit}"] = {layer: rate["aer"] for layer, rate in rates.items()}
    table = 100 * pd.DataFrame.from_dict(rows, orient="index")
    print(table.rename_axis("by layer").to_markdown(floatfmt=".1f"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=os.environ.get("BENCH_DATA"))
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--lines", type=int, default=50_000)
    parser.add_argument("--sentences", type=int, default=2000)
    parser.add_argument("--layers", action="store_true")
    options = parser.parse_args()
    if not options.data:
        print("neither --data nor BENCH_DATA is given: nothing to measure")
        return
    data = Path(options.data)
    hansards, captions = data / "hansards-en-fr", data / "multi30k"
    golds = {"Hansards": hansards_gold(hansards), "de-en": german_gold(data / "gold-de-en")}
    if options.layers:
        golds["XL-WA es"] = xl_wa(data / "xl-wa" / "es" / "dev.tsv")
        print_layers(options.encoder, golds)
        return
    french = tokens(
        *(read(hansards / f"train.{code}.gz", options.lines) for code in ("fr", "en")), "fr"
    )
    german = tokens(
        *(read(captions / f"train.{code}.gz", options.lines) for code in ("de", "en")), "de"
    )
    texts = {"Hansards": french, "de-en": german}
    rows = {backend: statistical_row(texts, golds, backend) for backend in BACKENDS}
    with TemporaryDirectory() as folder:
        encoder = options.encoder or e5_small(Path(folder))
        model, tokenizer = load_encoder(encoder), read_tokenizer(encoder)
    rows |= encoder_rows("before", model, tokenizer, golds)
    split = training_split(french, tokenizer)
    aligned = copy.deepcopy(model).to("cpu")
    align(aligned, {"fr": split}, replace(TRAINING, sentences=options.sentences))
    rows |= encoder_rows("after l2", aligned, tokenizer, golds)
    table = 100 * pd.DataFrame.from_dict(rows, orient="index")
    print(f"{options.lines} lines of text, {options.sentences} Hansards sentence pairs to train on")
    print(table.rename_axis("aligner").to_markdown(floatfmt=".1f"))
    print(
        json.dumps({name: {k: round(v, 4) for k, v in row.items()} for name, row in rows.items()})
    )


if __name__ == "__main__":
    main()
