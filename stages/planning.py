"""What `dvc repro` would run, and what its cache costs."""

import logging
from dataclasses import dataclass
from pathlib import Path

from dvc.exceptions import DvcException
from dvc.repo import Repo
from dvc_objects.fs.generic import test_links
from dvc_objects.fs.local import localfs

from pipeline.common.errors import PipelineError, one_line
from stages import ARTIFACTS
from stages.own import fingerprints_by_reader
from stages.params import load_params


@dataclass(frozen=True)
class Plan:
    """The stages that would run, and DVC's cache, which may hold a second copy of their outputs."""

    stages: list[str]
    cache: Path
    copies: bool


def plan() -> Plan:
    """The plan of a run with the current params, assuming that every stage changes its outputs.

    The step own runs first: until it has, every stage seems to change. Raises PipelineError if own
    files are at fault, or if DVC cannot make a plan.
    """
    logging.getLogger("dvc").setLevel(logging.ERROR)
    fingerprints_by_reader(load_params())  # a fault is one line here, without DVC's
    try:
        with Repo() as repo:
            own = repo.reproduce("own")
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
