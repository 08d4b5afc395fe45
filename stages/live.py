"""Where the curves of a training go. The trackers in params.yaml change no result."""

from collections.abc import Mapping
from typing import Any

from pipeline.encoder.live import Live, check_trackers
from stages import ARTIFACTS
from stages.params import load_params


def live_curves(settings: Mapping[str, Any], *names: str) -> Live:
    """The curves of a training that `names` tell from others, the first being its step.

    Raises PipelineError if the package of a tracker is missing.
    """
    trackers = load_params().trackers
    check_trackers(trackers)
    folder, logs = (ARTIFACTS.joinpath(kind, *names) for kind in ("live", "trackers"))
    return Live("-".join(names), folder, logs, trackers, settings)
