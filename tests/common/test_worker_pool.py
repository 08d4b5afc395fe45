import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from clones import ROOT

from pipeline.common.errors import PipelineError
from pipeline.common.worker_pool import workers


def test_workers_are_fresh_single_threaded_processes():
    with workers(1, "word_align", "lower download.max_pairs") as pool:
        assert pool.submit(os.getenv, "OMP_NUM_THREADS").result() == "1"
        assert pool.submit(os.getpid).result() != os.getpid()


def test_a_killed_worker_is_a_one_line_error_with_the_remedy_of_its_step():
    with (
        pytest.raises(PipelineError) as error,
        workers(1, "retrieval", "lower pairs.test") as pool,
    ):
        os.kill(pool.submit(os.getpid).result(), signal.SIGKILL)
        pool.submit(os.getpid).result()
    assert str(error.value) == (
        "retrieval: one of its processes died (out of memory?): lower pairs.test"
    )


SCRIPT = """
import os, time
from pipeline.common.worker_pool import workers

if __name__ == "__main__":
    with workers(1, "tokenize", "lower download.max_pairs") as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        time.sleep(600)
"""


def test_workers_exit_when_their_parent_is_killed(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        worker = int(parent.stdout.readline())
        assert alive(worker)
        parent.kill()
    deadline = time.monotonic() + 30
    while alive(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(worker)


def alive(process: int) -> bool:
    """Whether a process is running; a zombie is not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/stat")
    return not (status.is_file() and status.read_text().rpartition(")")[2].split()[0] == "Z")
