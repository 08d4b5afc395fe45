import copy
import dataclasses
import json
import os
import shutil

import numpy as np
import pytest
import torch
from clones import ROOT, done
from inference import EXAMPLES, TUNING
from launch import kill_at_checkpoint, launched
from safetensors.numpy import load_file
from tiny import TRAINING, train_split
from transformers import get_linear_schedule_with_warmup

from pipeline.common.errors import PipelineError
from pipeline.encoder.load import load_encoder
from pipeline.encoder.subwords import read_tokenizer
from pipeline.nli.labels import LABELS
from pipeline.xnli.batches import ExampleSteps
from pipeline.xnli.classifier import Classifier, encode, predict
from pipeline.xnli.continual import Replay
from pipeline.xnli.fine_tuning import fine_tune


@pytest.fixture
def still(encoder_folder, tmp_path):
    """The suite's encoder without dropout."""
    folder = tmp_path / "still"
    shutil.copytree(encoder_folder, folder)
    config = json.loads((folder / "config.json").read_text())
    config |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.fixture
def tuner(tmp_path, warm, monkeypatch):
    """The command that fine-tunes an encoder with some changes, and writes to a folder."""
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'helpers'}")

    def command(encoder, out, changes, checkpoints=""):
        arguments = (str(encoder), str(checkpoints), str(tmp_path / out))
        return [warm["SHELL"], "python", "-m", "tune_tiny", *arguments, json.dumps(changes)]

    return command


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_weights_equal_those_of_a_plain_loop(still):
    """AdamW without decay, transformers' schedule and PyTorch's clipping, one example at a time."""
    settings = dataclasses.replace(TUNING, epochs=2, warmup=0.2, batch=10)
    tokenizer = read_tokenizer(still)
    found, _ = fine_tune(load_encoder(still), tokenizer, EXAMPLES, EXAMPLES, settings, seed=3)
    torch.manual_seed(3)
    plain = Classifier(load_encoder(still))
    inputs = encode(EXAMPLES, tokenizer, plain.encoder.config, 64)
    order = ExampleSteps(inputs, list(EXAMPLES.label), 0, settings, 3).batches
    optimizer = torch.optim.AdamW(
        plain.parameters(), settings.learning_rate, (0.9, 0.999), eps=1e-8, weight_decay=0.0
    )
    schedule = get_linear_schedule_with_warmup(optimizer, 2, len(order))
    states, accuracies = [], []
    for number, batch in enumerate(order, start=1):
        optimizer.zero_grad()
        for row in batch:
            logits = plain(**inputs.batch([row], plain.pad_id))[0]
            right = LABELS.index(EXAMPLES.label[row])
            (-logits.log_softmax(dim=0)[right] / len(batch)).backward()
        torch.nn.utils.clip_grad_norm_(plain.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if number % 5 == 0:
            logits = predict(plain, inputs)
            accuracies.append(np.mean([LABELS[row] for row in logits.argmax(1)] == EXAMPLES.label))
            states.append(copy.deepcopy(plain.state_dict()))
    best = states[int(np.argmax(accuracies))]
    for name, weight in found.state_dict().items():
        if "key.bias" not in name:  # has no gradient but rounding errors, which Adam scales up
            torch.testing.assert_close(weight, best[name], rtol=0, atol=2e-4, msg=name)


@pytest.mark.parametrize(
    ("changes", "kills"), [({}, [3, 13]), ({"continual": "l2"}, [11])], ids=["task", "continual"]
)
def test_a_killed_run_resumes_and_ends_with_the_same_bytes(
    tuner, tmp_path, encoder_folder, changes, kills
):
    changes = {**changes, "epochs": 3, "checkpoint_minutes": 0}
    done(tmp_path, *tuner(encoder_folder, "whole", changes))
    checkpoints = tmp_path / "checkpoints"
    command = tuner(encoder_folder, "killed", changes, checkpoints)
    for step in kills:
        kill_at_checkpoint(command, checkpoints, step)
    assert not (tmp_path / "killed").exists()
    done(tmp_path, *command)
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")


def test_a_checkpoint_of_another_configuration_is_refused(encoder_folder, tmp_path):
    tokenizer = read_tokenizer(encoder_folder)

    def tune(weight, **changes):
        settings = dataclasses.replace(TUNING, epochs=1, **changes)
        added = Replay({"de": train_split("de").head(20)}, TRAINING, weight)
        given = (load_encoder(encoder_folder), tokenizer, EXAMPLES, EXAMPLES, settings)
        fine_tune(*given, seed=1, added_loss=added, checkpoints=tmp_path)

    tune(1.0, checkpoint_minutes=0)
    with pytest.raises(PipelineError) as refused:
        tune(0.5, checkpoint_minutes=7, learning_rate=1e-4, batch=4)
    line = str(refused.value)
    assert line.startswith(f"{tmp_path}: the unfinished run there differs in ")
    named = line.split("differs in ")[1].split(":", maxsplit=1)[0].split(", ")
    assert set(named) == {"learning_rate", "batch", "alignment_weight"}


@pytest.mark.parametrize("changes", [{}, {"continual": "contrastive"}], ids=["task", "continual"])
def test_two_processes_compute_what_one_does(tuner, tmp_path, still, changes):
    """The batch is the same, also where its last example leaves a process without one."""
    changes = {**changes, "epochs": 2, "batch": 11, "learning_rate": 1e-3}
    for processes in (1, 2):
        launched(tmp_path, processes, tuner(still, str(processes), changes))
    one, two = (json.loads((tmp_path / name / "dev.json").read_text())["dev"] for name in "12")
    assert one == two
    weights = [load_file(tmp_path / name / "classifier.safetensors") for name in "12"]
    for name, value in weights[0].items():
        if "key.bias" not in name:  # has no gradient but rounding errors, which Adam scales up
            np.testing.assert_allclose(value, weights[1][name], atol=1e-4, err_msg=name)
