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


@dataclass(frozen=True)
class Plan:
    """The stages that would run, and DVC's cache, which may hold a second copy of their outputs."""

    stages: list[str]
    cache: Path
    copies: bool


def plan() -> Plan:
    """The plan of a run with the params as they are, if whatever runs makes something new.

    Raises PipelineError if DVC cannot make one.
    """
    logging.getLogger("dvc").setLevel(logging.ERROR)
    try:
        with Repo() as repo:
            stages = repo.reproduce(dry=True, force_downstream=True)
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
