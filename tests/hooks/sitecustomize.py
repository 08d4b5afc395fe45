"""What every Python process with this folder in PYTHONPATH does first.

KILL=POINT[:group] sends SIGKILL to the process of a stage, or to its whole process group with `dvc`
in it, at a point of its work:

    start       before its first line
    reading     its first input is about to be opened
    writing     its first output is written, and about to get its name
    written     its outputs are in place, and what it took is about to be

REVERSED=1 turns every listing of a folder round.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

INPUTS = tuple(f"{name}{os.sep}" for name in ("artifacts", "data", "tests", "tiny"))
POINT, _, GROUP = os.environ.get("KILL", "").partition(":")


def is_stage() -> bool:
    """Whether this is `python -m stages STEP`, and no helper of a step."""
    return sys.orig_argv[1:3] == ["-m", "stages"] and sys.orig_argv[3] != "prune"


def kill() -> None:
    """End at once, as by `kill -9`."""
    if GROUP:
        os.killpg(0, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    """Kill this process when it comes to its point."""
    if event == "open" and POINT == "reading":
        if str(arguments[0]).startswith(INPUTS):
            kill()
    elif event == "os.rename":
        target = Path(os.fsdecode(arguments[1]))
        point = "written" if target.parts[:2] == ("artifacts", "usage") else "writing"
        if target.parts[0] == "artifacts" and point == POINT:
            kill()


def turn_round() -> None:
    """Give the entries of folders in an order that no file system has."""
    listdir, scandir = os.listdir, os.scandir

    class Reversed:
        def __init__(self, path: Any = ".") -> None:
            with scandir(path) as entries:
                self.entries = iter(sorted(entries, key=lambda entry: entry.name, reverse=True))

        def __iter__(self) -> Any:
            return self.entries

        def __next__(self) -> Any:
            return next(self.entries)

        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def close(self) -> None:
            pass

    os.listdir = lambda path=".": sorted(listdir(path), reverse=True)
    os.scandir = Reversed


if POINT and is_stage():
    if POINT == "start":
        kill()
    sys.addaudithook(watch)
if os.environ.get("REVERSED"):
    turn_round()
