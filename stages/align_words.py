"""align-words: word alignment of a tokenised bitext with an encoder."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from pipeline.common.files import write_lines
from pipeline.common.languages import check_language
from pipeline.word_align.encoder_aligner import open_aligner, scored_links
from pipeline.word_align.link_methods import THRESHOLD
from pipeline.word_align.links import to_pharaoh
from pipeline.word_align.settings import Method, Unit
from pipeline.word_align.text_files import read_tokens

Encoder = Annotated[Path, typer.Option(help="Folder of the encoder, like artifacts/align/base.")]
Layer = Annotated[
    int | None,
    typer.Option(help="From 0, the embeddings, or from -1, the last; by default the best."),
]
LinkMethod = Annotated[
    Method,
    typer.Option(
        help="mutual: fewer, more precise links; itermax: more; softmax: by --threshold; "
        "match: all words of the shorter sentence."
    ),
]
Threshold = Annotated[
    float, typer.Option(help="Of softmax: least probability, in both directions.")
]
Compared = Annotated[
    Unit, typer.Option(help="Compared; words are linked if any of their subwords is.")
]
Pooling = Annotated[
    Literal["last", "first", "mean"], typer.Option(help="Subwords that represent a word.")
]
Language = Annotated[
    str | None, typer.Option(help="Language of SOURCE, for an encoder with rotations.")
]
Scores = Annotated[bool, typer.Option("--scores", help="Write links i-j:probability.")]


def main(
    source: Path,
    english: Path,
    out: Path,
    *,
    encoder: Encoder,
    layer: Layer = None,
    method: LinkMethod = "mutual",
    threshold: Threshold = THRESHOLD,
    unit: Compared = "words",
    pooling: Pooling = "mean",
    language: Language = None,
    scores: Scores = False,
) -> None:
    """Align the words of SOURCE and ENGLISH: parallel tokenised sentences, one per line.

    OUT gets one line of links i-j (Pharaoh format, from 0) per sentence pair; the line is empty if
    a side has no words. Spaces and tabs separate words.
    """
    if language:
        check_language(language)
    aligner = open_aligner(
        encoder, method, layer, pooling, language, unit=unit, threshold=threshold
    )
    found = scored_links(read_tokens(source), read_tokens(english), aligner)
    links = found.links
    write_lines(out, found.to_text() if scores else to_pharaoh(links))
    print(f"{out}: {len(links)} links in {links.sentences} pairs, by layer {aligner.layer}")
