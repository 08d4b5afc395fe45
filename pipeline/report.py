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

Natural language inference on the hand-written sample (not XNLI): fine-tuned on English, tested
zero-shot, accuracy in per cent.

{nli}

Word alignment on gold sets, in per cent; aer is the alignment error rate. After the aligner of the
step `word_align` come the encoders, whose links are words that are each other's nearest.

{gold}

Sentence pairs kept by `tokenize`, and dropped by its rules.

{cleaning}
"""


def read_nli(folder: Path, methods: Sequence[str], seeds: Sequence[int]) -> pd.DataFrame:
    """One row a method, seed and tested language: method, seed, language, accuracy, bar."""
    return pd.DataFrame(
        {
            "method": method,
            "seed": seed,
            "language": language,
            "accuracy": figure,
            "bar": f"{language} {method} {seed}",
        }
        for method in methods
        for seed in seeds
        for language, figure in _read(folder / method / f"{seed}.json")["test"].items()
    )


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


def nli_table(rows: pd.DataFrame, examples: int) -> str:
    """Markdown: accuracy in per cent by language and method, mean over the seeds."""
    table = rows.pivot_table(index="language", columns="method", values="accuracy")
    table = table.reindex(columns=rows["method"].unique())
    english_first = sorted(table.index, key=lambda language: (language != "en", language))
    table = table.reindex(index=english_first)
    return _markdown(table, "examples", pd.Series(examples, index=table.index))


def _markdown(table: pd.DataFrame, unit: str, counts: pd.Series) -> str:
    shown = 100 * table
    shown.loc["mean"] = shown.mean()
    first = shown.columns[0]
    for method in shown.columns[1:]:
        shown[f"{method} − {first}"] = shown[method] - shown[first]
    shown.insert(0, unit, [f"{count:,}" for count in counts] + [""])
    return str(shown.to_markdown(floatfmt=".1f"))


def _read(path: Path) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return figures
