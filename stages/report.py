"""report: the figures of all steps in one place."""

import pandas as pd

from pipeline.common.files import atomic
from pipeline.report import tables as report
from pipeline.report.headline import mean_rows
from pipeline.report.heldout import read_tests
from pipeline.report.page import ReportContent, page
from pipeline.report.retrieval import read_analyses
from pipeline.report.sections import nli_parts, retrieval_parts, text_parts
from pipeline.report.sources import corpora_rows, provenance_rows
from stages import ARTIFACTS
from stages.params import Params, load_params

ALIGN, ANALYSES, PAIRS, RETRIEVAL, TOKENIZE, WORD_ALIGN, XNLI = (
    ARTIFACTS / step
    for step in ("align", "analyses", "pairs", "retrieval", "tokenize", "word_align", "xnli")
)


def main() -> None:
    """Write the report of all figures: report.md, the page index.html, and CSV files to plot."""
    params = load_params()
    methods, languages, xnli = params.methods, params.languages, params.xnli
    runs = {"xnli": methods, "continual": xnli.continual, "translate_train": xnli.translate_train}
    sections: dict[str, str] = {}
    tables: dict[str, pd.DataFrame] = {}
    for more_sections, more_tables in (
        retrieval_parts(ANALYSES, RETRIEVAL, methods, languages),
        nli_parts(XNLI, runs, xnli.seeds, params.nli.source, params.analyses.bootstrap),
        text_parts(TOKENIZE, WORD_ALIGN, RETRIEVAL, methods, languages),
    ):
        sections |= more_sections
        tables |= more_tables
    tables["training"] = report.read_training(ALIGN, methods)
    with atomic(ARTIFACTS / "report") as folder:
        (folder / "analyses").mkdir(parents=True)
        (folder / "report.md").write_text(report.REPORT_TEXT.format(**sections), "utf-8")
        for name, frame in tables.items():
            frame.to_csv(folder / f"{name}.csv", index=False)
        (folder / "index.html").write_text(page(_run(params, tables)), "utf-8")


def _run(params: Params, tables: dict[str, pd.DataFrame]) -> ReportContent:
    languages, methods = params.languages, params.methods
    tests, retrieved = read_tests(PAIRS, TOKENIZE, RETRIEVAL, languages, methods)
    corpora = {code: [corpus.name for corpus in block.corpus] for code, block in languages.items()}
    return ReportContent(
        encoder=params.encoder.name,
        nli=params.nli.source,
        methods=methods,
        headline=mean_rows(tests, retrieved, **params.analyses.bootstrap),
        analyses=read_analyses(ANALYSES, languages),
        tables=tables,
        tests=tests,
        retrieved=retrieved,
        corpora=corpora_rows(corpora, tables["cleaning"]),
        provenance=provenance_rows(ALIGN, methods),
    )
