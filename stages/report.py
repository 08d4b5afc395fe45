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

Word alignment on gold sets, in per cent; aer is the alignment error rate.

{gold}

Sentence pairs kept by `tokenize`, and dropped by its rules.

{cleaning}
"""


def main() -> None:
    """Gather the figures of params' methods and languages: report.md, and CSV files to plot."""
    params = load_params()
    retrieval = report.read_retrieval(ARTIFACTS / "retrieval", params.methods, params.languages)
    nli = report.read_nli(ARTIFACTS / "xnli", params.methods, params.xnli.seeds)
    gold = report.read_gold(ARTIFACTS / "word_align", params.languages)
    cleaning = report.read_cleaning(ARTIFACTS / "tokenize", params.languages)
    training = report.read_training(ARTIFACTS / "align", params.methods)
    page = PAGE.format(
        retrieval=report.retrieval_table(retrieval),
        nli=report.nli_table(nli, params.nli.test),
        gold=report.gold_table(gold),
        cleaning=report.cleaning_table(cleaning),
    )
    tables = {
        "retrieval": retrieval,
        "nli": nli,
        "gold": gold,
        "cleaning": cleaning,
        "training": training,
    }
    with atomic(ARTIFACTS / "report") as folder:
        folder.mkdir()
        (folder / "report.md").write_text(page, "utf-8")
        for name, frame in tables.items():
            frame.to_csv(folder / f"{name}.csv", index=False)
