"""Where the data of a run come from, with licences, and what made each encoder."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from ..common.provenance import PROVENANCE_FILE, read_provenance
from ..corpora.licences import by_corpus, corpora_rights
from .language_groups import marked


def corpora_rows(
    corpora: Mapping[str, Iterable[str]], cleaning: pd.DataFrame, unaligned: Collection[str] = ()
) -> pd.DataFrame:
    """One row per corpus: corpus, languages, version, licence, cite.

    `corpora` has the names by language. `cleaning` is a frame of `tables.read_cleaning`; the number
    of sentence pairs kept from all corpora of a language follows its code. Languages that are
    `unaligned` are marked.
    """
    kept_rows = cleaning[cleaning["fate"] == "kept"]
    pairs_by_language = kept_rows.set_index("language")["pairs"].to_dict()
    rights = corpora_rights(corpora)
    counts = {code: f"{code} ({pairs:,})" for code, pairs in pairs_by_language.items()}
    counted = [
        replace(right, language=marked(counts[right.language], right.language, unaligned))
        for right in rights
    ]
    return pd.DataFrame(by_corpus(counted))


def method_settings(folder: Path, methods: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The settings of each method from its `provenance.json`; none for the unmodified encoder."""
    made = {method: read_provenance(folder / method)["params"] for method in methods}
    return {method: params.get(f"align.{method}", {}) for method, params in made.items()}


def training_sizes(folder: Path, languages: Iterable[str]) -> dict[str, int]:
    """The number of training sentence pairs by language; `folder` is that of the step pairs."""
    return {
        code: pd.read_parquet(folder / code / "train.parquet", columns=["line"])["line"].nunique()
        for code in languages
    }


def provenance_rows(folder: Path, methods: Iterable[str]) -> pd.DataFrame:
    """One row per fact in each method's `provenance.json`: method, part, fact, value.

    A method without that file has none.
    """
    rows = []
    for method in methods:
        if (folder / method / PROVENANCE_FILE).is_file():
            for part, content in read_provenance(folder / method).items():
                facts = _flat(content)
                rows += [(method, part, fact, value) for fact, value in facts.items()]
    return pd.DataFrame(rows, columns=["method", "part", "fact", "value"])


def _flat(content: Any, before: str = "") -> dict[str, str]:
    """The facts of nested content as text, with keys like `params.align.epochs`."""
    if not isinstance(content, dict) or not content:
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        return {before: text}
    facts: dict[str, str] = {}
    for name, inner in content.items():
        facts |= _flat(inner, f"{before}.{name}" if before else str(name))
    return facts
