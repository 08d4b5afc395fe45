"""Links between subwords and their probabilities, against sentences encoded one by one."""

import dataclasses

import numpy as np
import pytest
import torch
from link_reference import restated_mutual, restated_probabilities, restated_softmax
from tiny import read_text

from pipeline.word_align import encoder_aligner as module
from pipeline.word_align.encoder_aligner import align_words, open_aligner, scored_links
from pipeline.word_align.link_methods import TEMPERATURE

SOURCE, ENGLISH = (
    [line.split() for line in read_text("de").head(12)[side]] for side in ("source", "english")
)


@pytest.fixture(scope="module")
def aligner(encoder_folder):
    return open_aligner(encoder_folder, layer=1)


@torch.no_grad()
def unit_vectors(aligner, line):
    """float64 [units, dimension] of a sentence encoded alone, and the word of each unit."""
    encoding = aligner.tokenizer.encode(line, is_pretokenized=True)
    output = aligner.model(input_ids=torch.tensor([encoding.ids]), output_hidden_states=True)
    hidden = output.hidden_states[aligner.layer][0].numpy().astype(np.float64)
    own = [[k for k, word in enumerate(encoding.word_ids) if word == n] for n in range(len(line))]
    if aligner.unit == "subwords":
        rows = [(hidden[k], word) for word, subwords in enumerate(own) for k in subwords]
    else:
        rows = [(hidden[subwords].mean(axis=0), word) for word, subwords in enumerate(own)]
    vectors = np.array([vector for vector, _ in rows])
    words = [word for _, word in rows]
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), words


def one_by_one(aligner):
    """The links of each sentence pair with their probabilities."""
    found = []
    for source, english in zip(SOURCE, ENGLISH, strict=True):
        (x, source_words), (y, english_words) = (
            unit_vectors(aligner, line) for line in (source, english)
        )
        similarity = x @ y.T
        _, _, probability = restated_probabilities(similarity, TEMPERATURE)
        if aligner.method == "softmax":
            linked = restated_softmax(similarity, TEMPERATURE, aligner.threshold)
        else:
            linked = restated_mutual(similarity)
        of_pair = {}
        for i, j in linked:
            words = source_words[i], english_words[j]
            of_pair[words] = max(of_pair.get(words, 0), probability[i][j])
        found.append(of_pair)
    return found


@pytest.mark.parametrize("method", ["mutual", "softmax"])
@pytest.mark.parametrize("unit", ["words", "subwords"])
def test_equals_sentences_encoded_one_by_one(monkeypatch, aligner, unit, method):
    aligner = dataclasses.replace(aligner, unit=unit, method=method, threshold=0.2)
    expected = one_by_one(aligner)
    assert sum(map(len, expected)) > 20
    for budget, chunk in ((1, 2), (60, 5), (4096, 1024)):
        monkeypatch.setattr(module, "PAIRS_PER_CHUNK", chunk)
        found = scored_links(SOURCE, ENGLISH, dataclasses.replace(aligner, budget=budget))
        for links, of_pair in zip(found.by_sentence(), expected, strict=True):
            assert links == {words: pytest.approx(p, rel=1e-3) for words, p in of_pair.items()}


def test_a_word_pair_is_linked_if_any_of_its_subwords_is(aligner):
    """Of a German word's subwords, one is linked to an English word, another to a second one."""
    by_words = align_words(SOURCE, ENGLISH, aligner)
    by_subwords = align_words(SOURCE, ENGLISH, dataclasses.replace(aligner, unit="subwords"))

    def most(links):
        return np.unique(np.stack([links.sentence, links.source]), axis=1, return_counts=True)[
            1
        ].max()

    assert most(by_words) == 1
    assert most(by_subwords) > 1


def test_pooling_does_not_matter_to_subwords(aligner):
    texts = [
        align_words(SOURCE, ENGLISH, dataclasses.replace(aligner, unit="subwords", pooling=pooling))
        for pooling in ("first", "mean", "last")
    ]
    assert texts[0].keys.tolist() == texts[1].keys.tolist() == texts[2].keys.tolist()


def test_match_links_every_word_of_the_shorter_sentence(aligner):
    links = align_words(SOURCE, ENGLISH, dataclasses.replace(aligner, method="match"))
    counts = np.bincount(links.sentence, minlength=len(SOURCE)).tolist()
    assert counts == [min(map(len, pair)) for pair in zip(SOURCE, ENGLISH, strict=True)]


def test_a_higher_threshold_takes_links_away(aligner):
    low, high = (
        set(
            align_words(
                SOURCE, ENGLISH, dataclasses.replace(aligner, method="softmax", threshold=t)
            ).keys
        )
        for t in (0.05, 0.5)
    )
    assert high < low


def test_an_aligner_is_opened_with_unit_threshold_and_device(encoder_folder):
    opened = open_aligner(encoder_folder, "softmax", unit="subwords", threshold=0.1, device="cpu")
    assert (opened.method, opened.unit, opened.threshold) == ("softmax", "subwords", 0.1)
    assert opened.model.device.type == "cpu"
