"""What `dvc repro` would run, and what its cache costs."""

import logging
from dataclasses import dataclass
from pathlib import Path

from dvc.exceptions import DvcException, ReproductionError
from dvc.repo import Repo
from dvc.stage import Stage
from dvc_objects.fs.generic import test_links
from dvc_objects.fs.local import localfs

from pipeline.common.errors import PipelineError, one_line
from stages import ARTIFACTS


def reproduce_own(repo: Repo) -> list[Stage]:
    """Run the step own if it is stale, on which most others depend; return what ran.

    Raises PipelineError if it fails.
    """
    try:
        ran: list[Stage] = repo.reproduce("own")
    except ReproductionError as error:
        raise PipelineError("the step own failed: see its message above") from error
    return ran


@dataclass(frozen=True)
class Plan:
    """The stages that would run, and DVC's cache, which may hold a second copy of their outputs."""

    stages: list[str]
    cache: Path
    copies: bool


def plan() -> Plan:
    """The plan of a run with the current params, assuming that every stage changes its outputs.

    The step own runs first: until it has, every stage seems to change. Raises PipelineError if it
    fails, or if DVC cannot make a plan.
    """
    logging.getLogger("dvc").setLevel(logging.ERROR)
    try:
        with Repo() as repo:
            own = reproduce_own(repo)
            stages = [*own, *repo.reproduce(dry=True, force_downstream=True)]
            cache = repo.cache.local
            linked = test_links(
                cache.cache_types, localfs, cache.path, localfs, str(Path(ARTIFACTS).absolute())
            )
    except DvcException as error:
        raise PipelineError(
            f"the run cannot be planned ({one_line(error)}): dvc repro --dry says more"
        ) from error
    disks = {Path(place).stat().st_dev for place in (cache.path, ".")}
    copies = not linked or linked[0] == "copy" or len(disks) > 1
    return Plan([stage.addressing for stage in stages], Path(cache.path), copies)
