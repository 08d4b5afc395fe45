import numpy as np
import pytest
from retrieval_reference import brute_force, read_off

from pipeline.common.errors import PipelineError
from pipeline.retrieval.by_layer import layer_figures, lower_layers, measured_layers
from pipeline.retrieval.results import Retrieved, first_queries
from pipeline.retrieval.sentences import sentence_ranks


def test_measured_layers_include_the_last_and_the_one_that_aligns_words(encoder):
    assert measured_layers(encoder, "all") == [0, 1, 2]
    # Layer 1 of two is the one that aligns words.
    assert measured_layers(encoder, [-1, 2]) == [1, 2]
    assert measured_layers(encoder, []) == [1, 2]
    assert measured_layers(encoder, [-2, 0, 1]) == [0, 1, 2]
    with pytest.raises(PipelineError, match="layer 3: the encoder has the layers 0 to 2"):
        measured_layers(encoder, [3])


def test_each_layer_equals_brute_force_on_its_vectors():
    random = np.random.default_rng(0)
    sides = {n: (random.normal(size=(40, 5)), random.normal(size=(40, 5))) for n in (0, 3, 12)}
    results = lower_layers(sides, 10)
    assert list(results) == [0, 3]  # the last one is measured by all similarities
    for layer, directions in results.items():
        scores = brute_force(*sides[layer], 10, "csls")
        for retrieved, by_query in zip(directions, (scores, scores.T), strict=True):
            best_row, rank = read_off(by_query)
            assert retrieved.best_row.tolist() == best_row.tolist()
            assert retrieved.rank.tolist() == (rank > 0).astype(int).tolist()


def test_layer_figures_are_of_words_sentences_and_gold_sets():
    nothing = np.zeros(4, np.int64)
    to_english = Retrieved(nothing, np.array([0, 3, 0, 0]))
    from_english = Retrieved(np.array([3, 0, 0, 0]), np.array([1, 2, 0, 0]))
    results = first_queries({12: (to_english, from_english), 2: (to_english, to_english)}, 2)
    assert results[12][1].best_row.tolist() == [3, 0]  # row 3 is a special token
    sides = np.eye(6), np.eye(6)[[1, 0, 2, 3, 4, 5]]
    sentences = {2: sentence_ranks(*sides), 12: sentence_ranks(sides[0], sides[0])}
    figures = layer_figures(results, sentences, {2: {"own": {"aer": 0.5}}, 12: {}})
    assert list(figures) == ["2", "12"]
    assert figures["2"]["words"] == {"to_english": 0.5, "from_english": 0.5, "mean": 0.5}
    assert figures["12"]["words"] == {"to_english": 0.5, "from_english": 0.0, "mean": 0.25}
    assert figures["2"]["sentences"]["cosine"]["mean"] == pytest.approx(4 / 6)
    assert figures["12"]["sentences"]["margin"]["mean"] == 1
    assert figures["2"]["gold"] == {"own": {"aer": 0.5}}
