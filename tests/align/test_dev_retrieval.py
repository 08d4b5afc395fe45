import copy

import numpy as np
import pytest
import torch
from tiny import train_split

from pipeline.align.dev_retrieval import TrainingMonitor, dev_retrieval
from pipeline.encoder.word_vectors import pair_vectors
from pipeline.retrieval.csls import retrieve


def accuracy(model, splits):
    found = [retrieve(*pair_vectors(model, split), 10)["csls"] for split in splits]
    right = [each.best_row == np.arange(len(each.best_row)) for both in found for each in both]
    return np.mean([each.mean() for each in right])


def test_dev_retrieval_is_the_mean_of_all_directions_without_dropout(encoder):
    splits = [train_split(name).head(9) for name in ("de", "fr")]
    expected = accuracy(encoder, splits)
    encoder.train(True)
    assert dev_retrieval(encoder, splits) == pytest.approx(expected)
    assert encoder.training
    assert 0 < expected < 1


def test_the_series_has_dev_where_it_was_due(encoder):
    monitor = TrainingMonitor(encoder, [train_split("de").head(5)], every=2, patience=0)
    for step in range(1, 6):
        monitor.add(step, 1 / step, 0.5, 100)
    history = monitor.history()
    assert history.step.tolist() == [1, 2, 3, 4, 5]
    assert history.dev.notna().tolist() == [False, True, False, True, False]
    assert history.loss[3] == 0.25
    assert "loss 0.2, regularizer 0.5" in monitor.status()
    assert f"dev {history.dev[3]:.3f}" in monitor.status()


def test_a_run_without_gain_stops_and_restores_its_best_weights(encoder, monkeypatch):
    measured = iter([0.3, 0.5, 0.5, 0.4])
    monkeypatch.setattr("pipeline.align.dev_retrieval.dev_retrieval", lambda *_: next(measured))
    monitor = TrainingMonitor(encoder, [train_split("de").head(5)], every=1, patience=2)
    states = []
    for step in range(1, 5):
        with torch.no_grad():
            for weight in encoder.parameters():
                weight.add_(step)
        monitor.add(step, 1.0, 1.0, 1)
        states.append(copy.deepcopy(encoder.state_dict()))
        assert monitor.stopped() == (step == 4)
    monitor.restore_best()
    for name, value in encoder.state_dict().items():
        assert torch.equal(value, states[1][name])


def test_without_patience_nothing_stops_and_the_last_weights_stay(encoder, monkeypatch):
    monkeypatch.setattr("pipeline.align.dev_retrieval.dev_retrieval", lambda *_: 0.1)
    monitor = TrainingMonitor(encoder, [train_split("de").head(5)], every=1, patience=0)
    for step in range(1, 9):
        monitor.add(step, 1.0, 1.0, 1)
    assert not monitor.stopped()
    assert monitor.best_weights == {}


def test_a_restored_monitor_continues_alike(encoder):
    first = TrainingMonitor(encoder, [train_split("de").head(5)], every=1, patience=3)
    first.add(1, 1.0, 1.0, 1)
    second = TrainingMonitor(encoder, first.dev, every=1, patience=3)
    second.load_state_dict(first.state_dict())
    for monitor in (first, second):
        monitor.add(2, 0.5, 0.5, 1)
    assert first.history().equals(second.history())
    assert first.best == second.best
    assert first.waited == second.waited
