"""What `dvc repro` would run in the current folder after an edit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dvc.repo import Repo
from plan_tables import STAGES


def planned() -> list[str]:
    """Stages that would run if whatever runs makes something new.

    Without `force_downstream` DVC tells the first stages only: it cannot know that the outputs of
    these will differ, and stops at those that are not there yet. The stage `own` runs for real: it
    takes no time, and decides which of the stages that depend on it run.
    """
    ran = []
    with Repo() as repo:
        plan = repo.reproduce(dry=True, force_downstream=True)
        if "own" in [stage.addressing for stage in plan]:
            ran = repo.reproduce("own")
            plan = repo.reproduce(dry=True, force_downstream=True)
    return sorted(stage.addressing for stage in ran + plan)


@contextmanager
def fingerprints_restored(project: Path) -> Iterator[None]:
    """Run the stage `own` again if the block did: of the files and params that are back."""
    before = (project / "dvc.lock").read_bytes()
    yield
    if (project / "dvc.lock").read_bytes() != before:
        with Repo() as repo:
            repo.reproduce("own")


def expanded(steps: str) -> list[str]:
    """Stages by name from words that are steps of the finished project or stages."""
    return sorted(stage for step in steps.split() for stage in STAGES.get(step, [step]))


def with_value(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Set a nested key; None removes it, and a mapping is merged into the one that is there."""

    def edit(params: dict[str, Any]) -> None:
        *blocks, last = key.split(".")
        for block in blocks:
            params = params[block]
        merged = isinstance(value, dict) and last in params
        params[last] = params[last] | value if merged else value
        if value is None:
            del params[last]

    return edit
