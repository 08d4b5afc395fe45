"""Out of memory in any command: one line with its name and what to lower."""

import re

import numpy as np
import pytest
import yaml
from clones import ROOT

from pipeline.common.errors import PipelineError
from stages.__main__ import HELPERS, REMEDIES, STEPS, guarded


@pytest.mark.parametrize("command", STEPS + HELPERS)
def test_a_command_out_of_memory_names_itself_and_the_remedy(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PipelineError) as stopped:
        guarded(command, lambda: np.empty(1 << 60, np.uint8))()
    remedy = REMEDIES.get(command, "free some memory")
    assert str(stopped.value) == f"{command}: out of memory: {remedy}"
    assert not (tmp_path / "artifacts").exists()


def test_the_remedies_name_params_that_exist():
    params = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
    named = [key for remedy in REMEDIES.values() for key in re.findall(r"\w+(?:\.\w+)+", remedy)]
    assert len(set(named)) > 8
    for key in named:
        block = params
        for part in key.split("."):
            block = block[part]


def test_the_word_memory_in_another_error_is_not_taken_for_it():
    def conflict():
        raise RuntimeError("shared memory bank conflict")

    with pytest.raises(RuntimeError, match=r"^shared memory bank conflict$"):
        guarded("align-words", conflict)()
