"""Time and memory of a step on this machine, in files that DVC does not hash."""

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.common.files import write_json
from pipeline.common.machine import machine
from pipeline.encoder.processes import is_first_process
from stages import ARTIFACTS


@contextmanager
def record(step: str, names: list[str]) -> Iterator[None]:
    """Write the seconds and peak memory (MB) of the block to artifacts/usage if it succeeds.

    machine.json in the same folder describes the machine of the last step. Floating point differs
    between processors, GPUs and versions; where two teammates' hashes differ, their machine.json
    files show why. `child_peak_mb` is the peak of the largest process that the block started; on
    Linux it includes what the parent process held at that time.
    """
    start = time.perf_counter()
    yield
    if not is_first_process():
        return
    figures = {
        "seconds": round(time.perf_counter() - start, 2),
        "peak_mb": _megabytes(resource.RUSAGE_SELF),
        "child_peak_mb": _megabytes(resource.RUSAGE_CHILDREN),
    }
    write_json(ARTIFACTS / "usage" / "machine.json", machine())
    path = Path("usage", step, "-".join(names)) if names else Path("usage", step)
    write_json(ARTIFACTS / path.with_suffix(".json"), figures)


def _megabytes(who: int) -> int:
    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is in bytes on macOS, else in KiB
    return resource.getrusage(who).ru_maxrss * unit // 2**20
