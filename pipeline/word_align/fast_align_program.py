"""Word alignment by the program fast_align (Dyer, Chahuneau and Smith, 2013).

The step `aligner` builds the program.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from textwrap import shorten

from ..common.errors import PipelineError
from .links import Links, from_pharaoh

NOT_FINITE = re.compile(r"^\s*(?:log_e likelihood|cross entropy):\s*[-+]?(?:nan|inf)", re.MULTILINE)
NOEXEC = "set TMPDIR to a folder where programs may run, on a disk that is not mounted noexec"
REBUILD = "it was built for another machine: run `dvc repro --force --single-item aligner`"
# A program cannot start while a process forked by another thread has its file open for writing.
START_LOCK = threading.Lock()


def run_program(
    program: Path, source: Sequence[str], english: Sequence[str], iterations: int, reverse: bool
) -> Links:
    """Links (source, English) of pairs of tokenised lines, in one direction.

    The options are those of Cao et al. (2020): `-d -o -v`, and `-r` for the reverse direction, in
    which the program predicts source words but still prints `source-english`. Safe to call from
    several threads at once. Raises PipelineError if the program does not run on this machine,
    fails, or does not print one line of links per pair.
    """
    with tempfile.TemporaryDirectory() as name:
        text, copy = Path(name, "text"), Path(name, "fast_align")
        with text.open("w", encoding="utf-8", newline="\n") as file:
            for pair in zip(source, english, strict=True):
                file.write(" ||| ".join(pair) + "\n")
        options = ["-i", str(text), "-d", "-o", "-v", "-I", str(iterations)]
        output = _output(program, copy, [*options, "-r"] if reverse else options)
    lines = output.split("\n")
    if lines.pop() or len(lines) != len(source):
        raise _failure(program, f"{len(lines)} whole lines for {len(source)} sentence pairs")
    try:
        return from_pharaoh(lines)
    except PipelineError as error:
        raise _failure(program, str(error)) from error


def _output(program: Path, copy: Path, options: list[str]) -> str:
    # With more threads the order of sums, and so the result, varies from run to run.
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    try:
        with START_LOCK:
            # A file checked out by DVC is not executable and may be a link into its cache.
            shutil.copyfile(program, copy)
            copy.chmod(0o700)
            process = subprocess.Popen(
                [copy, *options],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
            )
    except OSError as error:
        if not program.is_file():
            remedy = "set word_align.provider: source and run `dvc repro aligner`"
            raise PipelineError(f"word_align: {program} is missing: {remedy}") from error
        denied = isinstance(error, PermissionError) and copy.exists()
        remedy = NOEXEC if denied else REBUILD
        raise _failure(program, f"cannot start ({error.strerror})", remedy) from error
    with process:
        try:
            output, messages = process.communicate()
        except BaseException:
            process.kill()
            raise
    _check_exit(program, process.returncode, messages)
    return output


def _check_exit(program: Path, code: int, messages: str) -> None:
    if code < 0:
        name = signal.Signals(-code).name
        if -code == signal.SIGILL:
            raise _failure(program, f"died of {name}", REBUILD)
        raise _failure(program, f"died of {name} (out of memory?)", "lower download.max_pairs")
    if code > 0:
        last = shorten("; ".join(messages.strip().splitlines()[-2:]), 300)
        failure = f"exited with {code} ({last})"
        # The system (126, 127) or its C library (GLIBC) cannot run the program.
        if code in (126, 127) or "GLIBC" in messages:
            raise _failure(program, failure, REBUILD)
        raise _failure(program, failure)
    if NOT_FINITE.search(messages):
        remedy = "lower tokenize.max_characters, very long lines overflow"
        raise _failure(program, "its likelihood is not finite", remedy)


def _failure(
    program: Path, fault: str, remedy: str = "run tokenize and aligner again"
) -> PipelineError:
    wheel = "word_align.provider: wheel needs no program"
    return PipelineError(f"word_align: {program}: {fault}: {remedy}; {wheel}")
