"""draw-links: one page to look at the word links of a tokenised bitext."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.common.files import atomic
from pipeline.draw_links.drawn_pairs import GoldFile, read_drawn_pairs
from pipeline.draw_links.links_page import links_page


def main(
    source: Path,
    english: Path,
    links: Path,
    out: Path,
    *,
    gold: Annotated[
        Path | None,
        typer.Option(help="Gold links of the same sentences, to mark missing and extra links."),
    ] = None,
    english_first: Annotated[
        bool, typer.Option("--english-first", help="Gold links begin with the English token.")
    ] = False,
    one_based: Annotated[
        bool, typer.Option("--one-based", help="Gold links in Pharaoh format count from 1.")
    ] = False,
    language: Annotated[
        str | None, typer.Option(help="Language of SOURCE, such as de: its name and direction.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Heading of the page.")] = None,
) -> None:
    """Draw the word LINKS between SOURCE and ENGLISH, parallel tokenised texts, as a page OUT.

    LINKS has one line of links i-j per sentence pair (Pharaoh format, from 0), each with its
    probability or not: 0-0:0.98 1-2. OUT is one HTML file that needs no network.
    """
    gold_file = GoldFile(gold, english_first, one_based) if gold else None
    pairs = read_drawn_pairs(source, english, links, gold_file, language)
    page = links_page(pairs, title or f"Word links of {source.name} and {english.name}")
    with atomic(out) as temporary:
        temporary.write_text(page, "utf-8")
    print(f"{out}: {sum(len(pair.links) for pair in pairs)} links in {len(pairs)} sentence pairs")
