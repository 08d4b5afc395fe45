"""What a step took on this machine: a file that is no artifact and in no hash."""

import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.common.files import write_json
from pipeline.common.machine import machine
from stages import ARTIFACTS


@contextmanager
def record(step: str, names: list[str]) -> Iterator[None]:
    """Write seconds and peak memory of the block, in MB, to artifacts/usage when it ends well.

    Beside it machine.json tells on what the last step ran. Floating point differs between
    processors, GPUs and versions; where two teammates' hashes do, their machine.json say why.
    `child_peak_mb` is that of the largest process it started; Linux counts there what the starting
    process held itself.
    """
    start = time.perf_counter()
    yield
    if os.environ.get("RANK", "0") != "0":  # one of several processes of `accelerate launch`
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
    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is in bytes there, else in KiB
    return resource.getrusage(who).ru_maxrss * unit // 2**20
