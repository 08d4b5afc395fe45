"""The one exception that users are meant to see, and out of memory turned into it."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import shorten

# The beginnings of what torch's allocators and CUDA's libraries say, in a RuntimeError.
ALLOCATOR_MESSAGES = (
    "DefaultCPUAllocator: can't allocate memory",
    "DefaultCPUAllocator: not enough memory: you tried to allocate",
    "CUDA out of memory",
    "CUDA error: out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_ALLOC_FAILED",
    "HIP out of memory",
    "MPS backend out of memory",
)

# What the C library says of a shared library on a disk that is mounted noexec, in an ImportError.
NOT_LOADED = re.compile(r"(/[^\n]*?): failed to map segment from shared object")


class PipelineError(Exception):
    """Bad input; str(error) is one line that names the culprit and the remedy."""


class DamagedError(PipelineError):
    """A file that is not whole; where it is a copy, another one may be."""


@contextmanager
def out_of_memory_explained(step: str, remedy: str, detail: str = "") -> Iterator[None]:
    """Raise PipelineError with the remedy if the block runs out of memory.

    `detail` says where in the step, such as " at step 7". Other errors pass through unchanged.
    """
    try:
        yield
    except (MemoryError, OSError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        raise PipelineError(f"{step}: out of memory{detail}: {remedy}") from error


@contextmanager
def noexec_explained(step: str) -> Iterator[None]:
    """Raise PipelineError with the remedy if the block builds a library and may not load it.

    torch.compile does so in TMPDIR, and Triton in TRITON_CACHE_DIR.
    """
    try:
        yield
    except Exception as error:
        if not (path := NOT_LOADED.search(str(error))):
            raise
        raise PipelineError(
            f"{step}: {path[1]}: libraries may not be loaded from there (a disk mounted noexec): "
            "set TMPDIR, or TRITON_CACHE_DIR for ~/.triton, to a folder on another disk"
        ) from error


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an allocation failed, on the CPU or on an accelerator, in any library."""
    if isinstance(error, MemoryError):  # also that of NumPy and of Arrow
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    # torch's class, without importing torch, which is slow to load.
    if type(error).__name__ == "OutOfMemoryError":
        return True
    return any(message in str(error) for message in ALLOCATOR_MESSAGES)


def first_line(error: BaseException) -> str:
    """The first line of an error's text, or its class if it has none."""
    lines = str(error).strip().splitlines()
    return one_line(lines[0]) if lines else type(error).__name__


def one_line(text: object, length: int = 200) -> str:
    """A text from elsewhere for a message: printable, on one line, at most `length` characters."""
    printable = "".join(
        character if character.isprintable() else " " for character in str(text)[: 10 * length]
    )
    return shorten(printable, length)
