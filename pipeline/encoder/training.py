"""What all trainings share: devices and processes, steps that resume, and when to save.

Several processes share each batch; a batch never becomes larger with their number. All of them take
the decisions of the main process, which alone writes artifacts.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import torch
from accelerate import Accelerator, DistributedDataParallelKwargs, PartialState
from accelerate.utils import broadcast
from torch.utils.data import DataLoader, Dataset

from ..common.errors import PipelineError
from ..common.progress import progress
from .checkpoints import Checkpoints
from .devices import default_device
from .live import Live
from .processes import process_count

T = TypeVar("T")


def new_accelerator(live: Live | None = None, *, unused_weights: bool = False) -> Accelerator:
    """One device per process: the one that accelerate gives it, also where there are more.

    With `unused_weights`, some weights of the model have no part in the loss. Raises PipelineError
    if a launcher started several processes that do not know of each other.
    """
    trackers: dict[str, Any] = {}
    if live and live.trackers:  # accelerate warns of an empty list
        trackers = {"log_with": [*live.trackers], "project_dir": live.logs}
    parallel = DistributedDataParallelKwargs(
        broadcast_buffers=False, find_unused_parameters=unused_weights
    )
    accelerator = Accelerator(
        cpu=default_device().type == "cpu",  # or several processes need ACCELERATE_USE_CPU
        mixed_precision="no",  # it is a setting of ours, not of the launcher
        kwargs_handlers=[parallel],
        **trackers,
    )
    if accelerator.num_processes < process_count():
        raise PipelineError(
            f"{process_count()} processes were started, which cannot share a training run: start "
            "one with accelerate launch, or a single process"
        )
    if accelerator.process_index:  # or dropout would be the same in all processes
        torch.manual_seed(torch.initial_seed() + accelerator.process_index)
    return accelerator


def share_of(state: Accelerator | PartialState) -> dict[str, int]:
    """Which process this is, and of how many, as arguments of what shares a batch."""
    return {"process": state.process_index, "processes": state.num_processes}


def environment(accelerator: Accelerator) -> dict[str, Any]:
    """What the result of a training depends on besides its settings and data."""
    return {
        "processes": accelerator.num_processes,
        "device": accelerator.device.type,
        "torch": torch.__version__,
    }


def of_main_process(accelerator: Accelerator, value: float) -> float:
    """The main process's value, in all processes; each must call this."""
    if accelerator.num_processes == 1:
        return value
    shared = torch.tensor(value, dtype=torch.float64, device=accelerator.device)
    return float(broadcast(shared))


def resumed(
    accelerator: Accelerator,
    steps: Dataset[T],
    checkpoints: Checkpoints | None,
    name: str,
    status: Callable[[], str],
    *,
    live: Live | None = None,
) -> Iterator[T]:
    """Yield the steps that the last checkpoint does not have, and save the state when it is due.

    Progress is reported under `name`, see `progress`; `live` begins after the checkpoint, too.
    Raises PipelineError if the saved state is of another configuration.
    """
    done = checkpoints.load(accelerator) if checkpoints else 0
    if live:
        live.begin(accelerator, done)
    loader = read_ahead(steps, done, workers=2 if torch.cuda.is_available() else 0)
    main = accelerator.is_main_process
    shown = progress(loader, name, status, done) if main else loader
    for number, step in enumerate(shown, start=done + 1):
        yield step
        if checkpoints and of_main_process(accelerator, checkpoints.due()):
            checkpoints.save(accelerator, number)


def read_ahead(steps: Dataset[T], start: int, workers: int) -> DataLoader[T]:
    """The steps from `start` (from 0) on, made by that many worker processes."""
    return DataLoader(
        steps,
        batch_size=None,
        sampler=range(start, len(steps)),  # type: ignore[arg-type]
        num_workers=workers,
        collate_fn=_unchanged,  # the default would turn the counts into tensors
        pin_memory=torch.cuda.is_available(),
        generator=torch.Generator(),  # the default draws from the generator that dropout uses
    )


def _unchanged(step: Any) -> Any:
    return step
