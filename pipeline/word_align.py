"""Word alignment by fast_align (Dyer, Chahuneau and Smith, 2013), both directions, symmetrised.

Links are pairs (i, j) of token indices, source and English; a sentence's links in text are the
Pharaoh format, `0-0 1-2`.
"""

import math
import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from pipeline.errors import PipelineError

Links = list[tuple[int, int]]

MAX_WORDS = 1024  # thot gives longer sentences an empty alignment, silently


def word_align(source: Sequence[str], english: Sequence[str], iterations: int) -> list[Links]:
    """Links of each pair of tokenised lines that both directions agree on (intersection), sorted.

    `iterations` counts EM iterations as `fast_align -I` does. Forward and reverse run in parallel,
    each in a process of its own: thot holds the interpreter lock and does not survive a fork.
    Raises PipelineError for lines that fast_align cannot align, or if an aligner fails.
    """
    check_lines(source, english)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn, initializer=_one_thread) as pool:
        forward = pool.submit(fast_align, source, english, iterations)
        reverse = pool.submit(fast_align, english, source, iterations)
        try:
            directions = forward.result(), reverse.result()
        except BrokenProcessPool as error:
            raise PipelineError(
                "word_align: the aligner's process died (out of memory?): lower download.max_pairs"
            ) from error
    return [intersect(*links) for links in zip(*directions, strict=True)]


def intersect(forward: Links, reverse: Links) -> Links:
    """Links (i, j) whose mirror (j, i) is in `reverse`, sorted."""
    return sorted(set(forward) & {(i, j) for j, i in reverse})


def fast_align(source: Sequence[str], target: Sequence[str], iterations: int) -> list[Links]:
    """One direction: each target token gets at most one source token; links are (i, j)."""
    from thot.alignment import FastAlignModel

    sources, targets = ([line.split() for line in side] for side in (source, target))
    model = FastAlignModel()
    model.variational_bayes = True
    for pair in zip(sources, targets, strict=True):
        model.add_sentence_pair(*pair, 1)
    model.start_training()
    for _ in range(iterations - 1):  # start_training is the first iteration of the program
        model.train()
    model.end_training()
    return [
        _links(number, *best, shape=(len(s), len(t)))
        for number, (best, s, t) in enumerate(
            zip(model.get_best_alignments(sources, targets), sources, targets, strict=True), 1
        )
    ]


def check_lines(source: Sequence[str], english: Sequence[str]) -> None:
    """Raise PipelineError for what fast_align does not survive: it crashes or drops lines."""
    if len(source) != len(english):
        raise PipelineError(
            f"word_align: {len(source)} source lines and {len(english)} English lines: "
            "they must be parallel, run tokenize again"
        )
    for number, pair in enumerate(zip(source, english, strict=True), start=1):
        for line in pair:
            words = line.split()
            if not words or "|||" in line or len(words) > MAX_WORDS:
                raise PipelineError(
                    f"word_align: line {number} is empty, has '|||' or over {MAX_WORDS} tokens: "
                    "run tokenize again"
                )


def to_pharaoh(links: Links) -> str:
    """`0-0 1-2`; empty for no links."""
    return " ".join(f"{i}-{j}" for i, j in links)


def from_pharaoh(line: str) -> Links:
    """The inverse of `to_pharaoh`; raises ValueError for other text."""
    return [(int(i), int(j)) for i, j in (link.split("-") for link in line.split())]


def _links(number: int, log_probability: float, matrix: object, shape: tuple[int, int]) -> Links:
    found = matrix.to_numpy()  # type: ignore[attr-defined]
    if math.isnan(log_probability) or found.shape != shape:
        raise PipelineError(f"word_align: line {number} has no valid alignment: remove the line")
    return [(int(i), int(j)) for i, j in zip(*found.nonzero(), strict=True)]


def _one_thread() -> None:
    # More threads change the order of sums, and so the result, from run to run.
    os.environ["OMP_NUM_THREADS"] = "1"
