import dataclasses

import numpy as np
import pytest
import torch
from inference import EXAMPLES, TUNING
from transformers import get_linear_schedule_with_warmup

from pipeline.encoder.subwords import read_tokenizer
from pipeline.xnli.batches import ExampleSteps, learning_rate, length_grouped
from pipeline.xnli.classifier import encode


@pytest.mark.parametrize(("examples", "batch"), [(1, 8), (7, 8), (100, 8), (5000, 16)])
def test_an_epoch_has_every_example_once_in_batches_of_similar_length(examples, batch):
    lengths = np.random.default_rng(5).integers(5, 128, examples)
    batches = length_grouped(lengths, batch, np.random.default_rng(1))
    assert sorted(np.concatenate(batches)) == list(range(examples))
    sizes = sorted(map(len, batches), reverse=True)
    assert sizes[:-1] == [batch] * (len(sizes) - 1)
    padded = sum(len(rows) * lengths[rows].max() for rows in batches)
    if examples == 5000:
        assert padded < 1.05 * lengths.sum()  # a random order has 1.7 times as many


def test_epochs_and_seeds_have_other_batches():
    lengths = np.full(40, 9)
    one, again, other = (
        np.concatenate(length_grouped(lengths, 8, np.random.default_rng(seed))).tolist()
        for seed in (1, 1, 2)
    )
    assert one == again != other


def steps(folder, batch=47, epochs=2, **processes):
    tokenizer = read_tokenizer(folder)
    inputs = encode(EXAMPLES, tokenizer, type("", (), {"type_vocab_size": 2})(), 64)
    settings = dataclasses.replace(TUNING, epochs=epochs, batch=batch)
    return ExampleSteps(inputs, list(EXAMPLES.label), 0, settings, 1, **processes)


def test_the_longest_example_comes_first_so_that_memory_runs_out_at_once(encoder_folder):
    whole = steps(encoder_folder, batch=4, epochs=3)
    longest = max(step.inputs["input_ids"].shape[1] for step in map(whole.__getitem__, range(36)))
    assert whole[0].inputs["input_ids"].shape[1] == longest
    assert len(whole) == 36
    labels = [step.labels for step in map(whole.__getitem__, range(36))]
    for epoch in range(3):
        counts = torch.cat(labels[12 * epoch : 12 * epoch + 12]).bincount()
        assert counts.tolist() == [16] * 3


def test_processes_share_a_batch_and_one_without_examples_has_no_share(encoder_folder):
    whole = steps(encoder_folder)
    shares = [steps(encoder_folder, process=number, processes=3) for number in range(3)]
    assert len(whole) == len(shares[0]) == 4
    for index in range(4):
        parts = [part[index] for part in shares]
        assert sum(part.share for part in parts) == pytest.approx(1)
        own = [part for part in parts if part.share]
        labels = torch.cat([part.labels for part in own]).bincount(minlength=3)
        assert torch.equal(labels, whole[index].labels.bincount(minlength=3))
        assert [part.number for part in parts] == [index + 1] * 3
    sizes = [[len(part[index].labels) for part in shares] for index in range(4)]
    assert sorted(sizes) == [[1, 1, 1], [1, 1, 1], [16, 16, 15], [16, 16, 15]]


@pytest.mark.parametrize("warmup", [0.0, 0.1, 0.25, 0.95])
def test_the_learning_rate_is_that_of_transformers(warmup):
    settings = dataclasses.replace(TUNING, learning_rate=0.5, warmup=warmup)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.5)
    schedule = get_linear_schedule_with_warmup(optimizer, int(np.ceil(13 * warmup)), 13)
    for number in range(1, 14):
        expected = optimizer.param_groups[0]["lr"]
        assert learning_rate(number, 13, settings) == pytest.approx(expected)
        optimizer.step()
        schedule.step()
