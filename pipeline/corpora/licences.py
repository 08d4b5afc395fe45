"""Licences and citations of the corpora named in params."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .catalogue import CATALOGUE, OPUS_KIND, OPUS_PAPER


@dataclass(frozen=True)
class Rights:
    """Terms of one corpus in one language; the version is "" outside the catalogue and OPUS."""

    language: str
    corpus: str
    version: str
    licence: str
    citation: str


def corpora_rights(corpora: Mapping[str, Iterable[str]]) -> list[Rights]:
    """Version, licence and citation of each corpus, in the order given.

    `corpora` maps each language to the names in params (`software`, `file:PATH`, ...).
    """
    return [_rights(language, name) for language, names in corpora.items() for name in names]


def by_corpus(rights: Iterable[Rights]) -> list[dict[str, str]]:
    """One entry per corpus, languages joined: corpus, languages, version, licence, cite."""
    entries: dict[str, dict[str, str]] = {}
    for right in rights:
        if right.corpus in entries:
            entries[right.corpus]["languages"] += f", {right.language}"
        else:
            entries[right.corpus] = {
                "corpus": right.corpus,
                "languages": right.language,
                "version": right.version,
                "licence": right.licence,
                "cite": right.citation,
            }
    return list(entries.values())


def _rights(language: str, name: str) -> Rights:
    entry = CATALOGUE.get(name)
    if entry is not None:
        return Rights(language, name, entry.version, entry.licence, entry.citation)
    if name.startswith(OPUS_KIND):
        version = name.partition("#")[0].partition("@")[2]
        return Rights(language, name, version, "see its page at OPUS", OPUS_PAPER)
    licence = "own file" if name.startswith("file:") else "not in the catalogue: ask its publisher"
    return Rights(language, name, "", licence, "")
