"""The text of report.md, and tables of training, cleaning and word alignment."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

REPORT_TEXT = """# Contextual alignment

Contextual word retrieval by CSLS on held-out sentences, {pairs}: accuracy in per cent, ± half the
width of the 95 % interval of a bootstrap over sentences. p is the two-sided p-value of the
difference.{languages}

{retrieval}

The same by kind of pairs, means over languages and directions. Agreed pairs are those that two
statistical aligners have, fast_align and Eflomal. They are a subset of the queries: each word
retrieves among all words of the test set. {right}

{protocols}

Precision of the pairs on the gold sets in per cent, with 95 % intervals over sentences; kept is the
share of agreed pairs.

{precision}

Agreed pairs are easier as well: shares of all pairs and of agreed pairs by word class and
frequency, in per cent.

{shift}

Words linked by people (the sure links of the gold sets), which retrieve among the words of the test
set and of the gold set. The queries are few, but right; intervals are over gold sentences.

{gold_words}

Whole sentences, by the mean of their subwords at the last layer: the translation must rank first
among the test sentences. By cosine:

{sentences_cosine}

By the ratio margin with 4 neighbours; 100 minus this accuracy is the error rate known as xsim:

{sentences_margin}

Retrieval by kind of word, pair and sentence: mean over both directions and languages. The folder
`artifacts/analyses` has the intervals of each language and lists every retrieved word.

{analyses}

Hubness under CSLS: skewness of how often a word is among the nearest words of a query, and the
share of words (in per cent) that never are.

{hubness}

By layer (0: the embeddings), means over languages. Word retrieval (CSLS, all pairs):

{layers}

Sentence retrieval (margin):

{layers_sentences}

Alignment error rate of mutual nearest neighbours on the gold sets:

{layers_gold}

The effect of context: CSLS accuracy @1 on the test pairs whose two words both occur in the first
`retrieval.type_sentences` training sentences. types: each word type has one vector, its mean over
these sentences, and retrieves among the types of these pairs. contextual types and contextual: each
word has its own vector and retrieves among all words of the test set. A hit is any word of the
right type (contextual types), or only the aligned word (contextual).

{noncontextual}

Natural language inference on {data}: fine-tuned on English, tested
zero-shot. Accuracy in per cent, ± the standard deviation over seeds. A method marked "continual"
kept aligning during fine-tuning. Differences are means over seeds, with the 95 % interval of a
bootstrap over examples and its two-sided p-value. translate-train, the ceiling, is the unaligned
encoder fine-tuned on training examples in the tested language. "gap closed" is the share (in per
cent) of the gap between the first method and the ceiling that a method closes.

{nli}

Each seed by itself: the number of examples that only the first method gets right, the number that
only the other method gets right, and the p-value of McNemar's test.

{mcnemar}

Word alignment on gold sets, in per cent; aer is the alignment error rate. The first aligner is that
of the step `word_align`. The others are the encoders, which link words that are mutual nearest
neighbours at layer {gold_layer}.

{gold}

Sentence pairs that `tokenize` kept, and those that each of its rules dropped.

{cleaning}
{paper}
"""


def report_text(sections: Mapping[str, str]) -> str:
    """REPORT_TEXT with its sections, some of which may be empty."""
    return re.sub("\n{3,}", "\n\n", REPORT_TEXT.format(**sections)).rstrip() + "\n"


def read_training(folder: Path, methods: Sequence[str]) -> pd.DataFrame:
    """Training steps of all trained methods: method, step, loss, regularizer and dev."""
    columns = ["method", "step", "loss", "regularizer", "dev"]
    logs = {method: folder / method / "training.csv" for method in methods}
    trained = {method: pd.read_csv(log) for method, log in logs.items() if log.is_file()}
    frames = [log.assign(method=method)[columns] for method, log in trained.items()]
    return pd.concat([pd.DataFrame(columns=columns), *frames])


def read_cleaning(folder: Path, languages: Iterable[str]) -> pd.DataFrame:
    """One row per language and fate of sentence pairs: language, fate, pairs, bar."""
    rows = []
    for language in languages:
        counts = read_json(folder / f"{language}.json")
        for fate, pairs in {"kept": counts["kept"], **counts["dropped"]}.items():
            bar = f"{language} {fate}"
            rows.append({"language": language, "fate": fate, "pairs": pairs, "bar": bar})
    return pd.DataFrame(rows)


def read_error_rates(
    files: Mapping[str, Mapping[str, Path]], languages: Iterable[str]
) -> pd.DataFrame:
    """One row per language, gold set and word aligner.

    `files` are the JSON files with error rates, by aligner and language. Columns: language, gold,
    aligner, sentences, precision, recall, aer, bar.
    """
    columns = ["language", "gold", "aligner", "sentences", "precision", "recall", "aer", "bar"]
    rows = []
    for language, (aligner, paths) in product(languages, files.items()):
        for gold, rates in read_json(paths[language])["gold"].items():
            names = {"language": language, "gold": gold, "aligner": aligner}
            rows.append({**names, **rates, "bar": f"{language} {gold} {aligner}"})
    return pd.DataFrame(rows, columns=columns)


def cleaning_table(rows: pd.DataFrame) -> str:
    """Markdown: sentence pairs by fate and language; rules that dropped no pair are omitted."""
    table = rows.pivot(index="fate", columns="language", values="pairs")
    table = table.reindex(index=rows["fate"].unique(), columns=rows["language"].unique())
    table = table[(table > 0).any(axis=1)].map("{:,}".format)
    return str(table.to_markdown(stralign="right"))


def gold_table(rows: pd.DataFrame) -> str:
    """Markdown: precision, recall and alignment error rate in per cent."""
    shown = rows.drop(columns="bar")
    shown[["precision", "recall", "aer"]] *= 100
    return str(shown.to_markdown(index=False, floatfmt=".1f"))


def read_json(path: Path) -> dict[str, Any]:
    """The content of a JSON file."""
    figures: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return figures
