"""align-words: word alignment of a tokenised bitext with an encoder."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from pipeline.common.files import write_lines
from pipeline.word_align.encoder_aligner import align_words, open_aligner, read_tokens
from pipeline.word_align.links import to_pharaoh


def main(
    source: Path,
    english: Path,
    out: Path,
    *,
    encoder: Annotated[
        Path, typer.Option(help="Folder of the encoder, like artifacts/align/base.")
    ],
    layer: Annotated[
        int | None,
        typer.Option(
            help="From 0, the embeddings, or from -1, the last layer; by default the one that "
            "aligns best, at seven twelfths of the depth."
        ),
    ] = None,
    method: Annotated[
        Literal["mutual", "itermax"],
        typer.Option(help="mutual: fewer, more precise links; itermax: more links."),
    ] = "mutual",
    pooling: Annotated[
        Literal["last", "first", "mean"], typer.Option(help="Subwords that represent a word.")
    ] = "mean",
    language: Annotated[
        str | None, typer.Option(help="Language of SOURCE, for an encoder with rotations.")
    ] = None,
) -> None:
    """Align the words of SOURCE and ENGLISH: parallel tokenised sentences, one per line.

    OUT gets one line of links i-j (Pharaoh format, from 0) per sentence pair; the line is empty if
    a side has no words. Spaces and tabs separate words.
    """
    aligner = open_aligner(encoder, method, layer, pooling, language)
    links = align_words(read_tokens(source), read_tokens(english), aligner)
    write_lines(out, to_pharaoh(links))
    pairs = f"{links.sentences} sentence pairs"
    print(f"{out}: {len(links)} links in {pairs}, by layer {aligner.layer}")
