"""Parts of the report, read from the folders of the steps: Markdown by placeholder, and tables."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from . import nli, retrieval, tables

Parts = tuple[dict[str, str], dict[str, pd.DataFrame]]


def retrieval_parts(
    analyses: Path, folder: Path, methods: Sequence[str], languages: Iterable[str]
) -> Parts:
    """The parts from the folders of the steps `analyses` and `retrieval`."""
    languages = list(languages)
    rows = retrieval.read_analyses(analyses, languages)
    queries, means = retrieval.retrieval_rows(rows), retrieval.analysis_means(rows)
    hubness = retrieval.read_hubness(analyses, languages)
    layers = retrieval.read_layers(folder, methods, languages)
    context = retrieval.read_noncontextual(folder, methods, languages)
    sections = {
        "retrieval": retrieval.retrieval_table(queries),
        "analyses": retrieval.analyses_table(means),
        "hubness": retrieval.hubness_table(hubness),
        "layers": retrieval.layers_table(layers),
        "noncontextual": retrieval.noncontextual_table(context),
    }
    frames = {f"analyses/{name.replace(' ', '_')}": table for name, table in means.items()}
    frames |= {"retrieval": queries, "hubness": hubness, "layers": layers}
    return sections, {**frames, "noncontextual": context}


def nli_parts(
    folder: Path,
    runs: Mapping[str, Sequence[str]],
    seeds: Sequence[int],
    source: str,
    bootstrap: Mapping[str, int],
) -> Parts:
    """The parts from the folder of the step `xnli`.

    `runs` names its methods, and those of the steps `continual` and `translate_train`; `source` is
    that of the examples, and `bootstrap` has resamples and seed.
    """
    zero_shot = {method: folder / method for method in runs["xnli"]}
    zero_shot |= {
        nli.CONTINUAL.format(method): folder / "continual" / method for method in runs["continual"]
    }
    ceilings = {code: folder / "translate_train" / code for code in runs["translate_train"]}
    frames = nli.tables(
        nli.read_predictions(zero_shot, seeds), nli.read_predictions(ceilings, seeds), **bootstrap
    )
    return nli.sections(frames, source), frames


def text_parts(
    tokenize: Path,
    word_align: Path,
    folder: Path,
    methods: Sequence[str],
    languages: Iterable[str],
) -> Parts:
    """Pairs dropped by `tokenize`; error rates of `word_align` and of retrieval's encoders."""
    languages = list(languages)
    aligners = {"word_align": {code: word_align / f"{code}.json" for code in languages}}
    for method in methods:
        aligners[method] = {code: folder / method / code / "figures.json" for code in languages}
    gold = tables.read_error_rates(aligners, languages)
    cleaning = tables.read_cleaning(tokenize, languages)
    sections = {"gold": tables.gold_table(gold), "cleaning": tables.cleaning_table(cleaning)}
    return sections, {"gold": gold, "cleaning": cleaning}
