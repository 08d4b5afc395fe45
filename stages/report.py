"""report: the figures of all steps in one place."""

from pipeline.common.files import atomic, write_json
from pipeline.report.contents import ReportedRun, read_report
from pipeline.report.inference_data import data_of
from stages import ARTIFACTS, METRICS
from stages.params import load_params

STEPS = ("align", "analyses", "judge", "pairs", "retrieval", "tokenize", "word_align", "xnli")


def main() -> None:
    """Write report.md, index.html, tables of its charts, CSV files to plot, metrics.json."""
    params = load_params()
    languages, xnli = params.languages, params.xnli
    report = read_report(
        ReportedRun(
            folders={step: ARTIFACTS / step for step in STEPS},
            pairs=params.report.pairs,
            encoder=params.encoder.name,
            corpora={
                code: [corpus.name for corpus in block.corpus] for code, block in languages.items()
            },
            unaligned=[code for code in languages if code not in params.aligned],
            methods=params.methods,
            blocks={
                "tokenize": params.tokenize,
                "pairs": params.pairs,
                "word_align": params.word_align,
            },
            data=data_of(params.nli.model_dump()),
            fine_tuned={
                "xnli": params.methods,
                "continual": xnli.continual,
                "translate_train": xnli.translate_train,
            },
            seeds=xnli.seeds,
            epochs=xnli.tuning.epochs,
            bootstrap=params.analyses.bootstrap,
        )
    )
    with atomic(ARTIFACTS / "report") as folder:
        (folder / "analyses").mkdir(parents=True)
        (folder / "tables").mkdir()
        (folder / "report.md").write_text(report.markdown, "utf-8")
        for name, frame in report.tables.items():
            frame.to_csv(folder / f"{name}.csv", index=False)
        for name, text in report.chart_files.items():
            (folder / "tables" / name).write_text(text, "utf-8")
        (folder / "index.html").write_text(report.html, "utf-8")
    write_json(METRICS, report.metrics)
