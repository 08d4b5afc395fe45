"""download: the parallel corpora of one language."""

import sys

from pipeline.common.files import write_json
from pipeline.common.parquet import write_tables
from pipeline.corpora.reading import read_corpora
from pipeline.corpora.text_rules import Tidy, dropped_lines
from stages import ARTIFACTS, CACHE, CHECKSUMS
from stages.params import load_params


def main(language: str) -> None:
    """Fetch and read LANGUAGE's corpora: columns source, english, corpus and line."""
    params = load_params()
    corpora = params.language(language).corpus
    tidy = Tidy()
    options = params.download.model_dump()
    tables = read_corpora(corpora, language, CACHE, tidy, **options, checksums=CHECKSUMS)
    rows = write_tables(ARTIFACTS / "download" / f"{language}.parquet", tables)
    counts = {"pairs": rows, **dict(sorted(tidy.counts.items()))}
    write_json(ARTIFACTS / "download" / f"{language}.json", counts)
    print(f"{language}: {rows} sentence pairs of {', '.join(each.name for each in corpora)}")
    if dropped := dropped_lines(tidy.counts):
        print(f"{language}: {dropped}", file=sys.stderr)
