import numpy as np
import pytest
from retrieval_reference import brute_force, check
from tiny import train_split

from pipeline.common.errors import PipelineError
from pipeline.encoder.word_vectors import layer_vectors
from pipeline.retrieval.by_layer import layer_figures, layer_sides, lower_layers, measured_layers
from pipeline.retrieval.csls import first_rows
from pipeline.retrieval.results import Retrieved


def test_all_layers_and_some_always_with_the_last_one(encoder):
    assert measured_layers(encoder, "all") == [0, 1, 2]
    assert measured_layers(encoder, [-1, 2]) == [2]
    assert measured_layers(encoder, []) == [2]
    assert measured_layers(encoder, [-2, 0, 1]) == [0, 1, 2]
    with pytest.raises(PipelineError, match="layer 3: the encoder has the layers 0 to 2"):
        measured_layers(encoder, [3])


def test_each_layer_finds_what_brute_force_finds_with_its_vectors(encoder):
    split = train_split("de")
    sides = dict(enumerate(zip(*layer_vectors(encoder, split, [0, 1, 2]), strict=True)))
    found = lower_layers(sides, 10)
    assert list(found) == [0, 1]  # the last one is measured by all similarities
    for layer, directions in found.items():
        check(directions, brute_force(*sides[layer], 10, "csls"))


def test_a_layer_without_a_rotation_stays_as_it_is(encoder):
    split = train_split("fr").head(9)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(16, 16)))[0].astype(np.float32)
    for special in (False, True):
        sides = layer_sides(encoder, split, {0: None, 2: turn}, special_tokens=special)
        plain = layer_vectors(encoder, split, [0, 2], special_tokens=special)
        assert list(sides) == [0, 2]
        for row, layer in enumerate(sides):
            assert np.array_equal(sides[layer][1], plain[1][row])
        assert np.array_equal(sides[0][0], plain[0][0])
        np.testing.assert_allclose(sides[2][0], plain[0][1] @ turn, atol=1e-5)


def test_figures_are_of_the_words_among_all_candidates():
    nothing = np.zeros(4, np.int64)
    there = Retrieved(nothing, np.array([0, 3, 0, 0]))
    back = Retrieved(np.array([3, 0, 0, 0]), np.array([1, 2, 0, 0]))
    found = first_rows({12: (there, back), 2: (there, there)}, 2)
    assert found[12][1].found.tolist() == [3, 0]  # a special token was found
    assert layer_figures(found) == {
        "2": {"to_english": 0.5, "from_english": 0.5, "mean": 0.5},
        "12": {"to_english": 0.5, "from_english": 0.0, "mean": 0.25},
    }
    assert list(layer_figures(found)) == ["2", "12"]
