"""curve: accuracy against sentence pairs, of experiments and of the paper."""

import json
from pathlib import Path
from typing import Annotated

import typer
import vl_convert

from pipeline.common.errors import PipelineError
from pipeline.common.files import atomic
from pipeline.report.data_curve import beside_paper, curve_chart, curve_table, read_curve
from stages import ARTIFACTS

NOTE = """

Accuracy in per cent by sentence pairs a language, at most; 0: the encoder as it came. The paper's
figures are for mBERT, Europarl and XNLI: compare what ran on the same.
"""


def main(
    experiments: Annotated[
        typer.FileText, typer.Argument(help="What `dvc exp show --json` printed; -: from a pipe.")
    ],
    out: Annotated[Path, typer.Option(help="Folder of the results.")] = Path("curve"),
) -> None:
    """Draw accuracy against sentence pairs of EXPERIMENTS, the paper's points beside them.

    OUT gets curve.csv, curve.md and curve.svg. Only experiments count, not commits.
    """
    try:
        shown = json.load(experiments)
        ours = read_curve(shown, str(ARTIFACTS))
    except (ValueError, KeyError, TypeError) as error:
        raise PipelineError(
            f"{experiments.name}: is not what `dvc exp show --json` prints here ({error!r})"
        ) from error
    if ours.empty:
        raise PipelineError(
            f"{experiments.name}: has no finished experiment: run some with `dvc exp run`, show "
            "those of other commits with -A"
        )
    rows = beside_paper(ours)
    with atomic(out) as folder:
        folder.mkdir()
        rows.to_csv(folder / "curve.csv", index=False)
        (folder / "curve.md").write_text(curve_table(rows) + NOTE, "utf-8")
        (folder / "curve.svg").write_text(vl_convert.vegalite_to_svg(curve_chart(rows)), "utf-8")
    print((out / "curve.md").read_text("utf-8"))
