"""What every Python process with this folder in PYTHONPATH does first.

KILL=POINT[:group] sends SIGKILL to a process, or to its whole process group, at a point of the work
of a stage:

    start       before its first line
    reading     its first input is about to be opened
    writing     its first output is written, and about to get its name
    written     its outputs are in place, and what it took is about to be
    storing     `dvc` is about to give an output its name in the cache

WRITERS=FILE adds to a file the number of each process that gives an artifact its name.

REVERSED=1 turns every listing of a folder round.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

INPUTS = tuple(f"{name}{os.sep}" for name in ("artifacts", "data", "own"))
POINT, _, GROUP = os.environ.get("KILL", "").partition(":")


def is_stage() -> bool:
    """Whether this is `python -m stages STEP`, and no helper of a step."""
    return sys.orig_argv[1:3] == ["-m", "stages"] and sys.orig_argv[3] != "prune"


def is_dvc() -> bool:
    """Whether this is the command `dvc`."""
    return Path(sys.orig_argv[1]).name == "dvc" if len(sys.orig_argv) > 1 else False


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
        if target.parts[0] == "artifacts":
            point = "written" if target.parts[1] == "usage" else "writing"
        else:
            point = "storing" if f".dvc{os.sep}cache{os.sep}files" in str(target) else ""
        if point == POINT:
            kill()


def note_writers(event: str, arguments: tuple[Any, ...]) -> None:
    """Note this process when it gives an artifact its name."""
    if event == "os.rename" and Path(os.fsdecode(arguments[1])).parts[0] == "artifacts":
        with Path(os.environ["WRITERS"]).open("a") as file:
            file.write(f"{os.getpid()}\n")


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


if POINT and (is_dvc() if POINT == "storing" else is_stage()):
    if POINT == "start":
        kill()
    sys.addaudithook(watch)
if os.environ.get("WRITERS"):
    sys.addaudithook(note_writers)
if os.environ.get("REVERSED"):
    turn_round()
