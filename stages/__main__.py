"""`python -m stages STEP ...`: imports a step only when it runs."""

import os
import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from pipeline.common.errors import PipelineError
from stages.usage import record

STEPS = (
    "encoder",
    "download",
    "tokenize",
    "aligner",
    "word_align",
    "pairs",
    "align",
    "retrieval",
    "analyses",
    "nli",
    "xnli",
    "translate_train",
    "continual",
    "report",
    "release",
)
HELPERS = (
    "configure",
    "curve",
    "corpora",
    "align-words",
    "provenance",
    "prune",
    "upgrade",
    "verify",
)  # commands that make no artifact


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
        step.command(cmd_name)(main if cmd_name in HELPERS else _recorded(cmd_name, main))
        return typer.main.get_command(step)


def _recorded(step: str, main: Callable[..., None]) -> Callable[..., None]:
    @wraps(main)
    def run(**names: object) -> None:
        with record(step, [str(name) for name in names.values()]):
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


def main() -> None:
    """Run a step; bad input ends in one line on stderr and exit code 1."""
    try:
        check_environment()
        app()
    except PipelineError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
