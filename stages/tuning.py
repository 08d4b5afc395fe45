"""Where a fine-tuning run writes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.xnli.run import RunFiles
from stages import ARTIFACTS
from stages.live import live_curves


def run_files(settings: Mapping[str, Any], *names: str) -> RunFiles:
    """The files of the run with these names below xnli; trackers show its `settings`.

    Raises PipelineError if the package of a tracker is missing.
    """
    place = Path("xnli", *names)
    live = live_curves(settings, *place.parts)
    return RunFiles(ARTIFACTS / place, ARTIFACTS / "checkpoints" / place, live)
