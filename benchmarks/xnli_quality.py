"""How alignment changes zero-shot inference, on real examples and with several seeds.

    python benchmarks/xnli_quality.py --data DIR [--examples N] [--seeds 1 2] [--methods base ...]

DIR (or the variable BENCH_DATA) is the data folder. nli-en/mnli.csv.gz (the development sets of
MultiNLI) is used to train and to choose the epoch, xnli/dev-{en,de,es,fr}.tsv.gz (the development
sets of XNLI) to test. The corpora of align_quality.py align the encoder, so de and fr are aligned
languages and es is not. The encoder is e5-small unless a `save_pretrained` folder is given. Prints
a Markdown table: mean ± standard deviation over seeds, and differences with their 95 % intervals.
"""

import argparse
import copy
import csv
import gzip
import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from align_quality import METHODS, TRAINING, e5_small, make_splits
from tokenizers import Tokenizer
from transformers import PreTrainedModel

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipeline.align.loop import align
from pipeline.encoder.load import load_encoder
from pipeline.encoder.pair_arrays import Split, disjoint_training
from pipeline.encoder.subwords import read_tokenizer
from pipeline.nli.labels import LABELS
from pipeline.report.nli import summary_rows, summary_table
from pipeline.xnli.continual import Replay
from pipeline.xnli.fine_tuning import fine_tune, predictions
from pipeline.xnli.settings import FineTuningSettings

LANGUAGES = ("en", "de", "es", "fr")
COLUMNS = ["premise", "hypothesis", "label"]
DEV = 1000  # English examples that choose the epoch
BASE, CONTINUAL = "base", "l2 continual"
L2 = "l2, live target"


def read_english(data: Path, size: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Training and dev examples, disjoint and shuffled."""
    frame = pd.read_csv(data / "nli-en" / "mnli.csv.gz", keep_default_na=False)[COLUMNS]
    frame = frame.sample(frac=1, random_state=1, ignore_index=True)
    return frame.head(min(size, len(frame) - DEV)), frame.tail(DEV)


def read_test(data: Path) -> pd.DataFrame:
    frames = []
    for language in LANGUAGES:
        with gzip.open(data / "xnli" / f"dev-{language}.tsv.gz", "rt", encoding="utf-8") as file:
            rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        frame = pd.DataFrame([row[:3] for row in rows if row[2] in LABELS], columns=COLUMNS)
        frames.append(frame.assign(language=language, id=range(len(frame))))
    return pd.concat(frames, ignore_index=True)


class Run:
    """One method's encoder, fine-tuned with several seeds."""

    def __init__(self, options: argparse.Namespace, tokenizer: Tokenizer) -> None:
        self.options, self.tokenizer = options, tokenizer
        self.train, self.dev = read_english(options.data, options.examples)
        self.test = read_test(options.data)

    def __call__(
        self, method: str, encoder: PreTrainedModel, replay: Replay | None
    ) -> pd.DataFrame:
        """The tested examples of all seeds, in the form that pipeline.report.nli reads."""
        frames = []
        for seed in self.options.seeds:
            tuning = FineTuningSettings(self.options.epochs, 16, 1e-4, 0.1, "auto", 128)
            model = copy.deepcopy(encoder)
            classifier, accuracies = fine_tune(
                model,
                self.tokenizer,
                self.train,
                self.dev,
                tuning,
                seed=seed,
                added_loss=replay,
            )
            predicted = predictions(classifier, self.tokenizer, self.test, 128)
            right = predicted[list(LABELS)].idxmax(axis=1) == predicted["label"]
            frame = predicted[["language", "id"]].assign(
                row=predicted["id"], right=right, method=method
            )
            frames.append(frame.assign(seed=seed))
            means = frame.groupby("language")["right"].mean().round(3).to_dict()
            print(method, seed, accuracies, means, file=sys.stderr, flush=True)
        return pd.concat(frames)


def main() -> None:
    names = [BASE, *METHODS, CONTINUAL]
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=os.environ.get("BENCH_DATA"))
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--examples", type=int, default=6000)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--sentences", type=int, default=TRAINING.sentences)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--methods", nargs="+", choices=names, default=[BASE, L2])
    options = parser.parse_args()
    if not options.data:
        print("neither --data nor BENCH_DATA is given: nothing to measure")
        return
    options.data = Path(options.data)
    start = time.perf_counter()
    with TemporaryDirectory() as folder:
        path = options.encoder or e5_small(Path(folder))
        encoder, tokenizer = load_encoder(path), read_tokenizer(path)
        text: dict[str, Split] = {
            language: split.head(options.sentences)
            for language, split in disjoint_training(make_splits(options.data, path)).items()
        }
    run, frames = Run(options, tokenizer), []
    for method in options.methods:
        training = replace(TRAINING, sentences=options.sentences)
        training = replace(training, **METHODS.get(method, {}))
        aligned = copy.deepcopy(encoder)
        if method != BASE:
            align(aligned, text, training)
        replay = Replay(text, training, 1.0) if method == CONTINUAL else None
        frames.append(run(method, aligned, replay))
    tested = pd.concat(frames)
    rows = summary_rows(tested, tested.head(0))
    print(f"{len(run.train):,} training examples, epochs: {options.epochs}, seeds: {options.seeds}")
    print(summary_table(rows))
    means = rows[rows["language"] == "mean"].set_index("method")["accuracy"].round(4).to_dict()
    print(json.dumps({"seconds": round(time.perf_counter() - start), **means}))


if __name__ == "__main__":
    main()
