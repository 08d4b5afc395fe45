"""Processes that share one training run, started as a launcher does."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path


def free_port() -> int:
    """A port that nothing uses now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def launched(folder: Path, processes: int, command: list[str], **environment: str) -> list[str]:
    """What each process of a command prints; all must succeed."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    shared = {"WORLD_SIZE": processes, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": free_port()}
    shared = {name: str(value) for name, value in shared.items()} | {"ACCELERATE_USE_CPU": "true"}
    started = []
    for rank in map(str, range(processes)):
        own = {"RANK": rank, "LOCAL_RANK": rank, "LOCAL_WORLD_SIZE": str(processes)}
        variables = {**os.environ, "PATH": path, **shared, **own, **environment}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        started.append(subprocess.Popen(command, cwd=folder, env=variables, **pipes))
    printed = [process.communicate()[0] for process in started]
    assert [process.returncode for process in started] == [0] * processes, "\n".join(printed)
    return printed


def kill_at_checkpoint(command: list[str], checkpoints: Path, step: int) -> None:
    """Start a training whose first line is the number of its process; kill it at a saved step."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        number = int(process.stdout.readline())
        while not any(saved >= step for saved in saved_steps(checkpoints)):
            assert process.poll() is None
            time.sleep(0.01)
        os.kill(number, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL


def saved_steps(checkpoints: Path) -> list[int]:
    """The steps of which there are complete checkpoints."""
    return [int(path.name) for path in checkpoints.glob("*") if path.name.isdigit()]
