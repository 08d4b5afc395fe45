import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from clones import ROOT, edit_params, run_step
from inference import EXAMPLES, PLACES, TUNING, examples
from launch import launched, saved_steps

import pipeline.xnli.fine_tuning as module
from pipeline.common.errors import PipelineError
from pipeline.encoder.load import load_encoder
from pipeline.encoder.subwords import read_tokenizer
from pipeline.nli.labels import LABELS
from pipeline.xnli.classifier import accuracy, encode, predict
from pipeline.xnli.fine_tuning import figures, fine_tune, in_language, predictions

HOOKS = ROOT / "tests" / "hooks"


@pytest.fixture
def tune(encoder_folder):
    """Fine-tunes the suite's encoder; returns dev's accuracies, and the logits of `test`."""
    tokenizer = read_tokenizer(encoder_folder)

    def tuned(train, dev, test, seed=1, **changes):
        settings = dataclasses.replace(TUNING, **changes)
        encoder = load_encoder(encoder_folder)
        classifier, history = fine_tune(encoder, tokenizer, train, dev, settings, seed=seed)
        return history, predict(classifier, encode(test, tokenizer, classifier.encoder.config, 64))

    return tuned


def test_memorises_a_small_set_and_two_runs_agree(tune):
    runs = [tune(EXAMPLES, EXAMPLES, EXAMPLES) for _ in range(2)]
    assert accuracy(runs[0][1], list(EXAMPLES.label)) >= 0.95
    assert runs[0][1].tobytes() == runs[1][1].tobytes()
    assert runs[0][0] == runs[1][0]
    assert len(runs[0][0]) == 60


def test_another_seed_gives_another_run(tune):
    one, two = (tune(EXAMPLES, EXAMPLES, EXAMPLES, epochs=1, seed=seed)[1] for seed in (1, 2))
    assert np.abs(one - two).max() > 0.01


def test_shuffled_labels_score_one_third(tune):
    """The texts do not determine the labels: 144 of 432 are right in three runs, sd 9.8."""
    everything = examples(PLACES)
    scores = []
    for seed in range(3):
        random = np.random.default_rng(seed)
        train, test = (
            everything.assign(label=random.permutation(everything.label)) for _ in range(2)
        )
        _, logits = tune(train, train, test, epochs=30)
        assert accuracy(logits, list(train.label)) > 0.42  # it has memorised the training labels
        scores.append(accuracy(logits, list(test.label)))
    assert abs(np.mean(scores) - 1 / 3) < 3 * np.sqrt(2 / 9 / (3 * len(everything)))


def test_the_first_of_the_best_epochs_is_kept(tune, monkeypatch):
    """The labels of dev are permuted, so that training lowers the accuracy there."""
    turned = dict(zip(LABELS, (*LABELS[1:], LABELS[0]), strict=True))
    dev = EXAMPLES.assign(label=EXAMPLES.label.map(turned))
    seen = []

    def spy(*arguments):
        seen.append(predict(*arguments))
        return seen[-1]

    monkeypatch.setattr(module, "predict", spy)
    history, logits = tune(EXAMPLES, dev, dev, epochs=60)
    assert history == [accuracy(each, list(dev.label)) for each in seen]
    best = history.index(max(history))
    assert history[-1] < 0.1 < history[best]
    np.testing.assert_allclose(logits, seen[best], atol=1e-5)
    assert [np.abs(logits - each).max() > 1e-3 for each in seen].count(False) == 1


def test_of_equal_epochs_the_first_is_kept(tune, monkeypatch):
    seen = []
    monkeypatch.setattr(module, "predict", lambda *given: seen.append(predict(*given)) or seen[-1])
    monkeypatch.setattr(module, "accuracy", lambda *_: 0.5)
    history, logits = tune(EXAMPLES, EXAMPLES, EXAMPLES, epochs=3)
    assert history == [0.5] * 3
    np.testing.assert_allclose(logits, seen[0], atol=1e-5)
    assert np.abs(logits - seen[-1]).max() > 1e-3


def test_measuring_dev_does_not_change_the_training(tune, monkeypatch):
    logits = []
    for measure in (predict, lambda *_: np.zeros((48, 3), np.float32)):
        rising = iter([0.1, 0.2, 0.3])
        monkeypatch.setattr(module, "predict", measure)
        monkeypatch.setattr(module, "accuracy", lambda *_, rising=rising: next(rising))
        logits.append(tune(EXAMPLES, EXAMPLES, EXAMPLES, epochs=3)[1])
    np.testing.assert_array_equal(*logits)


def test_bfloat16_is_close_to_float32_and_reproducible(tune):
    one, two, full = (
        tune(EXAMPLES, EXAMPLES, EXAMPLES, epochs=1, precision=precision)[1]
        for precision in ("bfloat16", "bfloat16", "float32")
    )
    assert one.tobytes() == two.tobytes() != full.tobytes()
    np.testing.assert_allclose(one, full, atol=0.3)


def test_diverging_training_is_reported(tune):
    with pytest.raises(PipelineError, match=r"xnli: the loss is nan at step 3: lower xnli\.tuning"):
        tune(EXAMPLES, EXAMPLES, EXAMPLES, epochs=2, learning_rate=1e38)


def test_a_language_without_examples_is_named():
    frame = EXAMPLES.assign(language=["en", "de"] * 24)
    assert in_language(frame, "de", "train").premise.tolist() == EXAMPLES.premise[1::2].tolist()
    with pytest.raises(PipelineError, match=r"no train examples in sw: give .* or take sw out"):
        in_language(frame, "sw", "train")


def test_predictions_use_the_rotation_of_each_language(encoder_folder):
    tokenizer, frame = read_tokenizer(encoder_folder), EXAMPLES.head(6)
    frame = frame.assign(language=["en", "de", "en", "de", "de", "en"], id=[0, 0, 1, 1, 2, 2])
    encoder, settings = load_encoder(encoder_folder), dataclasses.replace(TUNING, epochs=1)
    classifier, _ = fine_tune(encoder, tokenizer, frame, frame, settings, seed=1)
    turn = {"de": -np.eye(16, dtype=np.float32)}
    found = predictions(classifier, tokenizer, frame, 64, turn)
    assert list(found.columns) == ["id", "language", "label", *LABELS]
    assert found[["id", "language", "label"]].equals(frame[["id", "language", "label"]])
    inputs = encode(frame, tokenizer, classifier.encoder.config, 64)
    expected = np.where(
        (frame.language == "de").to_numpy()[:, None],
        predict(classifier, inputs, turn["de"]),
        predict(classifier, inputs),
    )
    np.testing.assert_allclose(found[list(LABELS)], expected, atol=1e-5)


def test_figures_have_accuracies_by_language_and_epoch():
    found = pd.DataFrame(
        {
            "language": ["en", "en", "de"],
            "label": ["neutral", "neutral", "contradiction"],
            "entailment": [0.0, 1.0, 0.0],
            "neutral": [1.0, 0.0, 0.0],
            "contradiction": [0.0, 0.0, 1.0],
        }
    )
    assert figures(found, [0.25, 0.5, 0.5]) == {
        "epoch": 2,
        "dev": {"1": 0.25, "2": 0.5, "3": 0.5},
        "test": {"de": 1.0, "en": 0.5},
    }


def project(folder, encoder_folder):
    """The inputs of the step xnli, and params for a run of many steps."""
    shutil.copytree(encoder_folder, folder / "artifacts" / "align" / "base")
    (folder / "artifacts" / "nli").mkdir()
    frames = [EXAMPLES.assign(language=code, id=range(48)) for code in ("en", "de")]
    for split in ("train", "dev", "test"):
        pd.concat(frames).to_parquet(folder / "artifacts" / "nli" / f"{split}.parquet")
    shutil.copy(ROOT / "params.yaml", folder)
    edit_params(folder, lambda params: params["xnli"]["tuning"].update(epochs=30))
    return folder


STEP = ("xnli", "base", "1")


def curves(folder):
    """The files with the series of the step."""
    live = folder / "artifacts" / "live" / "xnli" / "base" / "1" / "plots" / "metrics"
    return {path.name: path.read_bytes() for path in live.iterdir()}


def written(folder):
    """What the step wrote, and what it left behind."""
    out, unfinished = (folder / "artifacts" / name / "xnli" for name in (".", "checkpoints"))
    files = {path.name: path.read_bytes() for path in (out / "base").iterdir()}
    return files, [path for path in unfinished.rglob("*") if path.is_file()]


def test_a_killed_step_resumes_and_gives_the_same_bytes(tmp_path, encoder_folder, warm):
    killed, whole = (project(tmp_path / name, encoder_folder) for name in ("killed", "whole"))
    edit_params(killed, lambda params: params["xnli"]["tuning"].update(checkpoint_minutes=0))
    own = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    checkpoints = killed / "artifacts" / "checkpoints" / "xnli" / "base" / "1"
    command = [sys.executable, "-m", "stages", *STEP]
    with subprocess.Popen(
        command, cwd=killed, env={**os.environ, **own}, stderr=subprocess.DEVNULL
    ) as process:
        while not any(step >= 4 for step in saved_steps(checkpoints)):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert not (killed / "artifacts" / "xnli").exists()
    assert saved_steps(checkpoints) != []
    edit_params(killed, lambda params: params["xnli"]["tuning"].update(checkpoint_minutes=5))
    for folder in (killed, whole):
        result = run_step(folder, warm, *STEP, **own)
        assert result.returncode == 0, result.stderr
    assert written(killed) == written(whole)
    assert written(killed)[1] == []
    assert curves(killed) == curves(whole)
    assert set(curves(whole)) == {"dev.tsv", "learning_rate.tsv", "loss.tsv"}
    assert list((killed / "artifacts").rglob(".*")) == []


def test_two_processes_write_once_what_one_does(tmp_path, encoder_folder, warm):
    one, two = (project(tmp_path / name, encoder_folder) for name in ("one", "two"))
    config = two / "artifacts" / "align" / "base" / "config.json"
    still = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    config.write_text(json.dumps(json.loads(config.read_text()) | still))
    shutil.copy(config, one / "artifacts" / "align" / "base")
    exact = {"epochs": 2, "precision": "float32"}
    for processes, folder in ((1, one), (2, two)):
        edit_params(folder, lambda params: params["xnli"]["tuning"].update(exact))
        command = [warm["SHELL"], "python", "-m", "stages", *STEP]
        launched(folder, processes, command, PYTHONPATH=f"{ROOT}{os.pathsep}{HOOKS}", WRITERS="w")
    assert len(set((two / "w").read_text().split())) == 1
    tables = [pd.read_parquet(folder / "artifacts/xnli/base/1.parquet") for folder in (one, two)]
    pd.testing.assert_frame_equal(*tables, atol=1e-4)
    assert written(two)[1] == []
