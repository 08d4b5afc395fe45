"""download: the parallel corpora of one language."""

from pipeline.corpora import Source, read_corpora
from pipeline.files import write_json, write_parquet
from stages import ARTIFACTS, CACHE
from stages.params import load_params


def main(language: str) -> None:
    """Fetch and read LANGUAGE's corpora: columns source, english, corpus and line."""
    params = load_params()
    corpora = [Source(**each.model_dump()) for each in params.language(language).corpus]
    bitext, counts = read_corpora(corpora, language, CACHE, **params.download.model_dump())
    write_parquet(ARTIFACTS / "download" / f"{language}.parquet", bitext)
    write_json(ARTIFACTS / "download" / f"{language}.json", dict(sorted(counts.items())))
    for name, rows in bitext.groupby("corpus", sort=False):
        print(f"{language}: {len(rows)} sentence pairs of {name}")
