"""Gold word alignments, and the error rates of an alignment on them.

A gold link is sure or possible. The formats are those of `gold_files` and `link_files`.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..common.errors import PipelineError
from .gold_files import GoldFiles, read_files
from .link_files import LinkOptions, parse_links, to_links
from .links import Links


@dataclass(frozen=True)
class Gold:
    """Tokenised sentence pairs, their sure links, and the possible ones, which include the sure."""

    source: list[str]
    english: list[str]
    sure: Links
    possible: Links


def read_gold_sets(path: Path) -> dict[str, Gold]:
    """The gold sets of a language by name; `path` is the file of the step own that names them.

    Raises PipelineError if it is missing, and as `read_gold` does.
    """
    if not path.is_file():
        raise PipelineError(f"{path}: is missing: run dvc repro own")
    sets = json.loads(path.read_text("utf-8"))
    return {name: read_gold(**files) for name, files in sets.items()}


def read_gold(
    links: Path | str,
    source: Path | str | None = None,
    english: Path | str | None = None,
    english_first: bool = False,
    one_based: bool = False,
) -> Gold:
    """A gold set of one file, `links`, or of three.

    `english_first` says that the English token comes first in each link, as it always does in
    XL-WA; `one_based` that Pharaoh links count tokens from 1. Raises PipelineError with the file,
    the line and the fault.
    """
    return gold_of_files(read_files(links, source, english, english_first), one_based)


def gold_of_files(files: GoldFiles, one_based: bool = False) -> Gold:
    """The gold set in some files; raises PipelineError as `read_gold` does."""
    options = LinkOptions(files.english_first, one_based)
    links = parse_links(files.links, files.lines, files, options)
    sentences = len(files.source)
    sure = to_links([link for link in links if link.sure], sentences)
    if not len(sure):
        raise PipelineError(f"{files.links}: has no sure links, which recall needs: add some")
    source, english = ([each.text for each in side] for side in (files.source, files.english))
    return Gold(source, english, sure, to_links(links, sentences))


def error_rates(links: Links, gold: Gold) -> dict[str, float | int]:
    """Precision, recall and alignment error rate (Och and Ney, 2003) of links on a gold set.

    Precision is the share of `links` that are possible, recall the share of the sure ones that are
    among `links`. Precision is 0 if there are no links.
    """
    sure = len(np.intersect1d(links.keys, gold.sure.keys, assume_unique=True))
    possible = len(np.intersect1d(links.keys, gold.possible.keys, assume_unique=True))
    return {
        "sentences": gold.sure.sentences,
        "precision": possible / max(1, len(links)),
        "recall": sure / len(gold.sure),
        "aer": 1 - (sure + possible) / (len(links) + len(gold.sure)),
    }
