import copy
import dataclasses

import numpy as np
import pytest
import torch
from inference import EXAMPLES, TUNING
from tiny import TRAINING, train_split

from pipeline.align.batches import make_plan
from pipeline.encoder.compact_vocabulary import CompactVocabulary
from pipeline.encoder.load import load_encoder
from pipeline.encoder.subwords import read_tokenizer
from pipeline.encoder.word_vectors import pair_vectors
from pipeline.xnli.classifier import encode, predict
from pipeline.xnli.continual import Replay
from pipeline.xnli.fine_tuning import fine_tune

SPLITS = {language: train_split(language).head(20) for language in ("de", "fr")}
SHORT = dataclasses.replace(TUNING, epochs=6)


def replay(weight, **changes):
    return Replay(SPLITS, dataclasses.replace(TRAINING, **changes), weight)


def plain(model, frozen, split, rows):
    """Loss and regularizer of one batch as in the paper: word by word, in float64."""
    distances, moved = [], []
    for row in rows:
        source, english = (
            side.sentences()[row].astype(np.int64) for side in (split.source, split.english)
        )
        x, y, y0 = (
            net(input_ids=torch.from_numpy(ids)[None]).last_hidden_state[0]
            for net, ids in ((model, source), (model, english), (frozen, english))
        )
        one = split.take([row])
        for a, b in zip(*(spans.last for spans in one.pairs()), strict=True):
            distances.append((x[a] - y[b]).square().sum())
        words = one.english.words().last
        moved += [(y[word] - y0[word]).square().sum() for word in words]
    return torch.stack(distances).mean(), torch.stack(moved).mean()


def test_the_loss_equals_a_float64_restatement_and_steps_start_over(encoder):
    encoder = encoder.double().train(False)
    frozen = copy.deepcopy(encoder)
    replay_loss = replay(0.5, special_tokens=False, regularizer_weight=3.0, precision="float32")
    replay_loss.begin(encoder, CompactVocabulary(encoder, replay_loss.ids()), torch.device("cpu"))
    full = copy.deepcopy(frozen)
    with torch.no_grad():
        for one, two in zip(encoder.encoder.parameters(), full.encoder.parameters(), strict=True):
            one.add_(torch.randn_like(one), alpha=0.05)
            two.copy_(one)
        training = replay_loss.settings
        plan = make_plan(SPLITS, training.batch_tokens, 1, training.interleave, training.seed)
        for step in [*plan, plan[0]]:
            losses = [plain(full, frozen, SPLITS[name], rows) for name, rows in step.items()]
            expected = sum(0.5 * (loss + 3.0 * regularizer) for loss, regularizer in losses)
            torch.testing.assert_close(replay_loss(), expected, rtol=1e-9, atol=0)


def tuned(folder, **options):
    """The fine-tuned encoder, and its logits of the training examples."""
    tokenizer = read_tokenizer(folder)
    encoder = load_encoder(folder)
    classifier, _ = fine_tune(encoder, tokenizer, EXAMPLES, EXAMPLES, SHORT, seed=1, **options)
    return encoder, predict(classifier, encode(EXAMPLES, tokenizer, encoder.config, 64))


def distance(encoder):
    """Mean squared distance of aligned words, by language."""
    both = (np.subtract(*pair_vectors(encoder, split)) for split in SPLITS.values())
    return np.array([np.square(each).mean() for each in both])


@pytest.fixture(scope="module")
def alone(encoder_folder):
    return tuned(encoder_folder)


def test_with_weight_zero_nothing_changes(encoder_folder, alone):
    _, logits = tuned(encoder_folder, added_loss=replay(0.0, dropout=False))
    np.testing.assert_allclose(logits, alone[1], atol=1e-4)


def test_words_stay_aligned_and_the_run_is_reproducible(encoder_folder, alone):
    runs = [tuned(encoder_folder, added_loss=replay(1.0)) for _ in range(2)]
    assert (distance(runs[0][0]) < 0.7 * distance(alone[0])).all()
    assert runs[0][1].tobytes() == runs[1][1].tobytes()
