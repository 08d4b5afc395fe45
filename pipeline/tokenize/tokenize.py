"""Tokenise and clean a bitext on all cores."""

import os
from collections.abc import Iterator, Sequence
from itertools import starmap
from pathlib import Path
from typing import Any

import pandas as pd

from ..common.errors import PipelineError
from ..common.progress import progress
from ..common.worker_pool import workers
from .cleaning import Cleaning, clean
from .moses import rules_used, words
from .segmenters import check_spaces, needed_segmenter

LINES_PER_TASK = 2000
WORTHWHILE = 20000  # lines that repay the start-up time of one more process

Task = tuple[str, Path, Sequence[str]]


def tokenize(
    bitext: pd.DataFrame,
    language: str,
    cleaning: Cleaning,
    abbreviations: Path,
    processes: int | None = None,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the tokenised pairs that pass the cleaning, in order, and its counts.

    `tokenizer` among the counts says what decided the tokens of the language.
    `bitext` and the result have columns source and english; tokens are separated by one space.
    `abbreviations` is the folder of `moses.words`. `processes` is the maximum number of
    processes, by default one per available core; it does not affect the result.
    Raises PipelineError if that folder is missing, the text needs a segmenter that is not installed
    or does not exist, no pair is left, or a process is killed.
    """
    if not abbreviations.is_dir():
        raise PipelineError(f"{abbreviations}: no such folder: dvc pull data brings it")
    used = _rules_used(bitext, language, abbreviations)
    sides = {"source": language, "english": "en"}
    lines = {side: bitext[side].unique().tolist() for side in sides}  # tokenise each line once
    tasks = [
        (code, abbreviations, lines[side][start : start + LINES_PER_TASK])
        for side, code in sides.items()
        for start in range(0, len(lines[side]), LINES_PER_TASK)
    ]
    tokens: dict[str, dict[str, str]] = {code: {} for code in sides.values()}
    results = _run(tasks, min(processes or _cores(), sum(map(len, lines.values())) // WORTHWHILE))
    for (code, _, raw), tokenized in zip(progress(tasks, "tokenize"), results, strict=True):
        tokens[code].update(zip(raw, tokenized, strict=True))
    source, english = (map(tokens[code].__getitem__, bitext[side]) for side, code in sides.items())
    pairs, counts = clean(zip(source, english, strict=True), cleaning)
    if not pairs:
        raise PipelineError(
            f"{language}: none of {len(bitext)} pairs survives the cleaning: "
            "widen the bounds of tokenize in params.yaml or name another corpus"
        )
    return pd.DataFrame(pairs, columns=["source", "english"]), {**counts, "tokenizer": used}


def _rules_used(bitext: pd.DataFrame, language: str, abbreviations: Path) -> dict[str, str]:
    """What decides the tokens; raises PipelineError for text that no segmenter can cut."""
    check_spaces(language, zip(bitext.source, bitext.english, strict=True))
    segmenter = needed_segmenter(language, bitext.source)
    versions = segmenter.versions if segmenter else "none"
    return {**rules_used(language, abbreviations), "segmenter": versions}


def _run(tasks: Sequence[Task], processes: int) -> Iterator[list[str]]:
    """Yield results in task order; with fewer than two processes, run in this one."""
    if processes < 2:
        yield from starmap(words, tasks)
        return
    with workers(processes, "tokenize", "lower download.max_pairs") as pool:
        yield from pool.map(words, *zip(*tasks, strict=True))


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
