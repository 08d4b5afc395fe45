"""Tables of inference: over seeds, against the first method, and against translate-train."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..common.errors import PipelineError
from ..nli.labels import LABELS
from ..statistics.bootstrap import RESAMPLES, Bootstrap, bootstrap
from ..statistics.significance import gap_closed, level, mcnemar, spread
from .language_groups import english_first, inference_groups, marked

CEILING = "translate-train"
CONTINUAL = "{} continual"  # a method that keeps aligning during fine-tuning
SUMMARY = ["language", "examples", "method", "accuracy", "deviation", "runs"]
SUMMARY += ["difference", "difference_low", "difference_high", "p", "gap_closed"]
MCNEMAR = ["language", "method", "seed", "first_only", "method_only", "p", "variant"]


def read_predictions(folders: Mapping[str, Path], seeds: Sequence[int]) -> pd.DataFrame:
    """One row per tested example of every SEED.parquet in the folders.

    `folders` are by method. Columns: method, seed, language, row (among the language's examples),
    id, and right, whether the label has the largest logit.
    """
    frames = []
    for name, folder in folders.items():
        for seed in seeds:
            tested = pd.read_parquet(folder / f"{seed}.parquet")
            predicted = np.array(LABELS)[tested[list(LABELS)].to_numpy().argmax(axis=1)]
            row = tested.groupby("language").cumcount()
            frame = tested[["language", "id"]].assign(row=row, right=predicted == tested["label"])
            frames.append(frame.assign(method=name, seed=seed))
    columns = ["method", "seed", "language", "row", "id", "right"]
    return pd.concat(frames)[columns] if frames else pd.DataFrame(columns=columns)


def tables(
    zero_shot: pd.DataFrame,
    translated: pd.DataFrame,
    unaligned: Collection[str] = (),
    resamples: int = RESAMPLES,
    seed: int = 1,
) -> dict[str, pd.DataFrame]:
    """All tables of the predictions, by the names of their files."""
    return {
        "nli": accuracy_rows(zero_shot, translated, unaligned),
        "nli_summary": summary_rows(zero_shot, translated, unaligned, resamples, seed),
        "nli_mcnemar": mcnemar_rows(zero_shot),
    }


def sections(
    frames: Mapping[str, pd.DataFrame], data: str, unaligned: Collection[str] = ()
) -> dict[str, str]:
    """The report's texts about the `tables`, by placeholder; `data` names the test examples."""
    return {
        "data": data,
        "nli": summary_table(frames["nli_summary"], unaligned),
        "mcnemar": mcnemar_table(frames["nli_mcnemar"], unaligned),
    }


def accuracy_rows(
    zero_shot: pd.DataFrame, translated: pd.DataFrame, unaligned: Collection[str] = ()
) -> pd.DataFrame:
    """One row per method, seed and tested language: method, seed, language, accuracy, bar.

    `translated` has the training language as its method; here its method is CEILING. The bar is
    marked if the language is among `unaligned`.
    """
    both = pd.concat([zero_shot, translated.assign(method=CEILING)])
    keys = ["method", "seed", "language"]
    rows = both.astype({"right": float}).groupby(keys, sort=False)["right"].mean()
    table = rows.rename("accuracy").reset_index()
    language = table["language"].map(lambda code: marked(code, code, unaligned))
    return table.assign(bar=language + " " + table["method"] + " " + table["seed"].astype(str))


def summary_rows(
    zero_shot: pd.DataFrame,
    translated: pd.DataFrame,
    unaligned: Collection[str] = (),
    resamples: int = RESAMPLES,
    seed: int = 1,
) -> pd.DataFrame:
    """One row per method and language, or mean over languages, with the columns SUMMARY.

    `unaligned` languages have a mean of their own. `accuracy` and `deviation` are over seeds.
    `difference` is from the first method, averaged over seeds, with the 95 % interval and p-value
    of a bootstrap over examples: a drawn example is drawn in all languages, methods and seeds.
    `gap_closed` needs translate-train in the language, or in all languages of a mean. Raises
    PipelineError if not all methods were tested on the same examples.
    """
    right = _paired(zero_shot)
    resampled = bootstrap(
        right.to_numpy(),
        right.index.get_level_values("id").to_numpy(),
        resamples=resamples,
        seed=seed,
    )
    columns = {key: number for number, key in enumerate(right.columns.tolist())}
    accuracies = accuracy_rows(zero_shot, translated)
    examples = right.groupby("seed").size().iloc[0]
    rows = []
    for name, languages in inference_groups(zero_shot["language"].unique(), unaligned).items():
        over_seeds = _over_seeds(accuracies, languages)
        rows += [
            {"language": name, "examples": examples, "method": method, **figures}
            | _against_first(method, over_seeds, languages, resampled, columns)
            for method, figures in over_seeds.items()
        ]
    return pd.DataFrame(rows, columns=SUMMARY)


def seed_rows(accuracies: pd.DataFrame, unaligned: Collection[str] = ()) -> pd.DataFrame:
    """The seeds of each row of `summary_rows`: language, method, seed, accuracy_of_seed.

    `accuracies` are those of `accuracy_rows`.
    """
    languages = accuracies.loc[accuracies["method"] != CEILING, "language"].unique()
    frames = [
        _by_seed(accuracies, codes).rename("accuracy_of_seed").reset_index().assign(language=name)
        for name, codes in inference_groups(languages, unaligned).items()
    ]
    return pd.concat(frames)[["language", "method", "seed", "accuracy_of_seed"]]


def mcnemar_rows(zero_shot: pd.DataFrame) -> pd.DataFrame:
    """McNemar's test of every language, method but the first, and seed, with the columns MCNEMAR.

    `first_only` and `method_only` count the examples that only one of the two gets right. The test
    assumes that examples are independent.
    """
    right = _paired(zero_shot).astype(bool)
    first, *others = zero_shot["method"].unique()
    rows = []
    for language in english_first(zero_shot["language"].unique()):
        for method in others:
            by_seed = right[[(first, language), (method, language)]].groupby("seed", sort=False)
            for seed, pair in by_seed:
                (test,) = mcnemar(*(pair.to_numpy()[None, :, side] for side in (0, 1)))
                counts = test.first_only, test.second_only
                rows.append((language, method, seed, *counts, test.p_value, test.variant))
    return pd.DataFrame(rows, columns=MCNEMAR)


def summary_table(rows: pd.DataFrame, unaligned: Collection[str] = ()) -> str:
    """Markdown of `summary_cells`."""
    table = summary_cells(rows, unaligned).set_index("language")
    return str(table.to_markdown(stralign="right", disable_numparse=True))


def summary_cells(rows: pd.DataFrame, unaligned: Collection[str] = ()) -> pd.DataFrame:
    """`summary_rows` as text in per cent: methods, differences, ceiling and gap closed."""
    first, *others = (name for name in rows["method"].unique() if name != CEILING)
    cells: dict[str, dict[str, str]] = {}
    for row in rows.to_dict("records"):
        language = marked(str(row["language"]), str(row["language"]), unaligned)
        line = cells.setdefault(language, {"examples": f"{row['examples']:,}"})
        method = str(row["method"])
        deviation = "" if pd.isna(row["deviation"]) else f" ± {100 * row['deviation']:.1f}"
        line[method] = f"{100 * row['accuracy']:.1f}{deviation}"
        if not pd.isna(row["difference"]):
            low, high = 100 * row["difference_low"], 100 * row["difference_high"]
            change = f"{100 * row['difference']:.1f} [{low:.1f}, {high:.1f}] ({level(row['p'])})"
            line[f"{method} − {first}"] = change
        if not pd.isna(row["gap_closed"]):
            line[f"gap closed by {method}"] = f"{100 * row['gap_closed']:.1f}"
    columns = ["examples", first, *others, *(f"{name} − {first}" for name in others), CEILING]
    columns += [f"gap closed by {name}" for name in others]
    table = pd.DataFrame.from_dict(cells, orient="index").reindex(columns=columns)
    table = table.dropna(axis="columns", how="all").fillna("").rename_axis("language")
    return table.reset_index()


def mcnemar_table(rows: pd.DataFrame, unaligned: Collection[str] = ()) -> str:
    """Markdown of `mcnemar_rows`: a row per language, a column per method and seed."""
    if rows.empty:
        return "There is only one method."
    cells: dict[str, dict[str, str]] = {}
    for row in rows.to_dict("records"):
        shown = f"{row['first_only']} : {row['method_only']} ({level(row['p'])})"
        language = marked(str(row["language"]), str(row["language"]), unaligned)
        cells.setdefault(language, {})[f"{row['method']}, seed {row['seed']}"] = shown
    table = pd.DataFrame.from_dict(cells, orient="index").rename_axis("language")
    return str(table.to_markdown(stralign="right", disable_numparse=True))


def _paired(zero_shot: pd.DataFrame) -> pd.DataFrame:
    """Whether each prediction is right (1 or 0): rows are examples by seed, columns method and
    language."""
    table = zero_shot.astype({"right": float}).pivot(
        index=["seed", "row", "id"], columns=["method", "language"], values="right"
    )
    if table.isna().to_numpy().any():
        raise PipelineError(
            "report: the methods, seeds and languages under artifacts/xnli were not tested on the "
            "same examples: run `dvc repro xnli` again"
        )
    return table


def _over_seeds(accuracies: pd.DataFrame, languages: list[str]) -> dict[str, dict[str, Any]]:
    """By method, the spread of `_by_seed`."""
    spreads = {}
    for method, accuracy in _by_seed(accuracies, languages).groupby("method", sort=False):
        seeds = spread(accuracy)
        figures = {"accuracy": seeds.mean, "deviation": seeds.deviation, "runs": seeds.runs}
        spreads[str(method)] = figures
    return spreads


def _by_seed(accuracies: pd.DataFrame, languages: list[str]) -> pd.Series:
    """By method and seed, the mean over languages, if the method was tested in all."""
    rows = accuracies[accuracies["language"].isin(languages)]
    tested = rows.groupby("method")["language"].transform("nunique")
    complete = rows[tested == len(languages)]
    return complete.groupby(["method", "seed"], sort=False)["accuracy"].mean()


def _against_first(
    method: str,
    over_seeds: Mapping[str, Mapping[str, Any]],
    languages: list[str],
    resampled: Bootstrap,
    columns: Mapping[Any, int],
) -> dict[str, Any]:
    first = next(iter(over_seeds))
    if method in (first, CEILING):
        return {}
    after, before = (
        [columns[name, language] for language in languages] for name in (method, first)
    )
    change = resampled.difference(after, before)
    base, aligned = (over_seeds[name]["accuracy"] for name in (first, method))
    ceiling = over_seeds[CEILING]["accuracy"] if CEILING in over_seeds else None
    return {
        "difference": change.value,
        "difference_low": change.low,
        "difference_high": change.high,
        "p": change.p,
        "gap_closed": gap_closed(base, aligned, ceiling),
    }
