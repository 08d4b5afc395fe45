"""Links of a bitext by an encoder, as the step word_align writes them."""

from collections.abc import Mapping, Sequence

from .encoder_aligner import EncoderAligner, align_words
from .gold import Gold
from .links import Links
from .word_align import check_lines, gold_parts, with_gold


def encoder_links_with_gold(
    source: Sequence[str],
    english: Sequence[str],
    gold: Mapping[str, Gold],
    aligner: EncoderAligner,
) -> tuple[Links, dict[str, Links]]:
    """Links of pairs of tokenised lines, and those of each gold set, by its name.

    As `word_align.align_with_gold`, but nothing is estimated: no sentence affects the links of
    another. Raises PipelineError for lines that did not come from the step tokenize.
    """
    check_lines(source, english)
    all_source, all_english = (
        [line.split(" ") for line in side] for side in with_gold(source, english, gold)
    )
    return gold_parts(align_words(all_source, all_english, aligner), len(source), gold)
