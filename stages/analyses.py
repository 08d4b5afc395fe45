"""analyses: which words of one language each method retrieves."""

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.analyses.accuracy_by_group import group_accuracies, hubness_by_method, training_pairs
from pipeline.analyses.agreement import agreement_bins, shift
from pipeline.analyses.before_after import fates
from pipeline.analyses.other_queries import gold_accuracies, sentence_accuracies
from pipeline.analyses.parts_of_speech import parts_of_speech
from pipeline.analyses.word_groups import AnalysedCorpus, bins, read_words
from pipeline.common.files import atomic, read_lines
from pipeline.common.parquet import write_parquet
from pipeline.encoder.pair_arrays import SPLITS, disjoint_training, load_split
from pipeline.encoder.subwords import read_tokenizer
from stages import ARTIFACTS
from stages.methods import DEFAULTS
from stages.params import Params, load_params


def main(language: str) -> None:
    """Split LANGUAGE's retrieval by kind of word, pair and sentence; list what was retrieved."""
    params = load_params()
    settings, folder = params.analyses, ARTIFACTS / "retrieval"
    corpus = _corpus(params, language)
    kinds = bins(
        corpus, read_words(Path("data/closed_class/en.txt")), read_tokenizer(ARTIFACTS / "encoder")
    )
    judged = pd.read_parquet(ARTIFACTS / "judge" / language / "test.parquet")
    finders = judged["found_by"].to_numpy(object)
    outcomes, gold, sentences = (
        {m: pd.read_parquet(folder / m / language / f"{name}.parquet") for m in params.methods}
        for name in ("outcomes", "gold", "sentences")
    )
    groups, lines = kinds | agreement_bins(finders, settings.seed), corpus.pairs["line"].to_numpy()
    bootstrap = settings.bootstrap
    tables = {
        "accuracies": group_accuracies(outcomes, lines, groups, **bootstrap),
        "gold_retrieval": gold_accuracies(gold, **bootstrap),
        "hubness": hubness_by_method(outcomes),
        "sentences": sentence_accuracies(sentences, **bootstrap),
        "shift": shift(kinds, finders),
    }
    text = corpus.pairs, corpus.source, corpus.english
    first, *others = outcomes
    with atomic(ARTIFACTS / "analyses" / language) as out:
        out.mkdir()
        for name, table in tables.items():
            table.to_csv(out / f"{name}.csv", index=False)
        for method in others:
            before_after = fates(*text, outcomes[first], outcomes[method])
            write_parquet(out / f"{method}.parquet", before_after)


def _corpus(params: Params, language: str) -> AnalysedCorpus:
    pairs = ARTIFACTS / "pairs"
    splits = {
        code: {name: load_split(pairs / code / name) for name in SPLITS}
        for code in params.languages
    }
    limit = params.align[DEFAULTS].sentences if language in params.aligned else 0
    trained = disjoint_training(splits)[language].head(limit)
    test, train = (
        pd.read_parquet(pairs / language / f"{name}.parquet") for name in ("test", "train")
    )
    source, english = (
        read_lines(ARTIFACTS / f"tokenize/{language}/{side}.txt") for side in ("source", "english")
    )
    tagger = params.analyses.tagger
    parts = parts_of_speech(test, english, tagger) if tagger else None
    training = training_pairs(train, splits[language]["train"], trained)
    return AnalysedCorpus(test, training, source, english, np.unique(train["line"]), parts)
