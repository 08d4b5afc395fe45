import errno
import mmap

import numpy as np
import pytest
import torch
from noexec import run_noexec

from pipeline.common.errors import PipelineError, noexec_explained, out_of_memory_explained

LOWER = "lower align.defaults.batch_tokens"


def too_much(kind):
    """A real allocation that cannot succeed."""
    if kind == "torch":
        torch.empty(1 << 60, dtype=torch.uint8)
    elif kind == "numpy":
        np.empty(1 << 60, np.uint8)
    elif kind == "python":
        bytearray(1 << 60)
    else:
        mmap.mmap(-1, 1 << 60)


@pytest.mark.parametrize("kind", ["torch", "numpy", "python", "mmap"])
def test_an_allocation_that_fails_names_the_step_and_the_remedy(kind):
    with pytest.raises(PipelineError) as stopped, out_of_memory_explained("pairs", LOWER):
        too_much(kind)
    assert str(stopped.value) == f"pairs: out of memory: {LOWER}"


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total"),
        RuntimeError("CUDA error: out of memory\nCompile with `TORCH_USE_CUDA_DSA`"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:75] err == 0. DefaultCPUAllocator: can't allocate "
            "memory: you tried to allocate 64 bytes. Error code 12 (Cannot allocate memory)"
        ),
        RuntimeError(
            "[enforce fail at CPUAllocator.cpp] data. DefaultCPUAllocator: not enough memory:"
            " you tried to allocate 64 bytes. Buy new RAM!"
        ),
        RuntimeError(
            "Caught RuntimeError in DataLoader worker process 0.\nOriginal Traceback: "
            "DefaultCPUAllocator: can't allocate memory: you tried to allocate 64 bytes."
        ),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
    ],
)
def test_what_allocators_say_is_recognised(error):
    line = f"align: out of memory at step 7, 1200 subwords: {LOWER}"
    place = " at step 7, 1200 subwords"
    with pytest.raises(PipelineError) as stopped, out_of_memory_explained("align", LOWER, place):
        raise error
    assert str(stopped.value) == line
    assert stopped.value.__cause__ is error


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("shared memory bank conflict"),
        RuntimeError("CUDA error: an illegal memory access was encountered"),
        RuntimeError("Expected all tensors to be contiguous in memory"),
        RuntimeError("unable to open shared memory object </torch_1> in read-write mode"),
        RuntimeError("The size of tensor a (2) must match the size of tensor b (3)"),
        OSError(errno.ENOENT, "memory.txt: no such file"),
        PipelineError("memory.tsv: cannot be read"),
        ValueError("out of memory"),
    ],
)
def test_other_errors_pass_through_unchanged(error):
    with pytest.raises(type(error)) as raised, out_of_memory_explained("align", LOWER):
        raise error
    assert raised.value is error
    assert raised.value.__cause__ is None


# A library that is built in TMPDIR and loaded from there, as torch.compile does.
BUILD_AND_LOAD = """
import ctypes, os, subprocess, sys
from pipeline.common.errors import noexec_explained
library = os.environ["TMPDIR"] + "/a library.so"
command = ["cc", "-shared", "-x", "c", "-", "-o", library]
subprocess.run(command, input=b"int number = 1;", check=True)
with noexec_explained("align"):
    try:
        ctypes.CDLL(library)
    except OSError as error:
        raise RuntimeError(f"InductorError: OSError: {error}. The most common reason") from error
"""


def test_a_library_that_may_not_be_loaded_is_named_with_the_remedy(tmp_path):
    result = run_noexec(tmp_path / "temporary", BUILD_AND_LOAD)
    last = result.stderr.splitlines()[-1]
    assert f"align: {tmp_path}/temporary/a library.so: libraries may not be loaded from" in last
    assert last.endswith(
        "set TMPDIR, or TRITON_CACHE_DIR for ~/.triton, to a folder on another disk"
    )


def test_other_errors_are_not_about_the_disk():
    with pytest.raises(OSError, match="cannot open"), noexec_explained("align"):
        raise OSError("cannot open shared object file")
