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
def workers(processes: int, step: str, remedy: str) -> Iterator[ProcessPoolExecutor]:
    """A pool of spawned processes.

    Raises PipelineError if one is killed; its line begins with `step` and ends with `remedy`, what
    to lower so that the step needs less memory.
    """
    spawn = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(processes, mp_context=spawn, initializer=_start) as pool:
            yield pool
    except BrokenProcessPool as error:
        detail = "one of its processes died (out of memory?)"
        raise PipelineError(f"{step}: {detail}: {remedy}") from error


def _start() -> None:
    # With more threads the order of sums, and so the result, varies from run to run.
    os.environ["OMP_NUM_THREADS"] = "1"
    threading.Thread(target=_exit_with_parent, daemon=True).start()


def _exit_with_parent() -> None:
    # A worker holds both ends of its queue, so it would wait forever if the parent got a kill -9.
    if parent := multiprocessing.parent_process():
        parent.join()
    os._exit(1)
