"""The curves of a training beside what it writes, and what they show."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from pipeline.encoder.live import Live


def live_beside(out: str | Path, trackers: Sequence[str] = ()) -> Live:
    """Curves in the folder `OUT-live`, and the files of trackers in `OUT-logs`."""
    return Live("tiny", Path(f"{out}-live"), Path(f"{out}-logs"), trackers, {"epochs": 1})


def read_curves(out: str | Path) -> dict[str, pd.Series]:
    """The values of each series by step."""
    files = sorted(Path(f"{out}-live", "plots", "metrics").iterdir())
    return {path.stem: pd.read_csv(path, sep="\t", index_col="step")[path.stem] for path in files}
