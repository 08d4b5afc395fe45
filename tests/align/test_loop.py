import copy
import dataclasses
import json
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from clones import ROOT, done
from launch import kill_at_checkpoint
from live_curves import read_curves
from safetensors.numpy import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tiny import TRAINING, build, train_split

from pipeline.align.loop import align
from pipeline.common.errors import PipelineError
from pipeline.encoder.live import PROJECT
from pipeline.encoder.precision import autocast_dtype
from pipeline.encoder.word_vectors import pair_vectors
from pipeline.retrieval.csls import retrieve


@pytest.fixture
def trainer(tmp_path, encoder_folder, warm, monkeypatch):
    """The command that trains with some changes, and the folder that it writes to."""
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'helpers'}")

    def command(out, changes, checkpoints=""):
        arguments = (str(encoder_folder), str(checkpoints), str(tmp_path / out))
        return [warm["SHELL"], "python", "-m", "train_tiny", *arguments, json.dumps(changes)]

    return command


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_two_runs_agree_bit_for_bit_and_the_loss_falls(encoder):
    pairs = {language: train_split(language) for language in ("de", "fr")}
    start, twin = encoder, copy.deepcopy(encoder)
    training = dataclasses.replace(TRAINING, dropout=True, epochs=4)
    first, second = align(start, pairs, training), align(twin, pairs, training)
    assert first.equals(second)
    for one, two in zip(start.state_dict().values(), twin.state_dict().values(), strict=True):
        assert torch.equal(one, two)
    assert first.loss.tail(5).mean() < 0.7 * first.loss.head(5).mean()


@pytest.mark.parametrize("objective", ["l2", "contrastive", "sentence"])
def test_each_objective_brings_translations_it_saw_closer(encoder, objective):
    pairs = {"de": train_split("de")}

    def log_rank():
        both = retrieve(*pair_vectors(encoder, pairs["de"]), 10)["csls"]
        return np.mean([np.log(each.rank + 1).mean() for each in both])

    before = log_rank()
    changes = {"objective": objective, "epochs": 12, "learning_rate": 5e-3}
    align(encoder, pairs, dataclasses.replace(TRAINING, **changes))
    assert log_rank() < before - 0.3


@pytest.mark.parametrize("regularizer", ["output", "weights"])
def test_the_regularizer_keeps_the_encoder_in_place(encoder, regularizer):
    pairs = {"de": train_split("de")}
    moved = {}
    for weight in (0.0, 300.0):
        model = copy.deepcopy(encoder)
        changes = {"regularizer": regularizer, "regularizer_weight": weight, "epochs": 3}
        align(model, pairs, dataclasses.replace(TRAINING, **changes))
        english = [pair_vectors(each, pairs["de"])[1] for each in (model, encoder)]
        moved[weight] = np.square(english[0] - english[1]).sum()
    assert 0 < moved[300.0] < 0.5 * moved[0.0]


def test_the_full_vocabulary_is_restored(encoder):
    before = {name: weight.clone() for name, weight in encoder.state_dict().items()}
    align(encoder, {"de": train_split("de")}, TRAINING, {"de": build("de")["dev"][0]})
    after = encoder.state_dict()
    assert {name: each.shape for name, each in before.items()} == {
        name: each.shape for name, each in after.items()
    }
    trained = train_split("de").head(TRAINING.sentences)
    used = np.union1d(trained.source.ids, trained.english.ids)
    rows = "embeddings.word_embeddings.weight"
    moved = (before[rows] != after[rows]).any(dim=1).nonzero().flatten().tolist()
    assert moved == used.tolist()


def test_dev_retrieval_is_recorded_and_does_not_change_training(encoder):
    pairs, dev = {"de": train_split("de")}, {"de": build("de", dev=9)["dev"][0]}
    plain, watched = encoder, copy.deepcopy(encoder)
    align(plain, pairs, dataclasses.replace(TRAINING, dropout=True))
    history = align(watched, pairs, dataclasses.replace(TRAINING, dropout=True, dev_steps=3), dev)
    assert history.dev.notna().sum() == len(history) // 3
    for one, two in zip(plain.state_dict().values(), watched.state_dict().values(), strict=True):
        assert torch.equal(one, two)


def test_patience_ends_a_run_early(encoder):
    pairs, dev = {"de": train_split("de")}, {"de": build("de", dev=9)["dev"][0]}
    changes = {"dev_steps": 1, "patience": 2, "epochs": 20, "learning_rate": 1e-9}
    history = align(encoder, pairs, dataclasses.replace(TRAINING, **changes), dev)
    assert len(history) == 3


def refused(encoder, pairs, dev, **changes):
    with pytest.raises(PipelineError) as error:
        align(encoder, pairs, dataclasses.replace(TRAINING, **changes), dev)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_patience_that_cannot_stop_the_run_is_refused_before_it(encoder):
    pairs, dev = {"de": train_split("de")}, {"de": build("de", dev=9)["dev"][0]}
    for changes, given in (({}, dev), ({"dev_steps": 99}, dev), ({"dev_steps": 1}, None)):
        line = refused(encoder, pairs, given, patience=2, **changes)
        assert re.match(r"align: patience 2 cannot stop a run of \d+ steps in which dev_", line)


def test_dev_pairs_too_few_to_measure_are_refused_before_training(encoder):
    pairs, dev = {"de": train_split("de")}, {"de": build("de", dev=9)["dev"][0].head(1)}
    line = refused(encoder, pairs, dev, dev_steps=1)
    assert re.match(r"align: de has \d word pairs for measuring dev .* raise pairs.dev or", line)
    align(encoder, pairs, dataclasses.replace(TRAINING, dev_steps=99), dev)  # measures nothing


def test_a_loss_that_is_not_finite_ends_the_run_and_names_the_batch(encoder):
    rows = train_split("de").source
    with torch.no_grad():  # one word of the text is broken
        encoder.embeddings.word_embeddings.weight[int(rows.ids[rows.id_bounds[7] + 1])] = np.nan
    with pytest.raises(PipelineError) as stopped:
        align(encoder, {"de": train_split("de")}, TRAINING)
    message = str(stopped.value)
    assert "align: the loss is nan and the regularizer" in message
    named = message.split("pairs de ")[1].split(":", maxsplit=1)[0].split(", ")
    assert any(each.strip(" …").isdigit() for each in named)
    assert "\n" not in message


def test_a_language_without_training_sentences_is_named(encoder):
    pairs = {"de": train_split("de"), "fr": train_split("fr").head(0)}
    with pytest.raises(PipelineError, match="align: fr has no training sentences"):
        align(encoder, pairs, TRAINING)


def test_out_of_memory_names_the_step_and_what_to_lower(encoder, monkeypatch):
    """The real allocation of a tensor that no machine has room for."""
    monkeypatch.setattr("pipeline.align.loop.step_losses", lambda *_: torch.empty(1 << 60))
    with pytest.raises(PipelineError) as stopped:
        align(encoder, {"de": train_split("de")}, TRAINING)
    place = r"align: out of memory at step 1, \d+ subwords: lower align.defaults.batch_tokens"
    assert re.fullmatch(place, str(stopped.value))


@pytest.mark.parametrize(
    ("changes", "kills"),
    [({}, [9]), ({"dropout": True, "dev_steps": 2, "patience": 50}, [3, 9])],
)
def test_a_killed_run_resumes_and_ends_with_the_same_bytes(trainer, tmp_path, changes, kills):
    changes = {**changes, "epochs": 1, "checkpoint_minutes": 0}
    done(tmp_path, *trainer("whole", changes))
    checkpoints = tmp_path / "checkpoints"
    for after in kills:  # after different steps
        kill_at_checkpoint(trainer("killed", changes, checkpoints), checkpoints, after)
    assert not (tmp_path / "killed").exists()
    done(tmp_path, *trainer("killed", changes, checkpoints))
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")
    check_curves(tmp_path / "killed")
    metrics = Path("plots", "metrics")
    assert contents(tmp_path / "killed-live" / metrics) == contents(
        tmp_path / "whole-live" / metrics
    )


def check_curves(out):
    """The series, also those in TensorBoard, have each step once, with what the history has."""
    history = pd.read_csv(out / "training.csv", index_col="step")
    curves = read_curves(out)
    assert set(curves) == {"learning_rate", *history.columns[history.notna().any()]}
    events = EventAccumulator(f"{out}-logs/{PROJECT}").Reload()
    for name in {*curves} - {"learning_rate"}:
        shown = [(event.step, event.value) for event in events.Scalars(name)]
        assert curves[name].to_dict() == history[name].dropna().to_dict()
        assert shown == [(step, np.float32(value)) for step, value in curves[name].items()]


def test_a_checkpoint_of_another_configuration_is_refused(encoder, tmp_path):
    pairs = {"de": train_split("de")}
    settings = dataclasses.replace(TRAINING, checkpoint_minutes=0)
    align(copy.deepcopy(encoder), pairs, settings, checkpoints=tmp_path)
    other = dataclasses.replace(settings, learning_rate=1e-4, sentences=20)
    with pytest.raises(PipelineError) as refused:
        align(encoder, pairs, other, checkpoints=tmp_path)
    line = str(refused.value)
    assert f"{tmp_path}: the unfinished run there differs in " in line
    named = line.split("differs in ")[1].split(":", maxsplit=1)[0].split(", ")
    assert {"learning_rate", "sentences"} <= set(named)
    assert "seed" not in named


def test_two_processes_compute_what_one_does(trainer, tmp_path, warm):
    """With `contrastive`, whose words also meet those of the other process."""
    changes = {"objective": "contrastive", "epochs": 3, "interleave": "share", "dev_steps": 5}
    launch = [warm["SHELL"], "python", "-m", "accelerate.commands.launch", "--cpu", "--no_python"]
    launch += ["--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no"]
    for processes in ("1", "2"):
        done(tmp_path, *launch, "--num_processes", processes, *trainer(processes, changes))
    one, two = (np.genfromtxt(tmp_path / n / "training.csv", delimiter=",")[1:] for n in "12")
    assert len(one) >= 20
    assert read_curves(tmp_path / "2")["loss"].index.tolist() == [*range(1, len(two) + 1)]
    np.testing.assert_allclose(one[:20], two[:20], rtol=1e-6, atol=1e-6)
    weights = [load_file(tmp_path / name / "model.safetensors") for name in "12"]
    for name, value in weights[0].items():
        np.testing.assert_allclose(value, weights[1][name], atol=1e-4)


def test_auto_means_bfloat16_where_the_device_has_it():
    cpu = torch.device("cpu")
    able = Path("/proc/cpuinfo").exists() and "avx512_bf16" in Path("/proc/cpuinfo").read_text()
    assert (autocast_dtype("auto", cpu) == torch.bfloat16) == able
    assert autocast_dtype("auto", torch.device("mps")) is None
    assert autocast_dtype("float32", cpu) is None
    assert autocast_dtype("bfloat16", cpu) == torch.bfloat16


def test_a_run_in_bfloat16_is_close_to_float32_and_reproducible(encoder):
    pairs = {"de": train_split("de")}
    runs = {}
    for precision in ("float32", "bfloat16"):
        training = dataclasses.replace(TRAINING, precision=precision)
        runs[precision] = align(copy.deepcopy(encoder), pairs, training).loss
    again = align(encoder, pairs, dataclasses.replace(TRAINING, precision="bfloat16")).loss
    assert again.equals(runs["bfloat16"])
    assert not runs["float32"].equals(runs["bfloat16"])
    np.testing.assert_allclose(runs["float32"], runs["bfloat16"], rtol=0.1)
