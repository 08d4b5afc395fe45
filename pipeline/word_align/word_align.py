"""Word alignment of a bitext: both directions, symmetrised, and scored on gold alignments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..common.errors import PipelineError
from ..common.worker_pool import workers
from .fast_align_program import run_program
from .gold import Gold, error_rates
from .links import MAX_WORDS, Links, symmetrize


@dataclass(frozen=True)
class Aligner:
    """`backend` is fast_align or eflomal, `heuristic` one of `word_align.links.HEURISTICS`.

    `iterations` of EM are fast_align's, `seed` is eflomal's. `program` is a built fast_align;
    None takes the model of the package thot.
    """

    backend: str
    heuristic: str
    iterations: int
    seed: int
    program: Path | None = None


def word_align(source: Sequence[str], english: Sequence[str], aligner: Aligner) -> Links:
    """Links of each pair of tokenised lines.

    Forward and reverse run in parallel, each in a process of its own. Raises PipelineError for
    lines that no aligner survives, or if an aligner fails.
    """
    check_lines(source, english)
    with workers(2, "word_align") as pool:
        forward, reverse = (
            pool.submit(align_direction, source, english, aligner, turned)
            for turned in (False, True)
        )
        directions = forward.result(), reverse.result()
    for links in directions:
        check_links(links, source, english)
    return symmetrize(*directions, aligner.heuristic)


def align_with_gold(
    source: Sequence[str], english: Sequence[str], aligner: Aligner, gold: Mapping[str, Gold]
) -> tuple[Links, dict[str, dict[str, float | int]]]:
    """Links of the lines, and error rates by name of gold set, whose sentences are aligned too."""
    sources, englishes = list(source), list(english)
    for each in gold.values():
        sources += each.source
        englishes += each.english
    links, rest = word_align(sources, englishes, aligner).split(len(source))
    rates = {}
    for name, each in gold.items():
        found, rest = rest.split(len(each.source))
        rates[name] = error_rates(found, each)
    return links, rates


def align_direction(
    source: Sequence[str], english: Sequence[str], aligner: Aligner, reverse: bool
) -> Links:
    """Links (source, English) of one direction: where each English token comes from.

    In `reverse`, where each source token comes from. To be called in a process of its own.
    """
    if aligner.program:
        return run_program(aligner.program, source, english, aligner.iterations, reverse)
    from .thot_aligners import eflomal, fast_align

    sides = [line.split(" ") for line in source], [line.split(" ") for line in english]
    first, second = reversed(sides) if reverse else sides
    name = f"word_align {'reverse' if reverse else 'forward'}"
    if aligner.backend == "eflomal":
        links = eflomal(first, second, aligner.seed, name)
    else:
        links = fast_align(first, second, aligner.iterations, name)
    return links.transposed() if reverse else links


def check_lines(source: Sequence[str], english: Sequence[str]) -> None:
    """Raise PipelineError for what aligners do not survive: they crash or drop lines."""
    if len(source) != len(english):
        raise PipelineError(
            f"word_align: {len(source)} source lines and {len(english)} English lines: "
            "they must be parallel, run tokenize again"
        )
    if not source:
        raise PipelineError("word_align: there are no sentences: run tokenize again")
    for number, pair in enumerate(zip(source, english, strict=True), start=1):
        for line in pair:
            words = line.split()
            # Links count what stands between single spaces; fast_align splits at any space.
            if not words or words != line.split(" ") or "|||" in words or len(words) > MAX_WORDS:
                raise PipelineError(
                    f"word_align: line {number} is empty, has '|||', other than single spaces or "
                    f"over {MAX_WORDS} tokens: run tokenize again"
                )


def check_links(links: Links, source: Sequence[str], english: Sequence[str]) -> None:
    """Raise PipelineError for links that point behind the end of a line, or of other lines."""
    if links.sentences != len(source):
        raise PipelineError(
            f"word_align: {links.sentences} lines of links for {len(source)} sentence pairs: "
            "align again"
        )
    for indices, lines in ((links.source, source), (links.english, english)):
        words = np.array([line.count(" ") + 1 for line in lines])
        beyond = np.flatnonzero(indices >= words[links.sentence])
        if len(beyond):
            number = links.sentence[beyond[0]] + 1
            raise PipelineError(f"word_align: line {number} has a link behind its end: align again")
