"""The curves of a training while it runs: TSV files in the layout of DVCLive, and trackers.

DVCLive itself would have the steps after the last checkpoint twice when a killed run resumes.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from accelerate import Accelerator
from accelerate.tracking import get_available_trackers

from ..common.errors import PipelineError
from ..common.files import explained_full_disk, read_lines, remove, write_lines

PROJECT = "contextual-alignment"  # in trackers
PACKAGES = {"comet_ml": "comet-ml"}  # of trackers that have another name


@dataclass(frozen=True)
class Live:
    """The curves of one training; no result depends on them.

    Each series has the file `plots/metrics/NAME.tsv` in `folder`, with the columns step and NAME.
    `trackers` are names that accelerate knows; they call the run `name`, show its `settings` and
    write their files, if they have some, in the folder `logs`. Only the main process writes.
    """

    name: str
    folder: Path
    logs: Path
    trackers: Sequence[str]
    settings: Mapping[str, Any]

    def begin(self, accelerator: Accelerator, done: int) -> None:
        """Go on after `done` steps, or start new curves if that is 0."""
        if not accelerator.is_main_process:
            return
        if not done:
            remove(self.folder)
            remove(self.logs)
        (self.folder / "plots" / "metrics").mkdir(parents=True, exist_ok=True)
        for path in self.folder.rglob("*.tsv"):
            _cut(path, done)
        if self.trackers:
            shown = {
                key: str(value) if isinstance(value, list) else value
                for key, value in self.settings.items()
            }
            accelerator.init_trackers(PROJECT, shown, self._options(done))

    def add(self, accelerator: Accelerator, step: int, values: Mapping[str, float]) -> None:
        """Write the values of a step by the names of their series; those that are nan are not."""
        if not accelerator.is_main_process:
            return
        measured = {name: value for name, value in values.items() if not np.isnan(value)}
        for name, value in measured.items():
            path = self.folder / "plots" / "metrics" / f"{name}.tsv"
            head = "" if path.exists() else f"step\t{name}\n"
            with explained_full_disk(path), path.open("a", encoding="utf-8", newline="\n") as file:
                file.write(f"{head}{step}\t{value!r}\n")
        accelerator.log(measured, step=step)

    def end(self, accelerator: Accelerator) -> None:
        """Close the trackers; `Accelerator.end_training` would also part the processes."""
        for tracker in accelerator.trackers:
            tracker.finish()

    def _options(self, done: int) -> dict[str, dict[str, Any]]:
        """What each tracker is given: the run's name and, where it continues runs by one, an id."""
        run = self.logs / "run"
        if not run.exists():
            write_lines(run, [uuid.uuid4().hex])
        (run_id,) = read_lines(run)
        return {
            "clearml": {"task_name": self.name},
            "mlflow": {"run_name": self.name},
            "swanlab": {"experiment_name": self.name, "logdir": str(self.logs)},
            "tensorboard": {"purge_step": done + 1},
            "trackio": {"name": self.name},
            "wandb": {"name": self.name, "id": run_id, "resume": "allow", "dir": str(self.logs)},
        }


def check_trackers(names: Iterable[str]) -> None:
    """Raise PipelineError for a tracker whose package is not installed."""
    for name in names:
        if name not in map(str, get_available_trackers()):
            raise PipelineError(
                f"trackers: {name} is not installed: pip install {PACKAGES.get(name, name)}, or "
                "take it out of trackers in params.yaml"
            )


def _cut(path: Path, done: int) -> None:
    """Keep the head of a series and its first `done` steps; a killed run may have written more."""
    complete, _, _ = path.read_text("utf-8").rpartition("\n")
    head, *rows = complete.split("\n")
    kept = [row for row in rows if int(row.split("\t")[0]) <= done]
    if kept:
        write_lines(path, [head, *kept])
    else:
        remove(path)
