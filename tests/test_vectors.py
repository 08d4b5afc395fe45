import numpy as np
import pytest
import torch
from conftest import build
from hypothesis import given
from hypothesis import strategies as st

from pipeline.splits import Spans
from pipeline.vectors import pad, pair_vectors, pool, token_batches


def one_by_one(model, split, number):
    """The plain way: each sentence alone, unpadded, and the mean over each span."""
    found = []
    for one in (split.take([row]) for row in range(len(split))):
        side, spans = (one.source, one.english)[number], one.pairs()[number]
        with torch.no_grad():
            hidden = model(input_ids=torch.from_numpy(side.ids)[None].long()).last_hidden_state[0]
        bounds = zip(spans.first, spans.last, strict=True)
        found += [hidden[first : last + 1].mean(dim=0).numpy() for first, last in bounds]
    return np.array(found)


@pytest.mark.parametrize("pooling", ["last", "first", "mean"])
def test_vectors_equal_sentences_encoded_alone_whatever_the_batches(encoder, pooling):
    split = build("de", pooling=pooling)["train"][0].head(9)
    expected = [one_by_one(encoder, split, number) for number in (0, 1)]
    for budget in (1, 60, 4096):
        for found, each in zip(pair_vectors(encoder, split, budget), expected, strict=True):
            np.testing.assert_allclose(found, each, rtol=1e-4, atol=1e-5)


def test_the_mean_over_spans_and_its_gradient():
    hidden = torch.randn(2, 5, 3, dtype=torch.double, requires_grad=True)
    spans = Spans(np.array([0, 1, 1]), np.array([1, 0, 4]), np.array([3, 1, 4]))
    found = pool(hidden, spans)
    expected = torch.stack([hidden[0, 1:4].mean(0), hidden[1, 0:2].mean(0), hidden[1, 4]])
    torch.testing.assert_close(found, expected)
    weights = torch.randn_like(expected)
    gradients = [
        torch.autograd.grad((each * weights).sum(), hidden)[0] for each in (found, expected)
    ]
    torch.testing.assert_close(*gradients)


@given(st.lists(st.integers(1, 50), min_size=1), st.integers(1, 200))
def test_batches_hold_every_sentence_once_within_the_budget(lengths, budget):
    batches = list(token_batches(lengths, budget))
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= budget


def test_pad_fills_the_right():
    ids, mask = pad([np.array([5, 6, 7]), np.array([8])], 1, torch.device("cpu"))
    assert ids.tolist() == [[5, 6, 7], [8, 1, 1]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]
