"""The program fast_align (Dyer, Chahuneau and Smith, 2013), as the step `aligner` builds it."""

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

NO_NUMBER = re.compile(r"^\s*(?:log_e likelihood|cross entropy):\s*[-+]?(?:nan|inf)", re.MULTILINE)
FOREIGN = "it was built for another machine: run `dvc repro --force --single-item aligner`"
# A program cannot start while a process forked by another thread holds its copy open for writing.
STARTING = threading.Lock()


def run_program(
    program: Path, source: Sequence[str], english: Sequence[str], iterations: int, reverse: bool
) -> Links:
    """Links (source, English) of each pair of tokenised lines, in one direction.

    The options are those of Cao et al. (2020): `-d -o -v`, with `-r` for the reverse direction, in
    which the program predicts source words but still prints `source-english`. May be called in
    several threads at once. Raises PipelineError if the program does not run here, fails, or
    writes anything but one line of links a pair.
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
    # More threads change the order of sums, and so the result, from run to run.
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    try:
        with STARTING:
            # What DVC checks out is not executable, and may be a link into its cache.
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
        raise _failure(program, f"cannot start ({error.strerror})", FOREIGN) from error
    with process:
        try:
            output, words = process.communicate()
        except BaseException:
            process.kill()
            raise
    _check_end(program, process.returncode, words)
    return output


def _check_end(program: Path, code: int, words: str) -> None:
    if code < 0:
        name = signal.Signals(-code).name
        if -code == signal.SIGILL:
            raise _failure(program, f"died of {name}", FOREIGN)
        raise _failure(program, f"died of {name} (out of memory?)", "lower download.max_pairs")
    if code > 0:
        last = shorten("; ".join(words.strip().splitlines()[-2:]), 300)
        # 126, 127 and this word: the system, or its C library, does not take the program.
        foreign = code in (126, 127) or "GLIBC" in words
        raise _failure(program, f"exited with {code} ({last})", *([FOREIGN] if foreign else []))
    if NO_NUMBER.search(words):
        remedy = "lower tokenize.max_characters, very long lines overflow"
        raise _failure(program, "its likelihood is no number", remedy)


def _failure(
    program: Path, what: str, remedy: str = "run tokenize and aligner again"
) -> PipelineError:
    wheel = "word_align.provider: wheel needs no program"
    return PipelineError(f"word_align: {program}: {what}: {remedy}; {wheel}")
