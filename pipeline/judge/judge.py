"""Links by two statistical aligners, fast_align and Eflomal, which never see the encoder.

A test pair that both have is wrong less often than one of fast_align alone. Eflomal's best links
under one seed hold many that it is unsure of. A single sample of the links is a draw from their
posterior distribution, so the share of independent samples that have a link estimates its
probability, and a threshold on it trades number for precision. ITERATIONS are few because more of
them take longer and give neither. `benchmarks/judge_quality.py` measures both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from ..common.errors import PipelineError
from ..common.worker_pool import workers
from ..word_align.gold import Gold
from ..word_align.links import Links, symmetrize
from ..word_align.settings import WordAlignSettings
from ..word_align.word_align import align_with_gold, check_links, gold_parts, with_gold
from .finders import BOTH, NEITHER
from .settings import JudgeSettings

# Sweeps of the sampler: by word translation alone, with word order, with fertilities as well.
ITERATIONS = (1, 4, 5)
FAST_ALIGN = WordAlignSettings(
    "fast_align",
    "wheel",
    "intersection",
    iterations=5,
    seed=1,
    method="mutual",
    layer=None,
    unit="words",
    threshold=0.4,
)


@dataclass(frozen=True)
class TextLinks:
    """The links of a text, and those of each gold set by its name."""

    text: Links
    gold: Mapping[str, Links]


def fast_align_links(
    source: Sequence[str], english: Sequence[str], gold: Mapping[str, Gold]
) -> TextLinks:
    """fast_align's links of tokenised lines and gold sentences; raises as `word_align` does."""
    return TextLinks(*align_with_gold(source, english, FAST_ALIGN, gold))


def eflomal_links(
    source: Sequence[str],
    english: Sequence[str],
    gold: Mapping[str, Gold],
    settings: JudgeSettings,
) -> TextLinks:
    """The links of tokenised lines and gold sentences that enough of Eflomal's samples have.

    Case is ignored. Raises PipelineError as `word_align` does.
    """
    both = samples(*with_gold(source, english, gold), settings.runs)
    return TextLinks(*gold_parts(frequent(both, settings.agree), len(source), gold))


def samples(source: Sequence[str], english: Sequence[str], runs: int) -> list[Links]:
    """Independent samples of Eflomal's links, each the intersection of both directions.

    Raises PipelineError as `word_align` does.
    """
    texts = source, english
    seeds = range(1, runs + 1)
    with workers(2, "judge", "lower judge.sentences") as pool:
        jobs = {
            (seed, reverse): pool.submit(sample_direction, *texts, seed, reverse)
            for seed, reverse in product(seeds, (False, True))
        }
        links = {key: job.result() for key, job in jobs.items()}
    for one_way in links.values():
        check_links(one_way, *texts)
    return [symmetrize(links[seed, False], links[seed, True], "intersection") for seed in seeds]


def sample_direction(
    source: Sequence[str], english: Sequence[str], seed: int, reverse: bool
) -> Links:
    """One sample of Eflomal's links in one direction; call it in a separate process."""
    from ..word_align.thot_aligners import sampled_links

    sides = [[line.lower().split(" ") for line in side] for side in (source, english)]
    first, second = reversed(sides) if reverse else sides
    links = sampled_links(first, second, seed, ITERATIONS, "judge")
    return links.transposed() if reverse else links


def frequent(alignments: Sequence[Links], least: int) -> Links:
    """The links that at least `least` of some alignments of the same sentences have."""
    every = np.concatenate([links.keys for links in alignments])
    keys, counts = np.unique(every, return_counts=True)
    return Links(keys[counts >= least], alignments[0].sentences)


def found_by(pairs: pd.DataFrame, fast_align: Links, eflomal: Links) -> np.ndarray:
    """Which aligners have each pair of a table of `pairs.word_pairs`: of `finders`, [pairs].

    Raises PipelineError if pairs are of sentences that were not aligned.
    """
    link = [pairs[name].to_numpy() for name in ("line", "source_index", "english_index")]
    judged = min(fast_align.sentences, eflomal.sentences)
    if len(pairs) and (last := int(pairs["line"].max())) >= judged:
        raise PipelineError(
            f"judge: a test or dev pair is in sentence pair {last + 1}, but only {judged} were "
            f"judged: set judge.sentences to at least {last + 1}"
        )
    has_fast_align, has_eflomal = fast_align.contain(*link), eflomal.contain(*link)
    number = 2 * ~has_eflomal + 1 * ~has_fast_align
    finders: np.ndarray = np.array([BOTH, "eflomal", "fast_align", NEITHER], object)[number]
    return finders
