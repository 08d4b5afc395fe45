"""Losses and gradients against the formulas, one sentence and one word at a time."""

import copy
import dataclasses

import pytest
import torch
from tiny import TRAINING, train_split

from pipeline.align.batches import StepDataset
from pipeline.align.losses import contrastive, step_losses
from pipeline.align.objectives import OBJECTIVES
from pipeline.encoder.word_vectors import LayerEncoder


def vectors(model, ids, layer):
    """All subwords of one sentence, unpadded."""
    output = model(input_ids=torch.from_numpy(ids)[None].long(), output_hidden_states=True)
    return output.hidden_states[layer][0]


def words_of(side, numbers, hidden):
    """The mean over each word's subwords."""
    return [hidden[side.first[n] : side.last[n] + 1].mean(dim=0) for n in numbers]


def compared(model, frozen, split, training, layer):
    """What is compared in one language: source vectors, their targets, English now and before."""
    source, goal, now, before = [], [], [], []
    for one in (split.take([number]) for number in range(len(split))):
        s = vectors(model, one.source.ids, layer)
        t = vectors(model, one.english.ids, layer)
        t0 = vectors(frozen, one.english.ids, layer)
        aim = t0 if training.target == "frozen" else t
        every = range(len(one.english.first))
        now += words_of(one.english, every, t)
        before += words_of(one.english, every, t0)
        if training.special_tokens:
            now += [t[0], t[-1]]
            before += [t0[0], t0[-1]]
        if training.objective == "sentence":
            inner = slice(None) if training.special_tokens else slice(1, -1)
            source.append(s[inner].mean(dim=0))
            goal.append(aim[inner].mean(dim=0))
            continue
        source += words_of(one.source, one.source_words, s)
        goal += words_of(one.english, one.english_words, aim)
        if training.special_tokens:
            source += [s[0], s[-1]]
            goal += [aim[0], aim[-1]]
    return [torch.stack(each) for each in (source, goal, now, before)]


def info_nce(source, goal, temperature):
    """Per word, minus the log of its translation's share, in both directions."""
    total = 0
    for i in range(len(source)):
        for queries, keys in ((source, goal), (goal, source)):
            cosines = torch.stack(
                [queries[i] @ key / queries[i].norm() / key.norm() for key in keys]
            )
            shares = (cosines / temperature).exp()
            total = total - (shares[i] / shares.sum()).log() / 2
    return total


def restated(model, frozen, splits, training):
    """L and R of a step in which each split is a batch."""
    loss = regularizer = 0
    mean = training.reduction == "mean"
    layers = [range(3)[layer] for layer in training.layers]
    for layer in layers:
        for split in splits:
            source, goal, now, before = compared(model, frozen, split, training, layer)
            if training.objective == "contrastive":
                part = info_nce(source, goal, training.temperature)
            else:
                part = ((source - goal) ** 2).sum()
            loss = loss + part / (len(source) if mean else 1) / len(layers)
            held = ((now - before) ** 2).sum() / (len(now) if mean else 1) / len(layers)
            regularizer = regularizer + held
    if training.regularizer == "weights":
        both = zip(model.parameters(), frozen.parameters(), strict=True)
        regularizer = sum(((one - two) ** 2).sum() for one, two in both)
    if training.regularizer == "none":
        regularizer = torch.zeros(())
    return loss, regularizer


CASES = {
    "paper": {"reduction": "sum"},
    "script": {"target": "frozen", "special_tokens": True},
    "frozen words": {"target": "frozen"},
    "live": {"special_tokens": True},
    "layers": {"layers": [1, -1]},
    "lower layer": {"layers": [1], "regularizer": "none"},
    "weights": {"regularizer": "weights"},
    "contrastive": {"objective": "contrastive"},
    "contrastive frozen": {"objective": "contrastive", "target": "frozen", "special_tokens": True},
    "contrastive sum": {"objective": "contrastive", "reduction": "sum", "temperature": 0.5},
    "sentence": {"objective": "sentence"},
    "sentence frozen": {"objective": "sentence", "target": "frozen", "special_tokens": True},
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("pooling", ["last", "mean"])
def test_loss_and_gradient_equal_a_float64_restatement(encoder, case, pooling):
    training = dataclasses.replace(TRAINING, **CASES[case])
    frozen = copy.deepcopy(encoder).double().requires_grad_(False)
    with torch.no_grad():  # a live encoder that has moved, or R would be zero
        for weight in encoder.parameters():
            weight.add_(0.05 * torch.randn_like(weight))
    plain = copy.deepcopy(encoder.double())
    splits = {name: train_split(name, pooling=pooling) for name in ("de", "fr")}
    plan = [{"de": torch.arange(3).numpy(), "fr": torch.arange(5).numpy()}]
    step = StepDataset(
        plan,
        splits,
        Unchanged(encoder),
        unit=OBJECTIVES[training.objective].unit,
        special_tokens=training.special_tokens,
    )[0]
    layers = training.layers
    live, initial = LayerEncoder(encoder, layers), LayerEncoder(frozen, layers)
    loss, regularizer = step_losses(live, initial, step, training)
    expected = restated(plain, frozen, [splits["de"].head(3), splits["fr"].head(5)], training)
    assert loss.item() == pytest.approx(expected[0].item(), rel=1e-9)
    assert regularizer.item() == pytest.approx(expected[1].item(), rel=1e-9)
    assert (regularizer.item() > 0) == (training.regularizer != "none")

    (loss + 0.7 * regularizer).backward()
    (expected[0] + 0.7 * expected[1]).backward()
    for one, two in zip(encoder.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(one.grad, two.grad, rtol=1e-7, atol=1e-9)


class Unchanged:
    """The full vocabulary in place of a compact one."""

    def __init__(self, model):
        self.model = model

    def __call__(self, ids):
        return ids


def test_a_temperature_near_zero_leaves_only_the_nearest_negative(encoder):
    vectors = torch.nn.functional.normalize(torch.randn(6, 4, dtype=torch.double), dim=1)
    settings = dataclasses.replace(TRAINING, temperature=1e-3)
    right = contrastive(vectors, vectors, [6], settings)
    assert right.item() == pytest.approx(0, abs=1e-9)
    shuffled = contrastive(vectors, vectors.roll(1, dims=0), [6], settings)
    cosines = (vectors * vectors.roll(1, dims=0)).sum(1)
    assert shuffled.item() == pytest.approx(((1 - cosines) / 1e-3).mean().item(), rel=1e-6)
