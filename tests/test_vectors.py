import numpy as np
import pandas as pd
import torch
from hypothesis import given
from hypothesis import strategies as st

from pipeline.vectors import pad, pair_vectors, token_batches, word_vectors

RANDOM = np.random.default_rng(0)
IDS = [RANDOM.integers(5, 200, size) for size in (4, 9, 1, 9, 30, 2)]
POSITIONS = [np.array(p) for p in ([1, 2, 2], [8, 0], [0], [5], [29, 3, 1], [1])]


def one_by_one(model, ids, positions):
    """The plain way: each sentence alone, unpadded."""
    with torch.no_grad():
        rows = [
            model(input_ids=torch.from_numpy(each)[None]).last_hidden_state[0, where]
            for each, where in zip(ids, positions, strict=True)
        ]
    return torch.cat(rows).numpy()


def test_vectors_equal_sentences_encoded_alone_whatever_the_batches(encoder):
    expected = one_by_one(encoder, IDS, POSITIONS)
    for budget in (1, 20, 4096):
        found = word_vectors(encoder, IDS, POSITIONS, budget)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_pair_vectors_stand_row_by_row(encoder):
    pairs = pd.DataFrame(
        {
            "source_ids": [IDS[0], IDS[1]],
            "source_ends": [np.array([1, 2]), np.array([2, 5, 7])],
            "source_words": [np.array([1]), np.array([2, 0])],
            "english_ids": [IDS[3], IDS[4]],
            "english_ends": [np.array([1, 4, 6]), np.array([3, 8])],
            "english_words": [np.array([0]), np.array([1, 0])],
        }
    )
    source, english = pair_vectors(encoder, pairs)
    expected = one_by_one(encoder, [IDS[0], IDS[1]], [[2], [7, 2]])
    np.testing.assert_allclose(source, expected, rtol=1e-4, atol=1e-5)
    expected = one_by_one(encoder, [IDS[3], IDS[4]], [[1], [8, 3]])
    np.testing.assert_allclose(english, expected, rtol=1e-4, atol=1e-5)


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
