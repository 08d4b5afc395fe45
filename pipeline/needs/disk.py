"""Whether what a run writes fits on the disks."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..common.errors import PipelineError


@dataclass(frozen=True)
class Demand:
    """Bytes that a run writes below a folder, which need not exist."""

    what: str
    folder: Path
    size: int

    @property
    def existing(self) -> Path:
        """The folder, or the lowest one above it that exists."""
        folder = self.folder.absolute()
        return next(path for path in (folder, *folder.parents) if path.exists())


def fit(demands: Iterable[Demand]) -> list[str]:
    """A line for each disk: what it has free, and what it gets.

    Raises PipelineError if that does not fit.
    """
    disks: dict[int, list[Demand]] = {}
    for demand in demands:
        if demand.size:
            disks.setdefault(demand.existing.stat().st_dev, []).append(demand)
    lines = []
    for on_disk in disks.values():
        needed = sum(demand.size for demand in on_disk)
        folder = on_disk[0].existing
        free = shutil.disk_usage(folder).free
        parts = ", ".join(f"{gigabytes(demand.size)} {demand.what}" for demand in on_disk)
        if needed > free:
            raise PipelineError(
                f"{folder}: the run needs about {gigabytes(needed)} on this disk ({parts}), but "
                f"{gigabytes(free)} are free: free some, or start dvc repro, which does not check"
            )
        lines.append(f"{gigabytes(needed)} of {gigabytes(free)} free at {folder}: {parts}")
    return lines


def gigabytes(size: float) -> str:
    """A number of bytes for people."""
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.1f} MB"
