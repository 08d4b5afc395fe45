"""Under what terms the corpora of params may be used, and whom to cite."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .catalogue import CATALOGUE


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


def by_corpus(rights: Iterable[Rights]) -> list[dict[str, str]]:
    """One entry a corpus with its languages joined: corpus, languages, version, licence, cite."""
    found: dict[str, dict[str, str]] = {}
    for each in rights:
        if each.corpus in found:
            found[each.corpus]["languages"] += f", {each.language}"
        else:
            about = {"version": each.version, "licence": each.licence, "cite": each.citation}
            found[each.corpus] = {"corpus": each.corpus, "languages": each.language, **about}
    return list(found.values())


def _rights(language: str, name: str) -> Rights:
    entry = CATALOGUE.get(name)
    if entry is not None:
        return Rights(language, name, entry.version, entry.licence, entry.citation)
    licence = "own file" if name.startswith("file:") else "not in the catalogue: ask its publisher"
    return Rights(language, name, "", licence, "")
