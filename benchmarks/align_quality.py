"""How much each alignment objective improves retrieval, with equal training pairs.

    python benchmarks/align_quality.py --data DIR [--sentences N] [--encoder FOLDER] [--methods ...]

DIR (or the variable BENCH_DATA) is the data folder: hansards-en-fr/train.{en,fr}.gz,
multi30k/train.{en,de}.gz and tatoeba-en-el/en-el.tsv.gz. Without it, nothing is measured.
The encoder is e5-small unless a `save_pretrained` folder is given. Prints a Markdown table.
"""

import argparse
import copy
import csv
import gzip
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from platformdirs import user_cache_path
from transformers import PreTrainedModel

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipeline.align.loop import align
from pipeline.align.settings import AlignmentSettings
from pipeline.encoder.devices import default_device, to_device
from pipeline.encoder.load import load_encoder
from pipeline.encoder.pair_arrays import Split, disjoint_training
from pipeline.encoder.rotation import rotations
from pipeline.encoder.subwords import read_tokenizer
from pipeline.encoder.word_vectors import pair_vectors
from pipeline.judge.judge import FAST_ALIGN
from pipeline.obtain.obtain import obtain_encoder
from pipeline.pairs.settings import PairSettings
from pipeline.pairs.word_pairs import build_pairs
from pipeline.retrieval.csls import retrieve
from pipeline.tokenize.cleaning import Cleaning
from pipeline.tokenize.tokenize import tokenize
from pipeline.word_align.word_align import word_align

CLEANING = Cleaning(min_characters=0, max_characters=2000, min_words=4)
PROTOCOL = PairSettings(1024, 64, 250_000, 64, 512, "last", True, False, True, True)
LINES = 20_000  # per corpus, from which fast_align learns
TRAINING = AlignmentSettings(
    objective="l2",
    target="live",
    temperature=0.1,
    reduction="mean",
    regularizer="output",
    regularizer_weight=1.0,
    layers=[-1],
    special_tokens=True,
    dropout=False,
    sentences=600,
    batch_tokens=256,
    interleave="each",
    epochs=1,
    learning_rate=1e-4,
    warmup=0.1,
    precision="auto",
    compile=False,
    dev_steps=0,
    dev_sentences=1,
    patience=0,
    checkpoint_minutes=0,
    seed=1,
)
CONTRASTIVE = {"objective": "contrastive", "temperature": 0.02, "special_tokens": False}
METHODS = {
    "l2, live target": {},
    "l2, frozen target": {"target": "frozen"},
    "sentence": {"objective": "sentence"},
    "contrastive": {**CONTRASTIVE, "regularizer_weight": 0.1},
    "contrastive, regularizer 1": CONTRASTIVE,
    "contrastive, temperature 0.1": {**CONTRASTIVE, "temperature": 0.1},
    "contrastive, no regularizer": {**CONTRASTIVE, "regularizer": "none"},
}


def e5_small(folder: Path) -> Path:
    """Save e5-small in the folder, and return the folder."""
    cache = user_cache_path("contextual-alignment") / "downloads"
    for part in obtain_encoder("e5-small", None, cache):
        part.save_pretrained(folder)
    return folder


def read_corpora(data: Path) -> dict[str, pd.DataFrame]:
    """The corpus of each language, with columns source and english."""
    pairs = {
        "fr": ("hansards-en-fr/train.fr.gz", "hansards-en-fr/train.en.gz"),
        "de": ("multi30k/train.de.gz", "multi30k/train.en.gz"),
    }
    corpora = {
        language: pd.DataFrame({"source": read(data / source), "english": read(data / english)})
        for language, (source, english) in pairs.items()
    }
    rows = csv.reader(
        read(data / "tatoeba-en-el/en-el.tsv.gz"), delimiter="\t", quoting=csv.QUOTE_NONE
    )
    greek = pd.DataFrame([row[:2] for row in rows], columns=["english", "source"])
    return {**corpora, "el": greek[::-1].reset_index(drop=True)}  # longest sentences first


def read(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        return [line.rstrip("\n") for line, _ in zip(file, range(LINES), strict=False)]


def make_splits(data: Path, encoder: Path) -> dict[str, dict[str, Split]]:
    splits = {}
    tokenizer = read_tokenizer(encoder)
    for language, corpus in read_corpora(data).items():
        with TemporaryDirectory() as abbreviations:
            bitext, _ = tokenize(corpus, language, CLEANING, Path(abbreviations))
        lines = list(bitext.source), list(bitext.english)
        lowered = ([line.lower() for line in side] for side in lines)
        built = build_pairs(*lines, word_align(*lowered, FAST_ALIGN), tokenizer, PROTOCOL)
        splits[language] = {name: split for name, (split, _) in built.items()}
    return splits


def accuracies(
    model: PreTrainedModel, splits: dict[str, dict[str, Split]], turns: dict | None = None
) -> Iterator[float]:
    """CSLS accuracy on test for each language in order, to English and then from English."""
    to_device(model, default_device())
    for language, split in splits.items():
        source, english = pair_vectors(model, split["test"])
        if turns:
            (turn,) = (matrix for key, matrix in turns.items() if key.startswith(f"{language}."))
            source = source @ turn
        results = retrieve(source, english, 10, similarities=["csls"], device=default_device())
        yield from (direction.accuracy() for direction in results["csls"])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=os.environ.get("BENCH_DATA"))
    parser.add_argument("--sentences", type=int, default=TRAINING.sentences)
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    options = parser.parse_args()
    if not options.data:
        print("neither --data nor BENCH_DATA is given: nothing to measure")
        return
    with TemporaryDirectory() as folder:
        encoder = options.encoder or e5_small(Path(folder))
        model = load_encoder(encoder)
        splits = make_splits(Path(options.data), encoder)
    train = {
        name: split.head(options.sentences) for name, split in disjoint_training(splits).items()
    }
    pairs = sum(len(split.source_words) for split in train.values())
    names = [f"{turn.format(language)}" for language in splits for turn in ("{} → en", "en → {}")]
    rows = {"before": (0.0, list(accuracies(model, splits)))}
    start = time.perf_counter()
    turns = rotations(model, train, [-1])
    rows["rotation"] = time.perf_counter() - start, list(accuracies(model, splits, turns))
    for method in options.methods:
        aligned = copy.deepcopy(model)
        start = time.perf_counter()
        align(aligned, train, replace(TRAINING, sentences=options.sentences, **METHODS[method]))
        rows[method] = time.perf_counter() - start, list(accuracies(aligned, splits))
        print(method, *rows[method], file=sys.stderr, flush=True)
    table = pd.DataFrame(
        [[name, *(100 * share for share in shares), 100 * sum(shares) / len(shares), seconds]
         for name, (seconds, shares) in rows.items()],
        columns=["method", *names, "mean", "seconds"],
    )  # fmt: skip
    print(f"trained on {options.sentences} sentence pairs per language, {pairs:,} word pairs")
    print(table.to_markdown(index=False, floatfmt=".1f"))
    means = dict(zip(table["method"], table["mean"].round(2), strict=True))
    print(json.dumps({"word_pairs": pairs, **means}))


if __name__ == "__main__":
    main()
