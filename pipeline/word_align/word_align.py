"""Word alignment of a bitext in both directions, symmetrised."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ..common.errors import PipelineError
from ..common.worker_pool import workers
from .fast_align_program import run_program
from .gold import Gold
from .links import MAX_WORDS, Links, symmetrize
from .settings import WordAlignSettings


def word_align(
    source: Sequence[str],
    english: Sequence[str],
    settings: WordAlignSettings,
    program: Path | None = None,
) -> Links:
    """Links of pairs of tokenised lines.

    `program` is a built fast_align; None: the one in the package thot. Forward and reverse run in
    parallel, each in a separate process. Raises PipelineError for lines that aligners cannot
    process (see `check_lines`), or if an aligner fails.
    """
    check_lines(source, english)
    return _align(source, english, settings, program)


def _align(
    source: Sequence[str],
    english: Sequence[str],
    settings: WordAlignSettings,
    program: Path | None,
) -> Links:
    with workers(2, "word_align", "lower download.max_pairs") as pool:
        forward, reverse = (
            pool.submit(align_direction, source, english, settings, reverse_direction, program)
            for reverse_direction in (False, True)
        )
        directions = forward.result(), reverse.result()
    for links in directions:
        check_links(links, source, english)
    return symmetrize(*directions, settings.heuristic)


def align_with_gold(
    source: Sequence[str],
    english: Sequence[str],
    settings: WordAlignSettings,
    gold: Mapping[str, Gold],
    program: Path | None = None,
) -> tuple[Links, dict[str, Links]]:
    """Links of the lines, and those of each gold set, by its name.

    The sentences of the gold sets are aligned together with the lines.
    """
    check_lines(source, english)  # `read_gold` has checked the gold sentences
    links = _align(*with_gold(source, english, gold), settings, program)
    return gold_parts(links, len(source), gold)


def with_gold(
    source: Sequence[str], english: Sequence[str], gold: Mapping[str, Gold]
) -> tuple[list[str], list[str]]:
    """The lines, followed by the sentences of the gold sets."""
    sources, englishes = list(source), list(english)
    for gold_set in gold.values():
        sources += gold_set.source
        englishes += gold_set.english
    return sources, englishes


def gold_parts(
    links: Links, lines: int, gold: Mapping[str, Gold]
) -> tuple[Links, dict[str, Links]]:
    """The links of the first `lines` sentence pairs, and those of each gold set after them."""
    text, rest = links.split(lines)
    parts = {}
    for name, gold_set in gold.items():
        parts[name], rest = rest.split(len(gold_set.source))
    return text, parts


def align_direction(
    source: Sequence[str],
    english: Sequence[str],
    settings: WordAlignSettings,
    reverse: bool,
    program: Path | None = None,
) -> Links:
    """Links (source, English) of one direction: the source token of each English token.

    With `reverse`, the English token of each source token. Call it in a separate process, see
    `thot_aligners`.
    """
    if program:
        return run_program(program, source, english, settings.iterations, reverse)
    from .thot_aligners import eflomal, fast_align

    sides = [line.split(" ") for line in source], [line.split(" ") for line in english]
    first, second = reversed(sides) if reverse else sides
    name = f"word_align {'reverse' if reverse else 'forward'}"
    if settings.backend == "eflomal":
        links = eflomal(first, second, settings.seed, name)
    else:
        links = fast_align(first, second, settings.iterations, name)
    return links.transposed() if reverse else links


def check_lines(source: Sequence[str], english: Sequence[str]) -> None:
    """Raise PipelineError for lines on which aligners would crash or which they would drop."""
    if len(source) != len(english):
        raise PipelineError(
            f"word_align: {len(source)} source lines and {len(english)} English lines: "
            "they must be parallel: run tokenize again"
        )
    if not source:
        raise PipelineError("word_align: there are no sentences: run tokenize again")
    for number, pair in enumerate(zip(source, english, strict=True), start=1):
        for line in pair:
            words = line.split()
            # Other white space in a token means that the text did not come from tokenize.
            if not words or words != line.split(" ") or "|||" in words or len(words) > MAX_WORDS:
                raise PipelineError(
                    f"word_align: line {number} is empty, or has '|||', tokens not separated by "
                    f"single spaces, or over {MAX_WORDS} tokens: run tokenize again"
                )


def check_links(links: Links, source: Sequence[str], english: Sequence[str]) -> None:
    """Raise PipelineError for links past the end of a line, or for another number of lines."""
    if links.sentences != len(source):
        raise PipelineError(
            f"word_align: {links.sentences} lines of links for {len(source)} sentence pairs: "
            "align again"
        )
    for indices, lines in ((links.source, source), (links.english, english)):
        lengths = np.array([line.count(" ") + 1 for line in lines])
        beyond = np.flatnonzero(indices >= lengths[links.sentence])
        if len(beyond):
            number = links.sentence[beyond[0]] + 1
            raise PipelineError(f"word_align: line {number} has a link past its end: align again")
