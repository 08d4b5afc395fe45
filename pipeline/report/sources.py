"""Where the data of a run come from, with licences, and what made each encoder."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from ..common.provenance import FILE, read_provenance
from ..corpora.licences import by_corpus, corpora_rights


def corpora_rows(corpora: Mapping[str, Iterable[str]], cleaning: pd.DataFrame) -> pd.DataFrame:
    """One row a corpus: corpus, languages, version, licence, cite.

    `corpora` names those of each language; `cleaning` is a frame of `tables.read_cleaning`, for the
    sentence pairs that were kept of all corpora of a language, which stand behind its code.
    """
    kept = cleaning[cleaning["fate"] == "kept"].set_index("language")["pairs"].to_dict()
    rights = corpora_rights(corpora)
    told = [replace(each, language=f"{each.language} ({kept[each.language]:,})") for each in rights]
    return pd.DataFrame(by_corpus(told))


def provenance_rows(folder: Path, methods: Iterable[str]) -> pd.DataFrame:
    """One row a fact: method, part, fact, value; of each method's `provenance.json` in `folder`.

    A method without that file has none.
    """
    rows = []
    for method in methods:
        if (folder / method / FILE).is_file():
            for part, content in read_provenance(folder / method).items():
                facts = _flat(content)
                rows += [(method, part, fact, value) for fact, value in facts.items()]
    return pd.DataFrame(rows, columns=["method", "part", "fact", "value"])


def _flat(content: Any, before: str = "") -> dict[str, str]:
    if isinstance(content, dict) and content:
        return {
            key: value
            for name, inner in content.items()
            for key, value in _flat(inner, f"{before}.{name}" if before else str(name)).items()
        }
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return {before: text}
