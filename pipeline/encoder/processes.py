"""The processes that a launcher started for one step: `accelerate launch`, `mpirun` or `srun`.

They are known from the launcher's variables, without importing torch, which is slow to load.
"""

import os

# The variables that accelerate reads, in its order; Slurm's are the last: `accelerate launch` may
# itself be started by srun.
NUMBER = ("RANK", "PMI_RANK", "OMPI_COMM_WORLD_RANK", "MV2_COMM_WORLD_RANK", "SLURM_PROCID")
COUNT = (
    "WORLD_SIZE",
    "PMI_SIZE",
    "OMPI_COMM_WORLD_SIZE",
    "MV2_COMM_WORLD_SIZE",
    "SLURM_STEP_NUM_TASKS",  # srun alone sets it: a batch script, with SLURM_NTASKS, is one process
)


def is_first_process() -> bool:
    """Whether this process is the only one of its step, or the first: the one that writes."""
    return _read(NUMBER, 0) == 0


def process_count() -> int:
    """How many processes were started for this step."""
    return _read(COUNT, 1)


def _read(names: tuple[str, ...], default: int) -> int:
    values = (os.environ.get(name, "") for name in names)
    return next((int(value) for value in values if value.isdigit()), default)
