"""Worker processes that start fresh, use one thread and end when their parent does."""

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
    """A pool of spawned processes. Raises PipelineError, naming `step`, if one is killed."""
    spawn = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(processes, mp_context=spawn, initializer=_start) as pool:
            yield pool
    except BrokenProcessPool as error:
        raise PipelineError(
            f"{step}: one of its processes died (out of memory?): lower download.max_pairs"
        ) from error


def _start() -> None:
    # With more threads the order of sums, and so the result, varies from run to run.
    os.environ["OMP_NUM_THREADS"] = "1"
    threading.Thread(target=_exit_with_parent, daemon=True).start()


def _exit_with_parent() -> None:
    # A worker holds both ends of its queue, so it would wait forever if the parent got a kill -9.
    if parent := multiprocessing.parent_process():
        parent.join()
    os._exit(1)
