import platform
import subprocess
import sys

import numpy as np
import torch

from pipeline.common import machine as module
from pipeline.common.machine import machine


def test_reports_processor_system_and_library_versions():
    report = machine()
    assert report["python"] == platform.python_version()
    assert report["torch"] == torch.__version__
    assert report["numpy"] == np.__version__
    assert report["sil-thot"] != "none"
    assert report["cores"] >= 1
    assert "" not in report.values()


def test_reports_the_gpus_that_the_driver_lists(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "GPUS", tmp_path)
    assert machine()["gpu"] == "none"
    for number in ("0000:1b:00.0", "0000:43:00.0"):
        (tmp_path / number).mkdir()
        (tmp_path / number / "information").write_text(
            "Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   \t\t 16\n", "utf-8"
        )
    assert machine()["gpu"] == "NVIDIA H100 80GB HBM3, NVIDIA H100 80GB HBM3"


def test_reports_none_for_a_missing_library(monkeypatch):
    monkeypatch.setattr(module, "REPORTED_LIBRARIES", ("no-such-library",))
    assert machine()["no-such-library"] == "none"


def test_imports_no_library_to_report_its_version():
    code = (
        "import sys; from pipeline.common.machine import machine; machine()\n"
        "print('numpy' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"
