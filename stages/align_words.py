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
    encoder: Annotated[Path, typer.Option(help="Its folder, as in artifacts/align.")],
    layer: Annotated[int, typer.Option(help="From 1, or from -1, the last one.")] = -1,
    method: Annotated[
        Literal["mutual", "itermax"], typer.Option(help="Fewer links or more of them.")
    ] = "mutual",
    pooling: Annotated[
        Literal["last", "first", "mean"], typer.Option(help="Subwords that stand for a word.")
    ] = "mean",
    language: Annotated[
        str | None, typer.Option(help="Of SOURCE, for an encoder with rotations.")
    ] = None,
) -> None:
    """Align the words of SOURCE and ENGLISH: tokenised sentences, one a line, parallel.

    OUT gets a line a sentence pair in the Pharaoh format, i-j from 0; it is empty where a side has
    no words. Spaces and tabs separate words.
    """
    aligner = open_aligner(encoder, method, layer, pooling, language)
    links = align_words(read_tokens(source), read_tokens(english), aligner)
    write_lines(out, to_pharaoh(links))
    print(f"{out}: {len(links)} links in {links.sentences} sentence pairs")
