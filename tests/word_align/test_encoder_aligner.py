import dataclasses

import numpy as np
import pytest
import torch
from link_reference import restated_mutual
from tiny import read_text

from pipeline.common.errors import PipelineError
from pipeline.word_align import encoder_aligner as module
from pipeline.word_align.encoder_aligner import (
    align_words,
    error_rates_by_layer,
    gold_error_rates,
    open_aligner,
)
from pipeline.word_align.gold import Gold
from pipeline.word_align.link_methods import METHODS
from pipeline.word_align.links import from_pairs


@pytest.fixture
def aligner(encoder_folder):
    return open_aligner(encoder_folder, layer=-1)


def words(*lines):
    return [line.split() for line in lines]


@torch.no_grad()
def one_by_one(aligner, source, english):
    """Each sentence alone and unpadded, by the tokenizer's own word numbers."""
    links = []
    for lines in zip(source, english, strict=True):
        sides = []
        for line in lines:
            encoding = aligner.tokenizer.encode(line, is_pretokenized=True)
            output = aligner.model(
                input_ids=torch.tensor([encoding.ids]), output_hidden_states=True
            )
            hidden = output.hidden_states[aligner.layer][0].numpy()
            vectors = []
            for word in range(len(line)):
                own = [k for k, number in enumerate(encoding.word_ids) if number == word]
                pooled = {"last": own[-1:], "first": own[:1], "mean": own}[aligner.pooling]
                vector = hidden[pooled].astype(np.float64).mean(axis=0)
                vectors.append(vector / np.linalg.norm(vector))
            sides.append(np.array(vectors))
        links.append(restated_mutual(sides[0] @ sides[1].T))
    return links


@pytest.mark.parametrize("pooling", ["last", "first", "mean"])
@pytest.mark.parametrize("layer", [-1, 0, 1])
def test_equals_sentences_encoded_one_by_one_for_all_batch_sizes(
    monkeypatch, aligner, layer, pooling
):
    bitext = read_text("de").head(20)
    source, english = words(*bitext.source), words(*bitext.english)
    aligner = dataclasses.replace(aligner, layer=layer, pooling=pooling)
    expected = one_by_one(aligner, source, english)
    assert sum(map(len, expected)) > 20
    for budget, chunk in ((1, 2), (60, 4), (4096, 1024)):
        monkeypatch.setattr(module, "PAIRS_PER_CHUNK", chunk)
        found = align_words(source, english, dataclasses.replace(aligner, budget=budget))
        assert list(found.by_sentence()) == expected


def test_a_rotation_is_applied_to_the_source_vectors(monkeypatch, aligner):
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(16, 16)))[0].astype(np.float32)
    turned = dataclasses.replace(aligner, rotation=turn)
    seen = []

    def note(similarity):
        seen.append(similarity)
        return similarity > 2

    monkeypatch.setitem(METHODS, "mutual", note)
    for each in (aligner, turned):
        align_words([["Der", "Hund"]], [["The", "dog"]], each)
    x, y = (
        module._unit_vectors(module._read([words], aligner).side, aligner, [aligner.layer])[0]
        for words in (["Der", "Hund"], ["The", "dog"])
    )
    np.testing.assert_allclose(seen[0], x @ y.T, atol=1e-6)
    np.testing.assert_allclose(seen[1], x @ turn @ y.T, atol=1e-6)
    assert not np.allclose(seen[0], seen[1], atol=0.01)


def test_an_encoder_is_opened_at_the_default_layer(encoder_folder):
    assert open_aligner(encoder_folder).layer == 1


@pytest.mark.parametrize(("layer", "number"), [(-3, 0), (-2, 1), (1, 1), (-1, 2)])
def test_an_opened_encoder_ends_with_the_layer_in_use(encoder_folder, layer, number):
    opened = open_aligner(encoder_folder, layer=layer)
    assert opened.layer == number
    assert len(opened.model.encoder.layer) == max(number, 1)
    bitext = read_text("de").head(9)
    sides = words(*bitext.source), words(*bitext.english)
    whole = dataclasses.replace(open_aligner(encoder_folder, layer=-1), layer=layer)
    assert align_words(*sides, opened).keys.tolist() == align_words(*sides, whole).keys.tolist()


def test_the_last_layer_is_the_default(aligner):
    bitext = read_text("fr").head(5)
    sides = words(*bitext.source), words(*bitext.english)
    last = dataclasses.replace(aligner, layer=2)
    assert align_words(*sides, aligner).keys.tolist() == align_words(*sides, last).keys.tolist()


def test_itermax_is_used_on_request(aligner):
    bitext = read_text("de")
    sides = words(*bitext.source), words(*bitext.english)
    few = align_words(*sides, aligner)
    many = align_words(*sides, dataclasses.replace(aligner, method="itermax"))
    assert set(few.keys) < set(many.keys)


def test_empty_sentences_have_no_links_and_keep_their_line(aligner):
    source, english = ["der Hund", "", "", "der Hund"], ["the dog", "the dog", "", "the dog"]
    found = list(align_words(words(*source), words(*english), aligner).by_sentence())
    assert found[1:3] == [set(), set()]
    assert found[0] == found[3] != set()
    nothing = align_words([], [], aligner)
    assert (len(nothing), nothing.sentences) == (0, 0)
    assert len(align_words(words(""), words(""), aligner)) == 0


def test_unreadable_words_have_no_links_but_count_as_tokens(aligner):
    whole = align_words(words("der Hund"), words("the dog"), aligner)
    blank = "\u00a0"  # one word for us, no subword for the tokenizer
    assert not aligner.tokenizer.encode(blank, add_special_tokens=False).ids
    source = [["der", blank, "Hund"]]
    found = align_words(source, words("the dog"), aligner)
    assert [(2 * i, j) for i, j in next(whole.by_sentence())] == list(next(found.by_sentence()))


def test_words_past_the_last_position_have_no_links(aligner):
    long = ["der"] * 1500  # the tiny encoder reads 128 subwords, and links 1024 words
    found = align_words([long, ["der"]], [["the"] * 1500, ["the"]], aligner)
    subwords = len(aligner.tokenizer.encode("der", add_special_tokens=False).ids)
    readable = (128 - 2) // subwords
    first, second = found.by_sentence()
    assert first
    assert max(i for i, _ in first) < readable
    assert second == {(0, 0)}


def test_error_rates_of_an_encoder_on_a_gold_set(aligner):
    bitext = read_text("de").head(6)
    sides = list(bitext.source), list(bitext.english)
    links = align_words(words(*sides[0]), words(*sides[1]), aligner)
    perfect = Gold(*sides, links, links)
    assert gold_error_rates(perfect, aligner)["aer"] == 0
    diagonal = from_pairs([{(0, 0)}] * 6)
    hits = sum((0, 0) in each for each in links.by_sentence())
    rates = gold_error_rates(Gold(*sides, diagonal, diagonal), aligner)
    assert rates["recall"] == hits / 6
    assert rates["aer"] == pytest.approx(1 - 2 * hits / (len(links) + 6))


def test_error_rates_of_all_layers_are_those_of_each_alone(aligner):
    bitext = read_text("de").head(6)
    diagonal = from_pairs([{(0, 0)}] * 6)
    gold = Gold(list(bitext.source), list(bitext.english), diagonal, diagonal)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(16, 16)))[0].astype(np.float32)
    rotations = {0: None, 1: turn, 2: None}
    rates = error_rates_by_layer(gold, aligner, rotations)
    for layer, rotation in rotations.items():
        alone = dataclasses.replace(aligner, layer=layer, rotation=rotation)
        assert rates[layer] == gold_error_rates(gold, alone)
    assert rates[0] != rates[2]


def test_refuses_what_it_cannot_align(aligner, encoder_folder, tmp_path):
    with pytest.raises(PipelineError, match="2 source lines and 1 English lines"):
        align_words(words("a", "b"), words("a"), aligner)
    for threshold in (-0.1, 1.5, float("nan")):
        with pytest.raises(PipelineError, match=r"threshold is .*: give a probability from 0 to 1"):
            open_aligner(encoder_folder, threshold=threshold)
    with pytest.raises(PipelineError, match="layer 3: the encoder has the layers 0 to 2"):
        open_aligner(encoder_folder, layer=3)
    with pytest.raises(PipelineError, match=r"has no config\.json: give the folder"):
        open_aligner(tmp_path)
    with torch.no_grad():
        aligner.model.embeddings.LayerNorm.weight[0] = torch.nan
    with pytest.raises(PipelineError, match="vectors are not finite"):
        align_words(words("der"), words("the"), aligner)
