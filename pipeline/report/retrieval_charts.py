"""Charts of retrieval: test words, gold words and sentences, and by layer."""

from collections.abc import Mapping

import pandas as pd

from ..judge.finders import ALL_PAIRS, KINDS
from .charts import PERCENT, Chart, lines
from .figures import percent, retrieval_chart
from .language_groups import ALIGNED_ONLY, ALL, OTHERS_ONLY, not_aligned

WORDS_NOTE = (
    "Share of test words whose translation in the same sentence is the nearest of all words of the "
    "test set by CSLS"
)
GOLD_NOTE = (
    "Share of words linked by people whose translation is the nearest word of the test set and the "
    "gold set by CSLS."
)
SENTENCE_NOTE = (
    "Share of test sentences whose translation ranks first by the ratio margin of mean subword "
    "vectors; the rest is the error rate xsim."
)
LAYERS = {
    "layers": ("Words by layer", "Word retrieval (CSLS) of all pairs.", PERCENT),
    "layers_sentences": ("Sentences by layer", "Sentence retrieval (margin).", PERCENT),
    "layers_gold": (
        "Word alignment by layer",
        "Alignment error rate on gold sets; lower is better.",
        "alignment error rate, %",
    ),
}


def query_charts(
    tables: Mapping[str, pd.DataFrame], pairs: str, keys: Mapping[str, str]
) -> dict[str, Chart]:
    """Retrieval of test words, gold words and sentences by language and direction.

    `tables` are those of the report, `pairs` is of `judge.finders.KINDS`: the kind of pairs in the
    headline. Gold words are left out if there are none.
    """
    title = "Word retrieval by language and direction"
    charts = {
        "retrieval": retrieval_chart(
            tables["retrieval"], keys, "retrieval", title, f"{WORDS_NOTE}: {KINDS[pairs]}."
        )
    }
    if pairs != ALL_PAIRS:
        protocols = tables["protocols"]
        charts["all_pairs"] = retrieval_chart(
            protocols[protocols["pairs"] == ALL_PAIRS],
            keys,
            "retrieval-all",
            f"{title}: all pairs",
            f"{WORDS_NOTE}: {KINDS[ALL_PAIRS]}.",
        )
    if not tables["gold_retrieval"].empty:
        charts["gold_words"] = retrieval_chart(
            tables["gold_retrieval"], keys, "gold-words", "Words linked by people", GOLD_NOTE
        )
    sentences = tables["sentences"]
    margin = sentences[sentences["similarity"] == "margin"]
    charts["sentences"] = retrieval_chart(
        margin, keys, "sentences", "Sentence retrieval", SENTENCE_NOTE
    )
    return charts


def layer_charts(tables: Mapping[str, pd.DataFrame], keys: Mapping[str, str]) -> list[Chart]:
    """What was measured at each layer, from `layers.group_layers`.

    There is one chart for each of LAYERS and group of languages that has values.
    """
    charts = []
    for name, (title, note, axis) in LAYERS.items():
        rows = tables[name]
        apart = [not_aligned(method) for method in keys]
        groups = {ALL: rows}
        if set(apart) <= set(rows):
            others = rows[["layer", *apart]].set_axis(["layer", *keys], axis="columns")
            groups = {ALIGNED_ONLY: rows[["layer", *keys]], OTHERS_ONLY: others}
        for number, (group, of_group) in enumerate(groups.items()):
            long = percent(of_group.melt("layer", var_name="method", value_name="accuracy"))
            long = long.dropna()
            if long.empty:
                continue
            chart_name = f"{name.replace('_', '-')}{'-others' if number else ''}"
            note_of_group = f"{note} Layer 0 is the embeddings. Mean of {group}."
            spec = lines(long, "layer", "accuracy", keys, ("layer", axis))
            charts.append(Chart(chart_name, title, note_of_group, spec, long, keys))
    return charts
