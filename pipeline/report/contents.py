"""The whole report of a run, read from the folders of its steps."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ..judge.finders import ALL_PAIRS, KINDS
from .heldout import read_tests
from .inference_data import InferenceData
from .metrics_file import Figures, headline_metrics
from .page import ReportContent, page
from .paper_comparison import comparison_section
from .protocols import (
    disagreement_text,
    encoder_links_text,
    precision_table,
    precision_text,
    protocol_means,
    protocol_table,
    read_precision,
    read_shift,
    shift_table,
)
from .retrieval import read_analyses, retrieval_table
from .run_setting import RunSetting
from .sections import layer_parts, nli_parts, query_parts, retrieval_parts, text_parts
from .sources import corpora_rows, method_settings, provenance_rows, training_sizes
from .tables import read_training, report_text


@dataclass(frozen=True)
class ReportedRun:
    """A run to report: the folders of its steps by name, and the params that say what it did.

    `pairs` are those of the headline, of `judge.finders.KINDS`. `corpora` are the names by
    language. `blocks` are those of `RunSetting`, as is `epochs`. `fine_tuned` names what the steps
    xnli, continual and translate_train have: methods, or languages. `bootstrap` has resamples and
    seed.
    """

    folders: Mapping[str, Path]
    pairs: str
    encoder: str
    corpora: Mapping[str, Sequence[str]]
    unaligned: Collection[str]
    methods: Sequence[str]
    blocks: Mapping[str, Any]
    data: InferenceData
    fine_tuned: Mapping[str, Sequence[str]]
    seeds: Sequence[int]
    epochs: int
    bootstrap: Mapping[str, int]


@dataclass(frozen=True)
class Report:
    """The texts of report.md and index.html, the tables by the names of their CSV files, the texts
    of `chart_files` by their names, and the figures of metrics.json."""

    markdown: str
    html: str
    tables: Mapping[str, pd.DataFrame]
    chart_files: Mapping[str, str]
    metrics: Figures


def read_report(run: ReportedRun) -> Report:
    """The report; raises PipelineError if parts of the run do not belong together."""
    sections, tables = _parts(run)
    setting, folders = _setting(run), run.folders
    tests, retrieved = read_tests(folders, run.corpora, run.methods)
    means = protocol_means(tests, retrieved, run.unaligned, **run.bootstrap)
    pairs = run.pairs if run.pairs in means else ALL_PAIRS
    protocols, precision = tables["protocols"], read_precision(folders["judge"], run.corpora)
    of_pairs = {kind: protocols[protocols["pairs"] == kind] for kind in (pairs, ALL_PAIRS)}
    tables |= {"retrieval": of_pairs[pairs], "precision": precision}
    right = precision_text(precision) + disagreement_text(tests)
    right += encoder_links_text(run.blocks["word_align"].backend)
    comparison = setting, of_pairs[ALL_PAIRS], tables["nli_summary"]
    sections |= {
        "pairs": KINDS[pairs],
        "retrieval": retrieval_table(tables["retrieval"], run.unaligned),
        "protocols": protocol_table(means),
        "right": right,
        "precision": precision_table(precision),
        "shift": shift_table(read_shift(folders["analyses"], run.corpora)),
        "paper": comparison_section(*comparison),
    }
    content = ReportContent(
        setting=setting,
        methods=run.methods,
        pairs=pairs,
        right=right,
        headlines=means[pairs],
        protocols=means,
        analyses=read_analyses(folders["analyses"], run.corpora),
        tables=tables,
        tests=tests,
        retrieved=retrieved,
        corpora=corpora_rows(run.corpora, tables["cleaning"], run.unaligned),
        provenance=provenance_rows(folders["align"], run.methods),
        unaligned=run.unaligned,
    )
    metrics = headline_metrics(next(iter(means[pairs].values())), tables, run.unaligned)
    text = report_text(sections)
    return Report(text, page(content), tables, content.chart_files, metrics)


def _parts(run: ReportedRun) -> tuple[dict[str, str], dict[str, pd.DataFrame]]:
    """Most sections of report.md, and most tables."""
    folders, methods, apart = run.folders, run.methods, run.unaligned
    analyses, retrieval, xnli = (folders[step] for step in ("analyses", "retrieval", "xnli"))
    parts = (
        retrieval_parts(analyses, retrieval, methods, run.corpora, apart),
        layer_parts(retrieval, methods, run.corpora, apart),
        query_parts(analyses, run.corpora, apart),
        nli_parts(xnli, run.fine_tuned, run.seeds, run.data.label, run.bootstrap, unaligned=apart),
        text_parts(folders["tokenize"], folders["word_align"], retrieval, methods, run.corpora),
    )
    sections = {place: text for texts, _ in parts for place, text in texts.items()}
    tables = {name: table for _, frames in parts for name, table in frames.items()}
    return sections, {**tables, "training": read_training(folders["align"], methods)}


def _setting(run: ReportedRun) -> RunSetting:
    aligned = {code: names for code, names in run.corpora.items() if code not in run.unaligned}
    return RunSetting(
        encoder=run.encoder,
        corpora=aligned,
        pairs=training_sizes(run.folders["pairs"], aligned),
        blocks=run.blocks,
        methods=method_settings(run.folders["align"], run.methods),
        data=run.data,
        epochs=run.epochs,
    )
