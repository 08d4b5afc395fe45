"""Under what terms the corpora of params may be used, and whom to cite."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.corpora.catalogue import CATALOGUE


@dataclass(frozen=True)
class Rights:
    """One corpus of one language. An address instead of a word of the catalogue has no version."""

    language: str
    corpus: str
    version: str
    licence: str
    citation: str


def corpora_rights(corpora: Mapping[str, Iterable[str]]) -> list[Rights]:
    """Version, licence and citation of each corpus, in the order given.

    `corpora` has the names in params (`software`, `file:PATH`, ...) by language.
    """
    return [_rights(language, name) for language, names in corpora.items() for name in names]


def _rights(language: str, name: str) -> Rights:
    entry = CATALOGUE.get(name)
    if entry is not None:
        return Rights(language, name, entry.version, entry.licence, entry.citation)
    licence = "own file" if name.startswith("file:") else "not in the catalogue: ask its publisher"
    return Rights(language, name, "", licence, "")
