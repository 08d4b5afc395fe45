import platform
import subprocess
import sys

import numpy as np
import torch

from pipeline.common import machine as module
from pipeline.common.machine import machine


def test_tells_processor_system_and_the_versions_that_are_imported():
    told = machine()
    assert told["python"] == platform.python_version()
    assert told["torch"] == torch.__version__
    assert told["numpy"] == np.__version__
    assert told["sil-thot"] != "none"
    assert told["cores"] >= 1
    assert "" not in told.values()


def test_tells_gpus_as_the_driver_lists_them(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "GPUS", tmp_path)
    assert machine()["gpu"] == "none"
    for number in ("0000:1b:00.0", "0000:43:00.0"):
        (tmp_path / number).mkdir()
        (tmp_path / number / "information").write_text(
            "Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   \t\t 16\n", "utf-8"
        )
    assert machine()["gpu"] == "NVIDIA H100 80GB HBM3, NVIDIA H100 80GB HBM3"


def test_says_none_of_a_library_that_is_not_there(monkeypatch):
    monkeypatch.setattr(module, "LIBRARIES", ("no-such-library",))
    assert machine()["no-such-library"] == "none"


def test_loads_no_library_to_tell_its_version():
    code = (
        "import sys; from pipeline.common.machine import machine; machine()\n"
        "print('numpy' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"
