import copy

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny import build, make_tokenizer, train_split
from transformers import AutoModel, BertConfig, XLMRobertaConfig, XLMRobertaXLConfig

from pipeline.common.errors import PipelineError
from pipeline.encoder.pair_arrays import Spans
from pipeline.encoder.word_vectors import (
    Encoder,
    drop_layers,
    layer_numbers,
    layer_vectors,
    make_inputs,
    make_words,
    pad,
    pair_vectors,
    pool,
    token_batches,
)


def one_by_one(model, split, number, layer=-1):
    """The plain way: each sentence alone, unpadded, and the mean over each span.

    Also the vectors of what stands first, and of what stands last, in each sentence.
    """
    found, first_ones, last_ones = [], [], []
    for one in (split.take([row]) for row in range(len(split))):
        side, spans = (one.source, one.english)[number], one.pairs()[number]
        ids = torch.from_numpy(side.ids)[None].long()
        with torch.no_grad():
            hidden = model(input_ids=ids, output_hidden_states=True).hidden_states[layer][0]
        bounds = zip(spans.first, spans.last, strict=True)
        found += [hidden[first : last + 1].mean(dim=0).numpy() for first, last in bounds]
        first_ones.append(hidden[0].numpy())
        last_ones.append(hidden[-1].numpy())
    return np.array(found), np.array(first_ones + last_ones)


@pytest.mark.parametrize("pooling", ["last", "first", "mean"])
def test_vectors_equal_sentences_encoded_alone_whatever_the_batches(encoder, pooling):
    split = build("de", pooling=pooling)["train"][0].head(9)
    expected = [one_by_one(encoder, split, number)[0] for number in (0, 1)]
    for budget in (1, 60, 4096):
        for found, each in zip(pair_vectors(encoder, split, -1, budget), expected, strict=True):
            np.testing.assert_allclose(found, each, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("pooling", ["last", "mean"])
def test_layers_of_one_pass_with_special_tokens_behind_the_words(encoder, pooling):
    split = build("fr", pooling=pooling)["train"][0].head(9)
    for budget in (1, 60, 4096):
        plain = layer_vectors(encoder, split, [2, 0, 1], budget=budget)
        special = layer_vectors(encoder, split, [2, 0, 1], special_tokens=True, budget=budget)
        for row, layer in enumerate((2, 0, 1)):
            for number in (0, 1):
                words, added = one_by_one(encoder, split, number, layer)
                assert len(added) == 2 * len(split)
                found = special[number][row]
                np.testing.assert_allclose(found[: len(words)], words, rtol=1e-4, atol=1e-5)
                np.testing.assert_allclose(found[len(words) :], added, rtol=1e-4, atol=1e-5)
                assert np.array_equal(plain[number][row], found[: len(words)])


def test_the_last_layer_is_the_same_to_the_bit_with_or_without_others(encoder):
    split = train_split("de")
    alone, among = pair_vectors(encoder, split), layer_vectors(encoder, split, [0, 1, 2])
    for one, several in zip(alone, among, strict=True):
        assert np.array_equal(one, several[-1])


def test_the_mean_over_spans_and_its_gradient():
    hidden = torch.randn(10, 3, dtype=torch.double, requires_grad=True)
    found = pool(hidden, make_words(Spans(np.array([1, 5, 9]), np.array([3, 6, 9]))))
    expected = torch.stack([hidden[1:4].mean(0), hidden[5:7].mean(0), hidden[9]])
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
    ids, mask = pad([np.array([5, 6, 7]), np.array([8])], 1)
    assert ids.tolist() == [[5, 6, 7], [8, 1, 1]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]


@pytest.mark.parametrize("budget", [1, 30, 9999])
def test_layers_of_sentences_in_their_order_whatever_the_passes(encoder, budget):
    sentences = train_split("de").head(7).source.sentences()
    with torch.no_grad():
        found = Encoder(encoder, [0, -1, 1])(make_inputs(sentences, 0, budget))
        states = [
            encoder(input_ids=torch.from_numpy(ids)[None].long(), output_hidden_states=True)
            for ids in sentences
        ]
    for row, layer in enumerate((0, 2, 1)):
        expected = torch.cat([each.hidden_states[layer][0] for each in states])
        torch.testing.assert_close(found[row], expected, rtol=1e-4, atol=1e-5)


def test_layers_are_counted_from_either_end(encoder):
    assert layer_numbers(encoder, [0, 2, -1, -3]) == (0, 2, 2, 0)
    for layer in (3, -4):
        with pytest.raises(
            PipelineError, match=f"layer {layer}: the encoder has the layers 0 to 2"
        ):
            layer_numbers(encoder, [layer])


@pytest.mark.parametrize("layer", [0, 1, 2, 3])
@pytest.mark.parametrize("kind", [BertConfig, XLMRobertaConfig, XLMRobertaXLConfig])
def test_layers_that_are_not_needed_can_be_dropped(kind, layer):
    config = kind(
        vocab_size=len(make_tokenizer()),
        hidden_size=16,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=140,
        initializer_range=0.5,
    )
    whole = AutoModel.from_config(config, add_pooling_layer=False).eval()
    short = copy.deepcopy(whole)
    drop_layers(short, layer)
    kept = 3 if kind is XLMRobertaXLConfig else layer  # it ends with a norm
    assert len(short.encoder.layer) == short.config.num_hidden_layers == kept
    inputs = make_inputs(train_split("de").head(9).source.sentences(), 1, 60)
    with torch.no_grad():
        expected, found = (Encoder(each, [layer])(inputs) for each in (whole, short))
    assert torch.equal(found, expected)


def test_bfloat16_comes_near_to_float32(encoder):
    inputs = make_inputs(train_split("de").head(5).source.sentences(), 0, 60)
    with torch.no_grad():
        exact, rough = Encoder(encoder)(inputs), Encoder(encoder, dtype=torch.bfloat16)(inputs)
    assert rough.dtype == torch.float32
    assert not torch.equal(exact, rough)
    assert torch.nn.functional.cosine_similarity(exact, rough, dim=-1).min() > 0.99
