import copy

import numpy as np
import torch
from torch import nn
from zoo import make_folder

from pipeline.encoder.compact_vocabulary import CompactVocabulary
from pipeline.encoder.load import load_encoder
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


def test_a_high_padding_id_saves_as_much(encoder):
    encoder.config.pad_token_id = 300
    vocabulary = CompactVocabulary(encoder, [np.array([7, 90]), np.array([90, 200])])
    assert vocabulary(np.array([7, 90, 200, 300])).tolist() == [0, 1, 2, 3]
    assert encoder.config.pad_token_id == 3
    vocabulary.restore()
    assert encoder.config.pad_token_id == 300


def test_the_padding_id_keeps_its_value_where_positions_follow_it(tmp_path):
    model = load_encoder(make_folder(tmp_path, "xlm-roberta", pad_token_id=3))
    ids = [np.array([7, 90]), np.array([90, 200, 7])]
    before = LayerEncoder(model)(make_inputs(ids, 3, 99))
    vocabulary = CompactVocabulary(model, ids)
    assert vocabulary(np.array([3, 7, 90, 200])).tolist() == [3, 4, 5, 6]
    after = LayerEncoder(model)(make_inputs([vocabulary(sentence) for sentence in ids], 3, 99))
    assert torch.equal(after, before)


class Scaled(nn.Embedding):
    """The embeddings of models like Gemma, which scale their vectors."""

    scale = 4.0

    def forward(self, ids):
        return super().forward(ids) * self.scale


def test_embeddings_of_another_class_keep_what_they_do(encoder):
    full = Scaled(460, 16, padding_idx=400)
    encoder.set_input_embeddings(full)
    before = LayerEncoder(encoder)(make_inputs(sentences(2), 400, 99))
    vocabulary = CompactVocabulary(encoder, sentences(2))
    compact = [vocabulary(sentence) for sentence in sentences(2)]
    table = encoder.get_input_embeddings()
    assert (type(table), table.num_embeddings) == (Scaled, len(vocabulary.full_ids))
    assert torch.equal(LayerEncoder(encoder)(make_inputs(compact, 0, 99)), before)
