"""The state of a training run on disk, from which a killed run resumes."""

import hashlib
import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from accelerate import Accelerator

from ..common.errors import PipelineError
from ..common.files import explained_full_disk, remove, write_json
from .pair_arrays import Split

CONFIGURATION = "configuration.json"
MINUTES = "checkpoint_minutes"


class Checkpoints:
    """One folder per saved step, named after it; each is complete and replaces the one before.

    `configuration` is all that the result depends on: a run resumes only under the same one.
    """

    def __init__(self, folder: Path, configuration: dict[str, Any], minutes: float) -> None:
        self.folder = folder
        self.configuration = json.loads(json.dumps(configuration))
        self.seconds = 60 * minutes
        self.saved = time.monotonic()

    def due(self) -> bool:
        """Whether it is time for another one."""
        return time.monotonic() - self.saved >= self.seconds

    def load(self, accelerator: Accelerator) -> int:
        """Restore the last state, if there is one; returns the number of steps done.

        Raises PipelineError if it is of another configuration.
        """
        by_step = {int(path.name): path for path in self.folder.glob("*") if path.name.isdigit()}
        if not by_step:
            return 0
        last = max(by_step)
        self._check(by_step[last])
        accelerator.load_state(str(by_step[last]))
        return last

    def save(self, accelerator: Accelerator, step: int) -> None:
        """Save the state after `step` steps; all processes must call this."""
        path = self.folder / f"{step:09}"
        temporary = path.with_suffix(".tmp")
        if accelerator.is_main_process:
            remove(temporary)
        accelerator.wait_for_everyone()
        with explained_full_disk(path):
            accelerator.save_state(str(temporary))
        accelerator.wait_for_everyone()
        if accelerator.is_main_process:
            write_json(temporary / CONFIGURATION, self.configuration)
            temporary.rename(path)
            for other in self.folder.iterdir():
                if other != path:
                    remove(other)
        self.saved = time.monotonic()

    def _check(self, path: Path) -> None:
        saved = json.loads((path / CONFIGURATION).read_text("utf-8"))
        wanted = self.configuration
        differing = [key for key in saved | wanted if saved.get(key) != wanted.get(key)]
        if differing:
            raise PipelineError(
                f"{self.folder}: the unfinished run there differs in {', '.join(differing)}: "
                "restore these to resume it, or delete the folder to start over"
            )


def deciding(settings: Any) -> dict[str, Any]:
    """The settings of a dataclass that the result depends on: all but `checkpoint_minutes`."""
    return {name: value for name, value in vars(settings).items() if name != MINUTES}


def digest(arrays: Iterable[np.ndarray]) -> str:
    """A fingerprint of the content of some arrays."""
    total = hashlib.blake2b(digest_size=8)
    for array in arrays:
        total.update(np.ascontiguousarray(array).data)
    return total.hexdigest()


def digest_split(split: Split) -> str:
    """A fingerprint of the sentences and word pairs of a split."""
    sides = [array for side in (split.source, split.english) for array in vars(side).values()]
    return digest([*sides, split.source_words, split.english_words, split.pair_bounds])
