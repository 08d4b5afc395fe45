"""Where the data of a run come from, with licences, and what made each encoder."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from ..common.provenance import PROVENANCE_FILE, read_provenance
from ..corpora.licences import by_corpus, corpora_rights


def corpora_rows(corpora: Mapping[str, Iterable[str]], cleaning: pd.DataFrame) -> pd.DataFrame:
    """One row per corpus: corpus, languages, version, licence, cite.

    `corpora` has the names by language. `cleaning` is a frame of `tables.read_cleaning`; the number
    of sentence pairs kept from all corpora of a language follows its code.
    """
    kept_rows = cleaning[cleaning["fate"] == "kept"]
    pairs_by_language = kept_rows.set_index("language")["pairs"].to_dict()
    rights = corpora_rights(corpora)
    counted = [
        replace(right, language=f"{right.language} ({pairs_by_language[right.language]:,})")
        for right in rights
    ]
    return pd.DataFrame(by_corpus(counted))


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
