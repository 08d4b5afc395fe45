"""evaluate-links: error rates of any aligner's word links on a gold set."""

import json
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from pipeline.common.errors import PipelineError
from pipeline.word_align.gold import gold_of_files
from pipeline.word_align.gold_files import read_files
from pipeline.word_align.link_files import read_links
from pipeline.word_align.link_rates import link_rates, rates_records, rates_table

Links = Annotated[list[Path], typer.Argument(help="Files of links, Pharaoh or NAACL format.")]
Gold = Annotated[Path, typer.Option(help="Gold links; see docs/files.md for the formats.")]
Source = Annotated[Path | None, typer.Option(help="Its source sentences, if apart.")]
English = Annotated[Path | None, typer.Option(help="Its English sentences, if apart.")]
GoldFirst = Annotated[bool, typer.Option("--english-first", help="Gold links: English first.")]
GoldBase = Annotated[bool, typer.Option("--one-based", help="Gold links in Pharaoh count from 1.")]
First = Annotated[bool, typer.Option("--links-english-first", help="LINKS: English first.")]
Base = Annotated[bool, typer.Option("--links-one-based", help="LINKS in Pharaoh count from 1.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, shares from 0 to 1.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV, shares from 0 to 1.")]


def main(
    links: Links,
    *,
    gold: Gold,
    source: Source = None,
    english: English = None,
    english_first: GoldFirst = False,
    one_based: GoldBase = False,
    links_english_first: First = False,
    links_one_based: Base = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Print alignment error rate, precision, recall and F1 of LINKS on a gold set.

    In per cent, with 95 % intervals of a bootstrap over sentences.
    """
    if as_json and as_csv:
        raise PipelineError("evaluate-links: --json and --csv exclude each other: leave out one")
    files = read_files(gold, source, english, english_first)
    of_gold = gold_of_files(files, one_based)
    rates = {}
    for path in links:
        found = read_links(path, files, links_english_first, links_one_based)
        rates[str(path)] = link_rates(found, of_gold)
    records = rates_records(rates, str(gold))
    if as_json:
        print(json.dumps(records, indent=1))
    elif as_csv:
        print(pd.DataFrame(records).to_csv(index=False), end="")
    else:
        print(rates_table(rates))
