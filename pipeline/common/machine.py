"""The machine and the library versions that produced the results."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# Their code determines the numbers and bytes of the artifacts.
REPORTED_LIBRARIES = (
    "accelerate",
    "dvc",
    "icu4py",
    "langcodes",
    "numpy",
    "pandas",
    "pyarrow",
    "rjieba",
    "pythainlp",
    "regex",
    "sacremoses",
    "safetensors",
    "scipy",
    "sil-thot",
    "sudachidict-small",
    "sudachipy",
    "tokenizers",
    "torch",
    "transformers",
)
CPU_INFO = Path("/proc/cpuinfo")
GPUS = Path("/proc/driver/nvidia/gpus")


def machine() -> dict[str, str | int]:
    """Processor, GPUs, system and library versions, read without slow imports."""
    system: dict[str, str | int] = {
        "cpu": _cpu(),
        "cores": os.cpu_count() or 1,
        "gpu": ", ".join(_gpus()) or "none",
        "os": platform.platform(),
        "python": platform.python_version(),
    }
    return system | {library: _version(library) for library in REPORTED_LIBRARIES}


def _cpu() -> str:
    names = _fields(CPU_INFO, "model name") if CPU_INFO.is_file() else []
    return next(iter(names), platform.processor() or platform.machine())


def _gpus() -> list[str]:
    return [name for path in sorted(GPUS.glob("*/information")) for name in _fields(path, "Model")]


def _fields(path: Path, key: str) -> list[str]:
    lines = path.read_text("utf-8", "replace").splitlines()
    fields = (line.partition(":") for line in lines)
    return [value.strip() for name, _, value in fields if name.strip() == key]


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"
