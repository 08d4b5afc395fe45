"""report: every figure in one place."""

import pandas as pd

from pipeline.files import atomic
from pipeline.report import nli as inference
from pipeline.report import retrieval as words
from pipeline.report import tables as report
from pipeline.report.headline import mean_rows
from pipeline.report.heldout import read_tests
from pipeline.report.page import Run, page
from pipeline.report.sources import corpora_rows, provenance_rows
from stages import ARTIFACTS
from stages.params import Params, load_params

Parts = tuple[dict[str, str], dict[str, pd.DataFrame]]  # Markdown by place, and tables by name


def main() -> None:
    """Gather the figures of params: report.md, the page index.html, and CSV files to plot."""
    params = load_params()
    sections: dict[str, str] = {}
    tables: dict[str, pd.DataFrame] = {}
    for part in (_retrieval, _inference, _text):
        more_sections, more_tables = part(params)
        sections |= more_sections
        tables |= more_tables
    tables["training"] = report.read_training(ARTIFACTS / "align", params.methods)
    with atomic(ARTIFACTS / "report") as folder:
        (folder / "analyses").mkdir(parents=True)
        (folder / "report.md").write_text(report.PAGE.format(**sections), "utf-8")
        for name, frame in tables.items():
            frame.to_csv(folder / f"{name}.csv", index=False)
        (folder / "index.html").write_text(_page(params, tables), "utf-8")


def _retrieval(params: Params) -> Parts:
    folder, methods, languages = ARTIFACTS / "retrieval", params.methods, params.languages
    analyses = words.read_analyses(ARTIFACTS / "analyses", languages)
    retrieval, means = words.retrieval_rows(analyses), words.analysis_means(analyses)
    hubness = words.read_hubness(ARTIFACTS / "analyses", languages)
    layers = words.read_layers(folder, methods, languages)
    context = words.read_noncontextual(folder, methods, languages)
    sections = {
        "retrieval": words.retrieval_table(retrieval),
        "analyses": words.analyses_table(means),
        "hubness": words.hubness_table(hubness),
        "layers": words.layers_table(layers),
        "noncontextual": words.noncontextual_table(context),
    }
    tables = {f"analyses/{name.replace(' ', '_')}": table for name, table in means.items()}
    tables |= {"retrieval": retrieval, "hubness": hubness, "layers": layers}
    return sections, {**tables, "noncontextual": context}


def _inference(params: Params) -> Parts:
    folder, runs = ARTIFACTS / "xnli", params.xnli
    zero_shot = {method: folder / method for method in params.methods}
    zero_shot |= {
        inference.CONTINUAL.format(method): folder / "continual" / method
        for method in runs.continual
    }
    ceilings = {each: folder / "translate_train" / each for each in runs.translate_train}
    tables = inference.tables(
        inference.read_predictions(zero_shot, runs.seeds),
        inference.read_predictions(ceilings, runs.seeds),
        **params.analyses.bootstrap,
    )
    return inference.sections(tables, params.nli.source), tables


def _text(params: Params) -> Parts:
    languages, links = params.languages, ARTIFACTS / "word_align"
    aligners = {"word_align": {each: links / f"{each}.json" for each in languages}}
    for method in params.methods:
        folder = ARTIFACTS / "retrieval" / method
        aligners[method] = {each: folder / each / "figures.json" for each in languages}
    gold = report.read_gold(aligners, languages)
    cleaning = report.read_cleaning(ARTIFACTS / "tokenize", languages)
    sections = {"gold": report.gold_table(gold), "cleaning": report.cleaning_table(cleaning)}
    return sections, {"gold": gold, "cleaning": cleaning}


def _page(params: Params, tables: dict[str, pd.DataFrame]) -> str:
    languages, methods = params.languages, params.methods
    pairs, text = (ARTIFACTS / each for each in ("pairs", "tokenize"))
    tests, found = read_tests(pairs, text, ARTIFACTS / "retrieval", languages, methods)
    corpora = {code: [each.name for each in block.corpus] for code, block in languages.items()}
    return page(
        Run(
            encoder=params.encoder.name,
            nli=params.nli.source,
            methods=methods,
            headline=mean_rows(tests, found, **params.analyses.bootstrap),
            analyses=words.read_analyses(ARTIFACTS / "analyses", languages),
            tables=tables,
            tests=tests,
            found=found,
            corpora=corpora_rows(corpora, tables["cleaning"]),
            provenance=provenance_rows(ARTIFACTS / "align", methods),
        )
    )
