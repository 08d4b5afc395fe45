import copy

import numpy as np
import torch

from pipeline.encoder.compact_vocabulary import CompactVocabulary
from pipeline.encoder.word_vectors import LayerEncoder, make_inputs


def sentences(seed, count=12):
    random = np.random.default_rng(seed)
    ids = random.choice(np.arange(5, 200, 3), size=(count, 9))
    return [row[: 3 + index % 7] for index, row in enumerate(ids)]


def train(model, ids, encode, steps=20):
    adam = {"lr": 1e-3, "betas": (0.9, 0.98), "eps": 1e-9, "fused": True}
    optimizer = torch.optim.Adam(model.parameters(), **adam)
    for step in range(steps):
        batch = [encode(sentence) for sentence in ids[step % 3 :: 3]]
        loss = LayerEncoder(model)(make_inputs(batch, 0, 99)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def test_compact_training_equals_full_training_bit_for_bit(encoder):
    torch.use_deterministic_algorithms(True)
    ids = sentences(0)
    full, compact = encoder, copy.deepcopy(encoder)
    train(full, ids, encode=lambda sentence: sentence)
    vocabulary = CompactVocabulary(compact, ids)
    assert compact.get_input_embeddings().num_embeddings < 70
    train(compact, ids, encode=vocabulary)
    vocabulary.restore()
    weights = compact.state_dict()
    assert weights.keys() == full.state_dict().keys()
    for name, weight in full.state_dict().items():
        assert torch.equal(weights[name], weight), name


def test_only_used_rows_change(encoder):
    ids = sentences(1)
    before = encoder.get_input_embeddings().weight.detach().clone()
    vocabulary = CompactVocabulary(encoder, ids)
    train(encoder, ids, encode=vocabulary)
    vocabulary.restore()
    changed = (encoder.get_input_embeddings().weight != before).any(dim=1)
    assert changed.nonzero().flatten().tolist() == sorted(set(np.concatenate(ids).tolist()))


def test_the_padding_id_keeps_its_value(encoder):
    encoder.config.pad_token_id = 3
    vocabulary = CompactVocabulary(encoder, [np.array([7, 90]), np.array([90, 200])])
    assert vocabulary(np.array([3, 7, 90, 200])).tolist() == [3, 4, 5, 6]
