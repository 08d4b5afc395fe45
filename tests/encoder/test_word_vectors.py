import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny import build, train_split

from pipeline.encoder.pair_arrays import Spans, pair_words
from pipeline.encoder.word_vectors import (
    LayerEncoder,
    make_inputs,
    make_words,
    pad,
    pair_vectors,
    pool,
    side_vectors,
    token_batches,
)


def one_by_one(model, split, side, layer=-1):
    """The mean over each span, from each sentence encoded alone and unpadded.

    Also the vectors of all first subwords, then of all last subwords. `side` is 0 or 1.
    """
    words, first_subwords, last_subwords = [], [], []
    for sentence in range(len(split)):
        alone = split.take([sentence])
        spans, text = alone.pairs()[side], (alone.source, alone.english)[side]
        ids = torch.from_numpy(text.ids)[None].long()
        with torch.no_grad():
            hidden = model(input_ids=ids, output_hidden_states=True).hidden_states[layer][0]
        for first, last in zip(spans.first, spans.last, strict=True):
            words.append(hidden[first : last + 1].mean(dim=0).numpy())
        first_subwords.append(hidden[0].numpy())
        last_subwords.append(hidden[-1].numpy())
    return np.array(words), np.array(first_subwords + last_subwords)


@pytest.mark.parametrize("pooling", ["last", "first", "mean"])
def test_vectors_do_not_depend_on_the_batches(encoder, pooling):
    split = build("de", pooling=pooling)["train"][0].head(9)
    expected = [one_by_one(encoder, split, side)[0] for side in (0, 1)]
    for budget in (1, 60, 4096):
        vectors = pair_vectors(encoder, split, -1, budget)
        for side in (0, 1):
            np.testing.assert_allclose(vectors[side], expected[side], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("pooling", ["last", "mean"])
def test_words_and_sentences_of_a_side_at_each_layer(encoder, pooling):
    split = build("fr", pooling=pooling)["train"][0].head(9)
    rows = pair_words(split.english, split.english_words, split.pair_bounds)
    for budget in (1, 60, 4096):
        vectors = side_vectors(encoder, split.english, [2, 0, 1], budget)
        assert vectors.words.shape[:2] == (3, split.english.word_bounds[-1])
        for row, layer in enumerate((2, 0, 1)):
            words, ends = one_by_one(encoder, split, 1, layer)
            means = [sentence_mean(encoder, ids, layer) for ids in split.english.sentences()]
            close(vectors.words[row][rows], words)
            close(np.concatenate([vectors.first[row], vectors.last[row]]), ends)
            close(vectors.means[row], np.array(means))


def sentence_mean(model, ids, layer):
    with torch.no_grad():
        output = model(input_ids=torch.from_numpy(ids)[None].long(), output_hidden_states=True)
    return output.hidden_states[layer][0].mean(dim=0).numpy()


def close(vectors, expected):
    np.testing.assert_allclose(vectors, expected, rtol=1e-4, atol=1e-5)


def test_the_last_layer_is_bit_equal_with_or_without_others(encoder):
    side = train_split("de").source
    last_layer, all_layers = (side_vectors(encoder, side, layers) for layers in ([2], [0, 1, 2]))
    for alone, among_others in zip(last_layer, all_layers, strict=True):
        assert np.array_equal(alone[0], among_others[-1])


def test_the_mean_over_spans_and_its_gradient():
    hidden = torch.randn(10, 3, dtype=torch.double, requires_grad=True)
    pooled = pool(hidden, make_words(Spans(np.array([1, 5, 9]), np.array([3, 6, 9]))))
    expected = torch.stack([hidden[1:4].mean(0), hidden[5:7].mean(0), hidden[9]])
    torch.testing.assert_close(pooled, expected)
    weights = torch.randn_like(expected)
    (gradient,) = torch.autograd.grad((pooled * weights).sum(), hidden)
    (expected_gradient,) = torch.autograd.grad((expected * weights).sum(), hidden)
    torch.testing.assert_close(gradient, expected_gradient)


@given(st.lists(st.integers(1, 50), min_size=1), st.integers(1, 200))
def test_batches_have_every_sentence_once_within_the_budget(lengths, budget):
    batches = list(token_batches(lengths, budget))
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= budget


def test_padding_is_on_the_right():
    ids, mask = pad([np.array([5, 6, 7]), np.array([8])], 1)
    assert ids.tolist() == [[5, 6, 7], [8, 1, 1]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]


@pytest.mark.parametrize("budget", [1, 30, 9999])
def test_hidden_states_are_in_the_order_of_the_sentences(encoder, budget):
    sentences = train_split("de").head(7).source.sentences()
    with torch.no_grad():
        hidden = LayerEncoder(encoder, [0, -1, 1])(make_inputs(sentences, 0, budget))
        outputs = [
            encoder(input_ids=torch.from_numpy(ids)[None].long(), output_hidden_states=True)
            for ids in sentences
        ]
    for row, layer in enumerate((0, 2, 1)):
        expected = torch.cat([output.hidden_states[layer][0] for output in outputs])
        torch.testing.assert_close(hidden[row], expected, rtol=1e-4, atol=1e-5)


def test_bfloat16_approximates_float32(encoder):
    inputs = make_inputs(train_split("de").head(5).source.sentences(), 0, 60)
    with torch.no_grad():
        exact = LayerEncoder(encoder)(inputs)
        rough = LayerEncoder(encoder, dtype=torch.bfloat16)(inputs)
    assert rough.dtype == torch.float32
    assert not torch.equal(exact, rough)
    assert torch.nn.functional.cosine_similarity(exact, rough, dim=-1).min() > 0.99
