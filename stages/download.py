"""download: the parallel corpus of one language."""

from pipeline.corpora import read_corpus
from pipeline.files import write_parquet
from stages import ARTIFACTS, CACHE
from stages.params import load_params


def main(language: str) -> None:
    """Fetch LANGUAGE's corpus: columns source and english, one row a sentence pair."""
    params = load_params()
    corpus = params.language(language).corpus
    bitext = read_corpus(corpus, language, CACHE, params.download.max_pairs)
    write_parquet(ARTIFACTS / "download" / f"{language}.parquet", bitext)
    print(f"{language}: {len(bitext)} sentence pairs of {corpus}")
