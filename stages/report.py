"""report: every figure in one place."""

from pipeline import report
from pipeline import report_nli as inference
from pipeline import report_retrieval as words
from pipeline.files import atomic
from stages import ARTIFACTS
from stages.params import load_params


def main() -> None:
    """Gather the figures of params' methods and languages: report.md, and CSV files to plot."""
    params = load_params()
    analyses = words.read_analyses(ARTIFACTS / "analyses", params.languages)
    retrieval, means = words.retrieval_rows(analyses), words.analysis_means(analyses)
    hubness = words.read_hubness(ARTIFACTS / "analyses", params.languages)
    predicted, seeds = ARTIFACTS / "xnli", params.xnli.seeds
    nli = inference.tables(
        inference.read_predictions(predicted, params.methods, seeds),
        inference.read_predictions(
            predicted / "translate_train", params.xnli.translate_train, seeds
        ),
        **params.analyses.model_dump(),
    )
    folder, links = ARTIFACTS / "retrieval", ARTIFACTS / "word_align"
    layers = words.read_layers(folder, params.methods, params.languages)
    context = words.read_noncontextual(folder, params.methods, params.languages)
    aligners = {"word_align": {each: links / f"{each}.json" for each in params.languages}}
    for method in params.methods:
        aligners[method] = {
            each: folder / method / each / "figures.json" for each in params.languages
        }
    gold = report.read_gold(aligners, params.languages)
    cleaning = report.read_cleaning(ARTIFACTS / "tokenize", params.languages)
    training = report.read_training(ARTIFACTS / "align", params.methods)
    page = report.PAGE.format(
        retrieval=words.retrieval_table(retrieval),
        analyses=words.analyses_table(means),
        hubness=words.hubness_table(hubness),
        layers=words.layers_table(layers),
        noncontextual=words.noncontextual_table(context),
        **inference.sections(nli, params.nli.source),
        gold=report.gold_table(gold),
        cleaning=report.cleaning_table(cleaning),
    )
    tables = {
        "retrieval": retrieval,
        **{f"analyses/{name.replace(' ', '_')}": table for name, table in means.items()},
        "hubness": hubness,
        "layers": layers,
        "noncontextual": context,
        **nli,
        "gold": gold,
        "cleaning": cleaning,
        "training": training,
    }
    with atomic(ARTIFACTS / "report") as folder:
        (folder / "analyses").mkdir(parents=True)
        (folder / "report.md").write_text(page, "utf-8")
        for name, frame in tables.items():
            frame.to_csv(folder / f"{name}.csv", index=False)
