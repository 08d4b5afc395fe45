"""report: every figure in one place."""

from pipeline import report
from pipeline.files import atomic
from stages import ARTIFACTS
from stages.params import load_params

PAGE = """# Contextual alignment

Contextual word retrieval by CSLS on held-out sentences, accuracy in per cent.

{retrieval}

Natural language inference on the hand-written sample (not XNLI): fine-tuned on English, tested
zero-shot, accuracy in per cent.

{nli}
"""


def main() -> None:
    """Gather the figures of params' methods and languages: report.md, and CSV files to plot."""
    params = load_params()
    retrieval = report.read_retrieval(ARTIFACTS / "retrieval", params.methods, params.languages)
    nli = report.read_nli(ARTIFACTS / "xnli", params.methods, params.xnli.seeds)
    training = report.read_training(ARTIFACTS / "align", params.methods)
    page = PAGE.format(
        retrieval=report.retrieval_table(retrieval),
        nli=report.nli_table(nli, params.nli.test),
    )
    with atomic(ARTIFACTS / "report") as folder:
        folder.mkdir()
        (folder / "report.md").write_text(page, "utf-8")
        for name, frame in (("retrieval", retrieval), ("nli", nli), ("training", training)):
            frame.to_csv(folder / f"{name}.csv", index=False)
