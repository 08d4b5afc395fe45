"""corpora: the corpora in the catalogue."""

from typing import Annotated

import typer
from tabulate import tabulate

from pipeline.common.errors import PipelineError
from pipeline.common.languages import check_language
from pipeline.corpora.catalogue import CATALOGUE


def main(
    language: Annotated[str | None, typer.Option(help="A code of BCP 47 (default: all).")] = None,
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
    if not rows and language:
        check_language(language)
        raise PipelineError(
            f"{language}: the catalogue has no corpus: name one of OPUS, as in "
            "opus:CORPUS@VERSION, or your own file, as in file:own/PATH; see docs/languages.md"
        )
    rows.sort(key=lambda row: row["language"])
    print(tabulate(rows, headers="keys", tablefmt="pipe", disable_numparse=True))
