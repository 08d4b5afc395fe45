"""Rows of corpora as the step download reads them."""

import pyarrow as pa

from pipeline.corpora.names import CorpusShare
from pipeline.corpora.reading import read_corpora
from pipeline.corpora.text_rules import Tidy


def read(name, language, cache, max_pairs=100, **options):
    """The rows of one corpus, with the first pairs taken unless said otherwise."""
    return read_all([CorpusShare(name)], language, cache, max_pairs=max_pairs, **options)[0]


def read_all(sources, language, cache, **options):
    """All rows of several corpora, and the counts of the rules."""
    tidy = Tidy()
    options = {"sample": "head", "seed": 1, **options}
    tables = read_corpora(sources, language, cache, tidy, **options)
    return pa.concat_tables(tables).to_pandas(), tidy.counts
