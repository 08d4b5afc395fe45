"""Worker processes that start fresh, leave with the process they work for, and use one thread."""

import multiprocessing
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from .errors import PipelineError


@contextmanager
def workers(processes: int, step: str) -> Iterator[ProcessPoolExecutor]:
    """A pool of spawned processes; PipelineError in the name of `step` if one of them is killed."""
    spawn = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(processes, mp_context=spawn, initializer=_start) as pool:
            yield pool
    except BrokenProcessPool as error:
        raise PipelineError(
            f"{step}: one of its processes died (out of memory?): lower download.max_pairs"
        ) from error


def _start() -> None:
    # More threads change the order of sums, and so the result, from run to run.
    os.environ["OMP_NUM_THREADS"] = "1"
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    # A worker holds both ends of its queue, so it would wait for ever after a kill -9.
    if parent := multiprocessing.parent_process():
        parent.join()
    os._exit(1)
