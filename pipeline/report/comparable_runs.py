"""Which figures of several experiments are measured on the paper's data."""

from collections.abc import Iterable, Mapping
from typing import Any

from . import paper_numbers as paper
from .inference_data import data_of
from .language_groups import ENGLISH_CODE


def retrieval_on_paper_text(runs: Iterable[Mapping[str, Any]]) -> set[str]:
    """The languages whose only corpus is the paper's, in all `runs`, which are params."""
    on_paper_text: set[str] = set()
    others: set[str] = set()
    for params in runs:
        for code, block in params["languages"].items():
            (on_paper_text if corpus_names(block["corpus"]) == {paper.CORPUS} else others).add(code)
    return on_paper_text - others


def inference_on_xnli(runs: Iterable[Mapping[str, Any]]) -> set[str]:
    """English and all languages, if inference is on XNLI in all `runs`, which are params."""
    runs = list(runs)
    if not all(data_of(params["nli"]).is_xnli for params in runs):
        return set()
    return {ENGLISH_CODE}.union(*(params["languages"] for params in runs))


def corpus_names(corpus: Any) -> set[str]:
    """The names in a `corpus` of params: a name, a block with a name, or a list of these."""
    entries = corpus if isinstance(corpus, list) else [corpus]
    return {entry["name"] if isinstance(entry, Mapping) else entry for entry in entries}
