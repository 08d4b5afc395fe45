"""curve: accuracy by number of sentence pairs, in experiments and in the paper."""

import json
from pathlib import Path
from typing import Annotated

import typer
import vl_convert

from pipeline.common.errors import PipelineError
from pipeline.common.files import atomic
from pipeline.report.data_curve import curve_chart, curve_table, read_curve, read_paper, with_paper
from stages import ARTIFACTS
from stages.dvc_files import read_json

NOTE = """

Accuracy in per cent by the maximum number of sentence pairs per language; 0: the unmodified
encoder. The paper's figures are for mBERT; they are given where the text is Europarl, and for
inference on XNLI.
"""


def main(
    experiments: Annotated[
        typer.FileText,
        typer.Argument(help="Output of `dvc exp show --json`; -: read it from a pipe."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("curve"),
) -> None:
    """Plot accuracy by number of sentence pairs for EXPERIMENTS and the paper.

    OUT gets curve.csv, curve.md and curve.svg. Only experiments count, not commits.
    """
    try:
        shown = json.load(experiments)
        ours, theirs = read_curve(shown, str(ARTIFACTS), read_json), read_paper(shown)
    except (ValueError, KeyError, TypeError) as error:
        raise PipelineError(
            f"{experiments.name}: is not what `dvc exp show --json` prints here ({error!r})"
        ) from error
    if ours.empty:
        raise PipelineError(
            f"{experiments.name}: has no finished experiment: run some with `dvc exp run`, show "
            "those of other commits with -A"
        )
    rows = with_paper(ours, theirs)
    with atomic(out) as folder:
        folder.mkdir()
        rows.to_csv(folder / "curve.csv", index=False)
        (folder / "curve.md").write_text(curve_table(rows) + NOTE, "utf-8")
        (folder / "curve.svg").write_text(vl_convert.vegalite_to_svg(curve_chart(rows)), "utf-8")
    print((out / "curve.md").read_text("utf-8"))
