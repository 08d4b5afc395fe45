import ast
import dataclasses

import pytest
import torch
from clones import ROOT, done
from inference import EXAMPLES, TUNING
from launch import launched
from tiny import TRAINING, train_split

from pipeline.align.loop import align
from pipeline.common.errors import PipelineError
from pipeline.encoder.subwords import read_tokenizer
from pipeline.encoder.training import new_accelerator
from pipeline.xnli.fine_tuning import fine_tune

SCRIPT = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import torch
from pipeline.encoder.training import new_accelerator, of_main_process
accelerator = new_accelerator()
number = accelerator.process_index
print(number, accelerator.num_processes, of_main_process(accelerator, number + 0.1), torch.rand(1))
"""


def test_two_gpus_do_not_bring_data_parallel(encoder, encoder_folder, monkeypatch):
    def refused(*_, **__):
        raise AssertionError("DataParallel")

    monkeypatch.setattr(torch.nn.DataParallel, "__init__", refused)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    align(encoder, {"de": train_split("de")}, TRAINING)
    tokenizer = read_tokenizer(encoder_folder)
    settings = dataclasses.replace(TUNING, epochs=1)
    fine_tune(encoder, tokenizer, EXAMPLES, EXAMPLES, settings, seed=1)


def test_no_step_loads_the_trainer(warm, tmp_path):
    """The processes of `warm` have what all steps import."""
    script = tmp_path / "script.py"
    script.write_text("import sys; print(*sys.modules)")
    loaded = done(tmp_path, warm["SHELL"], "python", str(script)).split()
    assert "transformers.modeling_utils" in loaded
    assert "transformers.trainer" not in loaded
    for top in ("pipeline", "stages", "benchmarks"):
        for path in (ROOT / top).rglob("*.py"):
            tree = ast.walk(ast.parse(path.read_text("utf-8")))
            names = [getattr(node, "id", getattr(node, "attr", "")) for node in tree]
            assert {"Trainer", "DataParallel"}.isdisjoint(names), path


@pytest.mark.parametrize("processes", [1, 2])
def test_processes_agree_but_draw_their_own_dropout(warm, tmp_path, processes):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    lines = launched(tmp_path, processes, [warm["SHELL"], "python", str(script)])
    words = [line.split(maxsplit=3) for line in lines]
    assert [row[:3] for row in words] == [[str(n), str(processes), "0.1"] for n in range(processes)]
    assert len({row[3] for row in words}) == processes


def test_processes_that_do_not_know_of_each_other_are_refused(monkeypatch):
    monkeypatch.setenv("SLURM_PROCID", "0")
    monkeypatch.setenv("SLURM_STEP_NUM_TASKS", "2")
    with pytest.raises(PipelineError, match=r"2 processes were started, .* accelerate launch"):
        new_accelerator()
