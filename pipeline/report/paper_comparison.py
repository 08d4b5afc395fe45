"""This run beside the paper: only where the data are the same, and with all else that differs."""

from collections.abc import Mapping

import pandas as pd

from ..corpora.catalogue import CATALOGUE
from . import paper_numbers as paper
from .charts import PERCENT, Chart, dumbbells
from .nli import CEILING
from .run_setting import RunSetting

PAPER_SOURCE = "the paper"
PAPER_TEXT = (
    "The paper (Cao, Kitaev and Klein, ICLR 2020) aligned multilingual BERT on up to 250,000 "
    "sentence pairs of Europarl each in bg, de, el, es and fr, fine-tuned it on MultiNLI and "
    "tested it on XNLI."
)
RETRIEVAL_TEXT = (
    "Its retrieval is measured by the authors' script, which does not normalise each vector and "
    "counts [CLS] and [SEP] as words; ours uses cosines between words, on Europarl {version} from "
    "OPUS."
)
SAME_TEXT = (
    "This run has the paper's encoder, languages and text, and its settings as far as it states "
    "them."
)
CEILING_TEXT = "Translate-train figures of multilingual BERT are those of BERT's authors."


def comparison_text(setting: RunSetting, *, ceiling: bool) -> str:
    """What is compared with the paper and what differs; empty if nothing can be compared.

    `ceiling` says whether translate-train was run.
    """
    retrieval, inference = setting.retrieval_languages, setting.inference_languages
    if not retrieval and not inference:
        return ""
    sentences = [PAPER_TEXT]
    if retrieval:
        sentences.append(RETRIEVAL_TEXT.format(version=CATALOGUE[paper.CORPUS].version))
    if differences := setting.differences():
        sentences.append(
            f"In this run {'; '.join(differences)}: compare gains, not absolute values."
        )
    else:
        sentences.append(SAME_TEXT)
    if not retrieval:
        sentences.append("Retrieval is not compared, since the text is different.")
    if not inference:
        sentences.append(f"Inference is not compared, since it is on {setting.data.name}.")
    elif ceiling:
        sentences.append(CEILING_TEXT)
    return " ".join(sentences)


def comparison_tables(
    setting: RunSetting, retrieval: pd.DataFrame, summary: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Accuracies in per cent by title: the paper's and this run's, a column per language.

    `retrieval` is of `retrieval.retrieval_rows`, `summary` of `nli.summary_rows`.
    """
    tables = {}
    if setting.retrieval_languages:
        ours = means_by_language(retrieval)
        tables["Retrieval"] = _table(setting.retrieval_languages, ours, paper.RETRIEVAL, {})
    if setting.inference_languages:
        ceilings = means_by_language(summary[summary["method"] == CEILING]).get(CEILING, {})
        rows = {}
        if ceilings:
            rows[f"multilingual BERT, {CEILING}"] = dict(paper.TRANSLATE_TRAIN)
            rows[f"this run, {CEILING}"] = ceilings
        ours = inference_means(summary)
        tables["Inference"] = _table(setting.inference_languages, ours, paper.ZERO_SHOT, rows)
    return tables


def comparison_section(setting: RunSetting, retrieval: pd.DataFrame, summary: pd.DataFrame) -> str:
    """Markdown of the text and the tables; empty if nothing can be compared."""
    text = comparison_text(setting, ceiling=CEILING in set(summary["method"]))
    parts = [text] if text else []
    for title, table in comparison_tables(setting, retrieval, summary).items():
        shown = table.map(lambda cell: cell if isinstance(cell, str) else _percent(cell))
        parts.append(f"{title} beside the paper:")
        parts.append(str(shown.to_markdown(index=False, stralign="right", disable_numparse=True)))
    return "\n\n".join(parts)


def comparison_charts(
    setting: RunSetting, retrieval: pd.DataFrame, summary: pd.DataFrame, keys: Mapping[str, str]
) -> list[Chart]:
    """Before and after alignment, this run and the paper, with `keys` as colours of methods."""
    given = (
        ("retrieval", "Word retrieval", setting.retrieval_languages, paper.RETRIEVAL),
        ("inference", "Zero-shot inference", setting.inference_languages, paper.ZERO_SHOT),
    )
    ours = {"retrieval": means_by_language(retrieval), "inference": inference_means(summary)}
    charts = []
    for name, title, languages, theirs in given:
        shown = {
            method: {code: figures[code] for code in languages if code in figures}
            for method, figures in ours[name].items()
        }
        heading = f"{title}: this run and the paper"
        if chart := paper_chart(f"paper-{name}", heading, shown, theirs, keys):
            charts.append(chart)
    return charts


def paper_chart(
    name: str,
    title: str,
    ours: Mapping[str, Mapping[str, float]],
    theirs: Mapping[int, Mapping[str, float]],
    keys: Mapping[str, str],
) -> Chart | None:
    """This run beside the paper, before and after alignment, in the languages that both have.

    Accuracies are in per cent: `ours` by method and language, `theirs` by number of sentence pairs
    and language. None if there is nothing to compare.
    """
    first, *others = ours
    before, after = theirs[paper.BASE], theirs[paper.FULL_SIZE]
    rows = []
    for language in [code for code in ours[first] if code in before]:
        rows.append((language, PAPER_SOURCE, before[language], after[language]))
        for method in others:
            figures = ours[first][language], ours[method][language]
            rows.append((language, f"this run, {method}", *figures))
    if not others or not rows:
        return None
    columns = ["language", "source", "before", "after"]
    shown = pd.DataFrame(rows, columns=columns)
    source_keys = {PAPER_SOURCE: "currentColor"}
    source_keys |= {f"this run, {method}": keys[method] for method in others}
    spec = dumbbells(shown, source_keys, PERCENT)
    note = "Open points before alignment, filled ones after."
    return Chart(name, title, note, spec, shown, source_keys)


def means_by_language(rows: pd.DataFrame) -> dict[str, dict[str, float]]:
    """By method and language: accuracy in per cent, mean of both directions."""
    return {
        str(method): {
            str(language): 100 * float(both_directions["accuracy"].mean())
            for language, both_directions in of_method.groupby("language", sort=False)
        }
        for method, of_method in rows.groupby("method", sort=False)
    }


def inference_means(summary: pd.DataFrame) -> dict[str, dict[str, float]]:
    """By method and language, English first: accuracy in per cent, mean over seeds."""
    rows = summary[(summary["method"] != CEILING) & ~summary["language"].str.startswith("mean")]
    return means_by_language(rows)


def _table(
    languages: list[str],
    ours: Mapping[str, Mapping[str, float]],
    theirs: Mapping[int, Mapping[str, float]],
    more: Mapping[str, Mapping[str, float]],
) -> pd.DataFrame:
    rows: dict[str, Mapping[str, float]] = {
        "the paper, before alignment": theirs[paper.BASE],
        "the paper, after alignment": theirs[paper.FULL_SIZE],
        **{f"this run, {method}": figures for method, figures in ours.items()},
        **more,
    }
    cells = [(name, *(row.get(code) for code in languages)) for name, row in rows.items()]
    return pd.DataFrame(cells, columns=[PERCENT, *languages])


def _percent(share: float | None) -> str:
    return "" if pd.isna(share) else f"{share:.1f}"
