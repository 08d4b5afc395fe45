"""analyses: which words of one language each method retrieves."""

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.analyses.accuracy_by_group import group_accuracies, hubness_by_method, training_pairs
from pipeline.analyses.agreement import agreement_bins, shift
from pipeline.analyses.before_after import fates
from pipeline.analyses.parts_of_speech import parts_of_speech
from pipeline.analyses.word_groups import AnalysedCorpus, bins, read_words
from pipeline.common.files import atomic, read_lines
from pipeline.common.parquet import write_parquet
from pipeline.encoder.pair_arrays import SPLITS, disjoint_training, load_split
from pipeline.encoder.subwords import read_tokenizer
from stages import ARTIFACTS
from stages.methods import DEFAULTS
from stages.params import load_params


def main(language: str) -> None:
    """Split LANGUAGE's retrieval by kind of word, pair and sentence; list what was retrieved."""
    params = load_params()
    pairs = ARTIFACTS / "pairs"
    splits = {
        code: {name: load_split(pairs / code / name) for name in SPLITS}
        for code in params.languages
    }
    sentences = params.align[DEFAULTS].sentences if language in params.aligned else 0
    trained = disjoint_training(splits)[language].head(sentences)
    test, train = (
        pd.read_parquet(pairs / language / f"{name}.parquet") for name in ("test", "train")
    )
    text = ARTIFACTS / "tokenize" / language
    source, english = (read_lines(text / f"{side}.txt") for side in ("source", "english"))
    settings = params.analyses
    corpus = AnalysedCorpus(
        pairs=test,
        training=training_pairs(train, splits[language]["train"], trained),
        source=source,
        english=english,
        text=np.unique(train["line"]),
        parts=parts_of_speech(test, english, settings.tagger) if settings.tagger else None,
    )
    closed = read_words(Path("data/closed_class/en.txt"))
    kinds = bins(corpus, closed, read_tokenizer(ARTIFACTS / "encoder"))
    found_by = pd.read_parquet(ARTIFACTS / "judge" / language / "test.parquet")["found_by"]
    finders = found_by.to_numpy(object)
    outcomes: dict[str, pd.DataFrame] = {
        method: pd.read_parquet(ARTIFACTS / "retrieval" / method / language / "outcomes.parquet")
        for method in params.methods
    }
    groups = kinds | agreement_bins(finders, settings.seed)
    accuracies = group_accuracies(outcomes, test["line"].to_numpy(), groups, **settings.bootstrap)
    first, *others = outcomes
    with atomic(ARTIFACTS / "analyses" / language) as folder:
        folder.mkdir()
        accuracies.to_csv(folder / "accuracies.csv", index=False)
        shift(kinds, finders).to_csv(folder / "shift.csv", index=False)
        hubness_by_method(outcomes).to_csv(folder / "hubness.csv", index=False)
        for method in others:
            table = fates(test, source, english, outcomes[first], outcomes[method])
            write_parquet(folder / f"{method}.parquet", table)
