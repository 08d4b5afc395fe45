"""`python -m stages STEP ...`: imports a step only when it runs."""

import os
import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from pipeline.common.errors import PipelineError, noexec_explained, out_of_memory_explained
from pipeline.encoder.processes import is_first_process
from stages import ARTIFACTS
from stages.limits import encoder_limits_checked
from stages.unchanged import own_files_unchanged
from stages.usage import record

# What to do if a command runs out of memory: for each step, then for a helper.
REMEDIES = {
    "own": "free some memory",
    "encoder": "choose a smaller encoder.name",
    "download": "lower download.max_pairs",
    "tokenize": "lower download.max_pairs",
    "aligner": "free some memory",
    "word_align": "lower download.max_pairs",
    "judge": "lower judge.sentences or download.max_pairs",
    "pairs": "lower pairs.train or download.max_pairs",
    "align": "lower align.defaults.batch_tokens or sentences, or choose a smaller encoder.name",
    "retrieval": "lower pairs.test or retrieval.type_sentences, or list fewer retrieval.layers",
    "analyses": "lower pairs.test or analyses.resamples",
    "nli": "lower nli.train",
    "xnli": "lower xnli.tuning.batch, or choose a smaller encoder.name",
    "translate_train": "lower xnli.tuning.batch, or choose a smaller encoder.name",
    "continual": "lower xnli.tuning.batch and align.defaults.batch_tokens",
    "report": "lower pairs.test or analyses.resamples",
    "release": "free some memory",
}
STEPS = tuple(REMEDIES)
REMEDIES |= {"align-words": "align fewer lines at once, or choose a smaller encoder"}
# Their processes share the work of training, and only the first one writes. Any other command that
# a launcher starts several times runs once.
SHARED = ("align", "xnli", "translate_train", "continual")
HELPERS = (
    "configure",
    "curve",
    "corpora",
    "evaluate-links",
    "needs",
    "align-words",
    "draw-links",
    "provenance",
    "prune",
    "upgrade",
    "verify",
)  # commands that make no artifact


# Folders of artifacts that DVC does not track.
UNTRACKED = ("checkpoints", "live", "trackers", "usage")


class StepCommands(TyperGroup):
    """Imports the module with the name of a command when it runs."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of all commands, steps first in the order of the pipeline."""
        return [*STEPS, *HELPERS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command with this name; None if there is none."""
        if cmd_name not in STEPS + HELPERS:
            return None
        step = typer.Typer(add_completion=False)
        main = import_module(f"stages.{cmd_name.replace('-', '_')}").main
        step.command(cmd_name)(guarded(cmd_name, main))
        return typer.main.get_command(step)


def guarded(command: str, main: Callable[..., None]) -> Callable[..., None]:
    """The command, in one process unless it shares work; it explains where memory ran out."""

    @wraps(main)
    def run(**names: object) -> None:
        if command not in SHARED and not is_first_process():
            return
        memory = out_of_memory_explained(command, REMEDIES.get(command, "free some memory"))
        with memory, noexec_explained(command):
            if command not in STEPS:
                main(**names)
                return
            check_artifacts()
            words = [str(name) for name in names.values()]
            unchanged = own_files_unchanged(command, words)
            with record(command, words), unchanged, encoder_limits_checked(command):
                main(**names)

    return run


app = typer.Typer(cls=StepCommands, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def steps() -> None:
    """The steps of the pipeline; `dvc repro` calls them in order, from the repository's root."""


def check_environment() -> None:
    """Raise PipelineError for variables with which huggingface_hub cannot even be imported."""
    for name in ("HF_HUB_DOWNLOAD_TIMEOUT", "HF_HUB_ETAG_TIMEOUT"):
        seconds = os.environ.get(name)
        if seconds is not None and not seconds.isdecimal():
            raise PipelineError(f"{name}={seconds}: is not a whole number of seconds: correct it")


def check_artifacts() -> None:
    """Raise PipelineError for a folder of results that is a link: DVC fails after the step."""
    for path in (ARTIFACTS, *ARTIFACTS.glob("*")):
        if path.is_symlink() and path.is_dir() and path.name not in UNTRACKED:
            raise PipelineError(
                f"{path}: is a link to a folder, which DVC does not accept as an output: move the "
                "folder back; docs/sharing.md explains how to use another disk"
            )


def main() -> None:
    """Run a step; bad input ends in one line on stderr and exit code 1."""
    try:
        check_environment()
        app()
    except PipelineError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
