import numpy as np
import pytest
from retrieval_reference import brute_force, check
from tiny import train_split

from pipeline.common.errors import PipelineError
from pipeline.encoder.word_vectors import layer_vectors
from pipeline.retrieval.by_layer import layer_figures, layer_sides, lower_layers, measured_layers
from pipeline.retrieval.results import Retrieved, first_queries


def test_measured_layers_always_include_the_last(encoder):
    assert measured_layers(encoder, "all") == [0, 1, 2]
    assert measured_layers(encoder, [-1, 2]) == [2]
    assert measured_layers(encoder, []) == [2]
    assert measured_layers(encoder, [-2, 0, 1]) == [0, 1, 2]
    with pytest.raises(PipelineError, match="layer 3: the encoder has the layers 0 to 2"):
        measured_layers(encoder, [3])


def test_each_layer_equals_brute_force_on_its_vectors(encoder):
    split = train_split("de")
    sides = dict(enumerate(zip(*layer_vectors(encoder, split, [0, 1, 2]), strict=True)))
    results = lower_layers(sides, 10)
    assert list(results) == [0, 1]  # the last one is measured by all similarities
    for layer, directions in results.items():
        check(directions, brute_force(*sides[layer], 10, "csls"))


def test_a_layer_without_rotation_is_unmodified(encoder):
    split = train_split("fr").head(9)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(16, 16)))[0].astype(np.float32)
    for special in (False, True):
        sides = layer_sides(encoder, split, {0: None, 2: turn}, special_tokens=special)
        plain = layer_vectors(encoder, split, [0, 2], special_tokens=special)
        assert list(sides) == [0, 2]
        for row, (_, english) in enumerate(sides.values()):
            assert np.array_equal(english, plain[1][row])
        assert np.array_equal(sides[0][0], plain[0][0])
        np.testing.assert_allclose(sides[2][0], plain[0][1] @ turn, atol=1e-5)


def test_layer_figures_of_the_words_among_all_candidates():
    nothing = np.zeros(4, np.int64)
    to_english = Retrieved(nothing, np.array([0, 3, 0, 0]))
    from_english = Retrieved(np.array([3, 0, 0, 0]), np.array([1, 2, 0, 0]))
    results = first_queries({12: (to_english, from_english), 2: (to_english, to_english)}, 2)
    assert results[12][1].best_row.tolist() == [3, 0]  # row 3 is a special token
    assert layer_figures(results) == {
        "2": {"to_english": 0.5, "from_english": 0.5, "mean": 0.5},
        "12": {"to_english": 0.5, "from_english": 0.0, "mean": 0.25},
    }
    assert list(layer_figures(results)) == ["2", "12"]
