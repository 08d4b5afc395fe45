"""What `dvc repro` would run in the current folder after an edit."""

from collections.abc import Callable
from typing import Any

from dvc.repo import Repo
from plan_tables import STAGES


def planned() -> list[str]:
    """Stages that would run if whatever runs makes something new.

    Without `force_downstream` DVC tells the first stages only: it cannot know that the outputs of
    these will differ, and stops at those that are not there yet. The stage `own` runs for real: it
    takes no time, and decides which of the stages that depend on it run.
    """
    with Repo() as repo:
        stages = repo.reproduce("own")
        stages += repo.reproduce(dry=True, force_downstream=True)
    return sorted(stage.addressing for stage in stages)


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
