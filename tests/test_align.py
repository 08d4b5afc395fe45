import copy

import numpy as np
import pytest
import torch
from conftest import build

from pipeline.align import Training, align, losses, make_batches, schedule
from pipeline.errors import PipelineError
from pipeline.vocabulary import CompactVocabulary

TRAINING = Training(
    sentences=30,
    batch_tokens=120,
    epochs=1,
    learning_rate=1e-3,
    warmup=0.1,
    regularizer=1.0,
    target="live",
    special_tokens=False,
    dropout=False,
    seed=1,
)


def word_pairs(language):
    return build(language)["train"][0]


def restated(model, frozen, splits, target, special_tokens):
    """L and R of section 3 of the paper in float64, one sentence and one word at a time."""

    def vector(encoder, ids, position):
        return encoder(input_ids=torch.from_numpy(ids)[None].long()).last_hidden_state[0, position]

    total_loss = total_regularizer = 0
    for split in splits:
        distances, drifts = [], []
        for one in (split.take([number]) for number in range(len(split))):
            s, t = one.source.ids, one.english.ids
            pairs = [
                (one.source.last[i], one.english.last[j])
                for i, j in zip(one.source_words, one.english_words, strict=True)
            ]
            words = list(one.english.last)
            if special_tokens:
                pairs += [(0, 0), (len(s) - 1, len(t) - 1)]
                words += [0, len(t) - 1]
            for i, j in pairs:
                goal = vector(frozen if target == "frozen" else model, t, j)
                distances.append(((vector(model, s, i) - goal) ** 2).sum())
            drifts += [((vector(model, t, j) - vector(frozen, t, j)) ** 2).sum() for j in words]
        total_loss = total_loss + sum(distances) / len(distances)
        total_regularizer = total_regularizer + sum(drifts) / len(drifts)
    return total_loss, total_regularizer


@pytest.mark.parametrize("target", ["frozen", "live"])
@pytest.mark.parametrize("special_tokens", [False, True])
def test_loss_and_gradient_equal_a_float64_restatement(encoder, target, special_tokens):
    frozen = copy.deepcopy(encoder).double().requires_grad_(False)
    with torch.no_grad():  # a live encoder that has moved, or R would be zero
        for weight in encoder.parameters():
            weight.add_(0.05 * torch.randn_like(weight))
    plain = copy.deepcopy(encoder.double())
    splits = [word_pairs("de").head(3), word_pairs("fr").head(5)]

    training = Training(
        **{**vars(TRAINING), "batch_tokens": 9999, "special_tokens": special_tokens}
    )
    batches = [make_batches(split, lambda ids: ids, training)[0] for split in splits]
    loss, regularizer = losses(encoder, frozen, batches, target)
    expected = restated(plain, frozen, splits, target, special_tokens)
    assert loss.item() == pytest.approx(expected[0].item(), rel=1e-9)
    assert regularizer.item() == pytest.approx(expected[1].item(), rel=1e-9)
    assert regularizer.item() > 0

    (loss + 0.7 * regularizer).backward()
    (expected[0] + 0.7 * expected[1]).backward()
    for one, two in zip(encoder.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(one.grad, two.grad, rtol=1e-7, atol=1e-9)


def test_two_runs_agree_bit_for_bit_and_the_loss_falls(encoder):
    pairs = {language: word_pairs(language) for language in ("de", "fr")}
    start, twin = encoder, copy.deepcopy(encoder)
    training = Training(**{**vars(TRAINING), "dropout": True, "epochs": 4})
    first, second = align(start, pairs, training), align(twin, pairs, training)
    assert first.equals(second)
    for one, two in zip(start.state_dict().values(), twin.state_dict().values(), strict=True):
        assert torch.equal(one, two)
    assert first.loss.tail(5).mean() < 0.7 * first.loss.head(5).mean()


def test_the_regularizer_holds_english_in_place(encoder):
    pairs = {"de": word_pairs("de")}
    drift = {}
    for weight in (0.0, 10.0):
        training = Training(**{**vars(TRAINING), "regularizer": weight, "epochs": 3})
        drift[weight] = align(copy.deepcopy(encoder), pairs, training).regularizer.iloc[-1]
    assert drift[10.0] < 0.5 * drift[0.0]


def test_the_full_vocabulary_comes_back(encoder):
    before = {name: weight.clone() for name, weight in encoder.state_dict().items()}
    align(encoder, {"de": word_pairs("de")}, TRAINING)
    after = encoder.state_dict()
    assert {name: each.shape for name, each in before.items()} == {
        name: each.shape for name, each in after.items()
    }
    trained = word_pairs("de").head(TRAINING.sentences)
    used = np.union1d(trained.source.ids, trained.english.ids)
    rows = "embeddings.word_embeddings.weight"
    moved = (before[rows] != after[rows]).any(dim=1).nonzero().flatten().tolist()
    assert moved == used.tolist()


def test_a_loss_that_is_not_finite_stops_at_its_step(encoder):
    training = Training(**{**vars(TRAINING), "regularizer": 1.0})
    with torch.no_grad():
        encoder.embeddings.word_embeddings.weight[5:] = float("nan")
    with pytest.raises(PipelineError, match=r"loss is nan at step 1: lower align.learning_rate"):
        align(encoder, {"de": word_pairs("de")}, training)


def test_a_language_without_training_sentences_is_named(encoder):
    pairs = {"de": word_pairs("de"), "fr": word_pairs("fr").head(0)}
    with pytest.raises(PipelineError, match="align: fr has no training sentences"):
        align(encoder, pairs, TRAINING)


def test_batches_hold_every_sentence_once_by_length(encoder):
    split = word_pairs("de")
    vocabulary = CompactVocabulary(encoder, [split.source.ids, split.english.ids])
    batches = make_batches(split, vocabulary, TRAINING)
    lengths = [
        sum(map(len, batch.source_ids + batch.english_ids)) / len(batch.source_ids)
        for batch in batches
    ]
    assert lengths == sorted(lengths, reverse=True)
    assert sum(len(batch.source_ids) for batch in batches) == len(split)
    for batch, length in zip(batches, lengths, strict=True):
        assert len(batch.source_ids) == 1 or len(batch.source_ids) * length <= 120


@pytest.mark.parametrize("sizes", [{"de": 7, "fr": 7}, {"de": 10, "fr": 3}, {"de": 5, "fr": 1}])
def test_an_epoch_takes_every_batch_once_and_the_largest_language_at_each_step(sizes):
    epochs = 2
    steps = list(schedule(sizes, epochs, seed=1))
    assert len(steps) == epochs * max(sizes.values())
    for language, size in sizes.items():
        taken = [step[language] for step in steps if language in step]
        assert sorted(taken) == sorted(list(range(size)) * epochs)
    assert all("de" in step for step in steps)
