"""What training gains from word pairs that fast_align links, and from those that the encoder links.

    python benchmarks/link_sources.py --data DIR [--sentences N] [--seeds N] [--encoder FOLDER]

DIR (or the variable BENCH_DATA) is the data folder: hansards-en-fr/train.{en,fr}.gz and
multi30k/train.{en,de}.gz. Without it, nothing is measured. Both sources give the same number of
pairs in each sentence: where one has more, random ones are left out. Test pairs are those on which
fast_align and Eflomal agree. Prints Markdown tables of retrieval accuracy in per cent, and of the
training pairs that both sources have.
"""

import argparse
import copy
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from align_quality import CLEANING, METHODS, PROTOCOL, TRAINING, e5_small, read_corpora
from transformers import PreTrainedModel

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipeline.align.loop import align
from pipeline.encoder.devices import default_device, to_device
from pipeline.encoder.load import load_encoder
from pipeline.encoder.pair_arrays import Split, disjoint_training
from pipeline.encoder.subwords import read_tokenizer
from pipeline.encoder.word_vectors import pair_vectors
from pipeline.judge.finders import agreed
from pipeline.judge.judge import eflomal_links, fast_align_links, found_by
from pipeline.judge.settings import JudgeSettings
from pipeline.pairs.word_pairs import build_pairs, pairs_of_sentences
from pipeline.retrieval.csls import retrieve
from pipeline.tokenize.tokenize import tokenize
from pipeline.word_align.encoder_aligner import open_aligner
from pipeline.word_align.encoder_links import encoder_links_with_gold
from pipeline.word_align.links import Links

LANGUAGES = ("fr", "de")
SOURCES = ("fast_align", "encoder")
OBJECTIVES = ("l2, live target", "contrastive")
JUDGE = JudgeSettings(runs=6, agree=5, sentences=10_000)
KEY = ["line", "source_index", "english_index"]


@dataclass(frozen=True)
class Language:
    """The test pairs of a language on which the aligners agree, and its splits by source."""

    agreed: np.ndarray
    splits: dict[str, dict[str, Split]]
    figures: dict[str, float]


def equal_pairs(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """As many pairs per sentence from each source, at random."""
    counts = pd.DataFrame({name: table.groupby("line").size() for name, table in tables.items()})
    least = counts.fillna(0).min(axis=1)
    kept = {}
    for name, table in tables.items():
        shuffled = table.sample(frac=1, random_state=1)
        place = shuffled.groupby("line").cumcount()
        kept[name] = shuffled[place < shuffled["line"].map(least)].sort_index()
    return kept


def prepared(corpus: pd.DataFrame, language: str, encoder: Path, sentences: int) -> Language:
    """A language with splits whose training sentences are the first ones after dev."""
    tokenizer = read_tokenizer(encoder)
    with TemporaryDirectory() as abbreviations:
        bitext, _ = tokenize(corpus, language, CLEANING, Path(abbreviations))
    lines = list(bitext.source), list(bitext.english)
    lower = [[line.lower() for line in side] for side in lines]
    links = fast_align_links(*lower, {}).text
    built = build_pairs(*lines, links, tokenizer, PROTOCOL)
    judged = eflomal_links(*(side[: JUDGE.sentences] for side in lower), {}, JUDGE).text
    start = int(built["dev"][1]["line"].to_numpy()[-1]) + 1
    text = [side[start : start + sentences] for side in lines]
    of_source = {
        "fast_align": links.split(start)[1].split(sentences)[0],
        "encoder": encoder_links_with_gold(*text, {}, open_aligner(encoder))[0],
    }
    tables = {
        name: pairs_of_sentences(*text, each, tokenizer, PROTOCOL)[1].to_pandas()
        for name, each in of_source.items()
    }
    kept = equal_pairs(tables)
    splits = {}
    for name, table in kept.items():
        chosen = Links.of(*(table[column].to_numpy() for column in KEY), sentences)
        train, _ = pairs_of_sentences(*text, chosen, tokenizer, PROTOCOL)
        splits[name] = {"train": train, "test": built["test"][0], "dev": built["dev"][0]}
    figures = {f"pairs, {name}": len(table) for name, table in tables.items()}
    figures["trained on"] = len(kept["encoder"])
    figures["in both, %"] = (
        100 * len(kept["fast_align"].merge(kept["encoder"])) / len(kept["encoder"])
    )
    return Language(agreed(found_by(built["test"][1].to_pandas(), links, judged)), splits, figures)


def accuracy(model: PreTrainedModel, languages: dict[str, Language]) -> float:
    """Accuracy of the agreed pairs in per cent: mean over languages and both directions."""
    to_device(model, default_device())
    shares = []
    for language in languages.values():
        vectors = pair_vectors(model, language.splits["encoder"]["test"])
        results = retrieve(*vectors, 10, similarities=["csls"], device=default_device())
        shares += [float((each.rank[language.agreed] == 0).mean()) for each in results["csls"]]
    return 100 * sum(shares) / len(shares)


def trained(
    model: PreTrainedModel, languages: dict[str, Language], options: argparse.Namespace
) -> Iterator[tuple[str, str, list[float]]]:
    """Objective, source of the links, and accuracy for each seed."""
    for objective, source in product(OBJECTIVES, SOURCES):
        train = disjoint_training({code: each.splits[source] for code, each in languages.items()})
        shares = []
        for seed in range(1, options.seeds + 1):
            aligned = copy.deepcopy(model)
            settings = replace(TRAINING, sentences=options.sentences, **METHODS[objective])
            align(aligned, train, replace(settings, seed=seed))
            shares.append(accuracy(aligned, languages))
        print(objective, source, *shares, file=sys.stderr, flush=True)
        yield objective, source, shares


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=os.environ.get("BENCH_DATA"))
    parser.add_argument("--sentences", type=int, default=400)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--encoder", type=Path)
    options = parser.parse_args()
    if not options.data:
        print("neither --data nor BENCH_DATA is given: nothing to measure")
        return
    corpora = read_corpora(Path(options.data))
    with TemporaryDirectory() as folder:
        encoder = options.encoder or e5_small(Path(folder))
        model = load_encoder(encoder)
        languages = {
            code: prepared(corpora[code], code, encoder, options.sentences) for code in LANGUAGES
        }
    figures = pd.DataFrame({code: each.figures for code, each in languages.items()}).T
    print(figures.to_markdown(floatfmt=".0f"))
    rows = [("unmodified", "", [accuracy(model, languages)])]
    rows += trained(model, languages, options)
    table = pd.DataFrame(
        [(objective, source, *shares) for objective, source, shares in rows],
        columns=["objective", "links of", *(f"seed {seed + 1}" for seed in range(options.seeds))],
    )
    table["mean"] = table.iloc[:, 2:].mean(axis=1)
    print(table.fillna("").to_markdown(index=False, floatfmt=".1f"))
    print(
        json.dumps({f"{each[0]} {each[1]}".strip(): sum(each[2]) / len(each[2]) for each in rows})
    )


if __name__ == "__main__":
    main()
