"""corpora: the corpora in the catalogue."""

from typing import Annotated

import typer
from tabulate import tabulate

from pipeline.common.errors import PipelineError
from pipeline.corpora.catalogue import CATALOGUE


def main(
    language: Annotated[str | None, typer.Option(help="Two-letter code (default: all).")] = None,
) -> None:
    """List the corpora that params.yaml can name by one word, with size and licence."""
    rows = [
        {
            "language": code,
            "corpus": entry.name,
            "pairs": f"{1000 * thousands:,}",
            "kind": entry.kind,
            "version": entry.version,
            "licence": entry.licence,
            "cite": entry.citation,
        }
        for entry in CATALOGUE.values()
        for code, thousands in entry.pairs.items()
        if language in (None, code)
    ]
    if not rows:
        covered = sorted({code for entry in CATALOGUE.values() for code in entry.pairs})
        raise PipelineError(f"{language}: no corpus; the catalogue covers {', '.join(covered)}")
    rows.sort(key=lambda row: row["language"])
    print(tabulate(rows, headers="keys", tablefmt="pipe", disable_numparse=True))
