"""The figures of all steps as tables: CSV for plots, Markdown for people."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

PAGE = """# Contextual alignment

Contextual word retrieval by CSLS on held-out sentences, accuracy in per cent. After ± stands half
the 95 % interval of a bootstrap over sentences; p is that of the difference, two-sided.

{retrieval}

The same by kind of word, pair and sentence: mean over both directions and over the languages.
`artifacts/analyses` has each language with its intervals, and every retrieved word to read.

{analyses}

Hubness under CSLS: skewness of how often a word is among the nearest, and the share of words that
never are, in per cent.

{hubness}

CSLS retrieval by layer, 0 being the embeddings: mean over both directions and over the languages.

{layers}

What context adds, CSLS @1 on the test pairs whose two words occur in `retrieval.type_sentences`
training sentences. types: a word type has one vector, the mean over these sentences, and looks for
the type of its translation among the types of these pairs. contextual: each word has its own and
looks among all words of the test set; for any word of the right type, or for the aligned one only.

{noncontextual}

Natural language inference on {data}: fine-tuned on English, tested
zero-shot, accuracy in per cent; after ± stands the standard deviation over seeds. A method that is
"continual" went on aligning while it was fine-tuned. Differences are
means over seeds, with the 95 % interval of a bootstrap over examples and its two-sided p.
translate-train is the unaligned encoder fine-tuned on training examples of the tested language, the
ceiling; the gap is from the first method to it, in per cent.

{nli}

The same seed by seed: examples that only the first method has right, and those that only the other
one has, with p of McNemar's test.

{mcnemar}

Word alignment on gold sets, in per cent; aer is the alignment error rate. After the aligner of the
step `word_align` come the encoders, whose links are words that are each other's nearest.

{gold}

Sentence pairs kept by `tokenize`, and dropped by its rules.

{cleaning}
"""


def read_training(folder: Path, methods: Sequence[str]) -> pd.DataFrame:
    """The steps of every trained method: method, step, loss, regularizer."""
    columns = ["method", "step", "loss", "regularizer"]
    logs = {method: folder / method / "training.csv" for method in methods}
    trained = {method: pd.read_csv(log) for method, log in logs.items() if log.is_file()}
    frames = [log.assign(method=method)[columns] for method, log in trained.items()]
    return pd.concat([pd.DataFrame(columns=columns), *frames])


def read_cleaning(folder: Path, languages: Iterable[str]) -> pd.DataFrame:
    """One row a language and fate of sentence pairs: language, fate, pairs, bar."""
    fates = {
        language: {"kept": counts["kept"], **counts["dropped"]}
        for language in languages
        for counts in [_read(folder / f"{language}.json")]
    }
    return pd.DataFrame(
        {"language": language, "fate": fate, "pairs": pairs, "bar": f"{language} {fate}"}
        for language, counts in fates.items()
        for fate, pairs in counts.items()
    )


def read_gold(files: Mapping[str, Mapping[str, Path]], languages: Iterable[str]) -> pd.DataFrame:
    """One row a language, gold set and aligner of its words.

    `files` are the JSON with the error rates, by aligner and language. Columns: language, gold,
    aligner, sentences, precision, recall, aer, bar.
    """
    columns = ["language", "gold", "aligner", "sentences", "precision", "recall", "aer", "bar"]
    rows = [
        {
            "language": language,
            "gold": gold,
            "aligner": aligner,
            **rates,
            "bar": f"{language} {gold} {aligner}",
        }
        for language in languages
        for aligner, paths in files.items()
        for gold, rates in _read(paths[language])["gold"].items()
    ]
    return pd.DataFrame(rows, columns=columns)


def cleaning_table(rows: pd.DataFrame) -> str:
    """Markdown: sentence pairs by fate and language; rules that dropped none are left out."""
    table = rows.pivot(index="fate", columns="language", values="pairs")
    table = table.reindex(index=rows["fate"].unique(), columns=rows["language"].unique())
    table = table[(table > 0).any(axis=1)].map("{:,}".format)
    return str(table.to_markdown(stralign="right"))


def gold_table(rows: pd.DataFrame) -> str:
    """Markdown: precision, recall and alignment error rate in per cent."""
    shown = rows.drop(columns="bar")
    shown[["precision", "recall", "aer"]] *= 100
    return str(shown.to_markdown(index=False, floatfmt=".1f"))


def _read(path: Path) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return figures
