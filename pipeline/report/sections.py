"""Parts of the report, read from the folders of the steps: Markdown by placeholder, and tables."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from . import layers, nli, retrieval, tables
from .language_groups import language_groups, not_aligned
from .protocols import protocol_rows

Parts = tuple[dict[str, str], dict[str, pd.DataFrame]]


def retrieval_parts(
    analyses: Path,
    folder: Path,
    methods: Sequence[str],
    languages: Iterable[str],
    unaligned: Collection[str] = (),
) -> Parts:
    """The parts from the folders of the steps `analyses` and `retrieval`.

    Means over `unaligned` languages are apart from those over the others.
    """
    languages = list(languages)
    groups = language_groups(languages, unaligned)
    rows = retrieval.read_analyses(analyses, languages)
    hubness = retrieval.read_hubness(analyses, languages, unaligned)
    context = retrieval.read_noncontextual(folder, methods, languages, unaligned)
    means, contexts = {}, {}
    for group, codes in groups.items():
        means[group] = retrieval.analysis_means(rows[rows["language"].isin(codes)])
        contexts[group] = context[context["language"].isin(codes)]
    sections = {
        "languages": _note(unaligned),
        "analyses": _by_group(retrieval.analyses_table, means),
        "hubness": retrieval.hubness_table(hubness),
        "noncontextual": _by_group(retrieval.noncontextual_table, contexts),
    }
    frames = _analysis_frames([*means.values()])
    frames |= {"protocols": protocol_rows(rows, unaligned), "hubness": hubness}
    return sections, {**frames, "noncontextual": context}


def layer_parts(
    folder: Path,
    methods: Sequence[str],
    languages: Iterable[str],
    unaligned: Collection[str] = (),
) -> Parts:
    """Words, sentences and error rates by layer; `folder` is that of the step retrieval."""
    sections, frames = {}, {}
    groups = language_groups(languages, unaligned)
    for kind in layers.LAYER_FIGURES:
        name = "layers" if kind == "words" else f"layers_{kind}"
        by_group = {
            group: layers.read_layers(folder, methods, codes, kind)
            for group, codes in groups.items()
        }
        sections[name] = _by_group(layers.layers_table, by_group)
        frames[name] = layers.group_layers([*by_group.values()])
    return sections, frames


def query_parts(folder: Path, languages: Iterable[str], unaligned: Collection[str] = ()) -> Parts:
    """Retrieval of gold words and of whole sentences, from the folder of the step analyses."""
    languages = list(languages)
    gold, sentences = (
        retrieval.read_other_queries(folder, name, languages, unaligned)
        for name in ("gold_retrieval", "sentences")
    )
    sections = {"gold_words": "No language has a gold set."}
    if not gold.empty:
        sections["gold_words"] = retrieval.retrieval_table(gold, unaligned)
    for similarity, rows in sentences.groupby("similarity", sort=False):
        sections[f"sentences_{similarity}"] = retrieval.retrieval_table(rows, unaligned)
    bar = sentences["bar"] + " " + sentences["similarity"]
    return sections, {"gold_retrieval": gold, "sentences": sentences.assign(bar=bar)}


def _note(unaligned: Collection[str]) -> str:
    if not unaligned:
        return ""
    codes = ", ".join(unaligned)
    return f" No method was trained on {codes}, marked as not aligned; their means are separate."


def _by_group(table: Callable[[Any], str], parts: Mapping[str, Any]) -> str:
    """The table of each group of languages, below its name if there are several."""
    if len(parts) == 1:
        return table(*parts.values())
    headed = [f"{group.capitalize()}:\n\n{table(part)}" for group, part in parts.items()]
    return "\n\n".join(headed)


def _analysis_frames(means: Sequence[Mapping[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    """The means of each analysis by name of the file; bars of the second group are marked."""
    frames: dict[str, list[pd.DataFrame]] = {}
    for number, of_group in enumerate(means):
        for name, table in of_group.items():
            bars = table["bar"].map(not_aligned) if number else table["bar"]
            frames.setdefault(f"analyses/{name.replace(' ', '_')}", []).append(
                table.assign(bar=bars)
            )
    return {name: pd.concat(tables, ignore_index=True) for name, tables in frames.items()}


def nli_parts(
    folder: Path,
    runs: Mapping[str, Sequence[str]],
    seeds: Sequence[int],
    data: str,
    bootstrap: Mapping[str, int],
    *,
    unaligned: Collection[str] = (),
) -> Parts:
    """The parts from the folder of the step `xnli`.

    `runs` names its methods, and those of the steps `continual` and `translate_train`; `data` names
    the examples, and `bootstrap` has resamples and seed.
    """
    zero_shot = {method: folder / method for method in runs["xnli"]}
    zero_shot |= {
        nli.CONTINUAL.format(method): folder / "continual" / method for method in runs["continual"]
    }
    ceilings = {code: folder / "translate_train" / code for code in runs["translate_train"]}
    frames = nli.tables(
        nli.read_predictions(zero_shot, seeds),
        nli.read_predictions(ceilings, seeds),
        unaligned,
        **bootstrap,
    )
    return nli.sections(frames, data, unaligned), frames


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
    figures = tables.read_json(folder / methods[0] / languages[0] / "figures.json")
    sections = {
        "gold": tables.gold_table(gold),
        "gold_layer": str(figures["gold_layer"]),
        "cleaning": tables.cleaning_table(cleaning),
    }
    return sections, {"gold": gold, "cleaning": cleaning}
