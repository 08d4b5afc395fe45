import numpy as np
import pytest
import torch
from scipy.linalg import orthogonal_procrustes
from scipy.stats import ortho_group
from tiny import train_split

from pipeline.encoder.rotation import (
    ROTATIONS_FILE,
    procrustes,
    read_rotation,
    rotate,
    rotations,
    save_rotations,
)
from pipeline.encoder.word_vectors import pair_vectors


def test_a_known_rotation_is_recovered():
    known = ortho_group.rvs(8, random_state=1)
    x = np.random.default_rng(1).normal(size=(50, 8))
    np.testing.assert_allclose(procrustes(x.T @ (x @ known)), known, atol=1e-6)


def test_the_rotation_equals_that_of_scipy():
    random = np.random.default_rng(2)
    x, y = random.normal(size=(2, 40, 6))
    rotation = procrustes(x.T @ y)
    np.testing.assert_allclose(rotation, orthogonal_procrustes(x, y)[0], atol=1e-6)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(6), atol=1e-6)


@pytest.mark.parametrize("layers", [[-1], [0, 2]])
def test_rotations_reduce_the_distance_of_pairs(encoder, tmp_path, monkeypatch, layers):
    monkeypatch.setattr("pipeline.encoder.rotation.PAIRS_PER_BLOCK", 7)
    splits = {name: train_split(name) for name in ("de", "fr")}
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    matrices = rotations(encoder, splits, layers)
    assert all(torch.equal(value, before[name]) for name, value in encoder.state_dict().items())
    save_rotations(matrices, tmp_path)
    for language, split in splits.items():
        for layer in layers:
            source, english = pair_vectors(encoder, split, layer)
            x, y = source.astype(np.float64), english.astype(np.float64)
            rotated = rotate(x, read_rotation(tmp_path, language, encoder, layer))
            # Vectors after a norm lie in fewer dimensions, and the rotation of the others is
            # arbitrary. So the vectors are compared, not the rotations.
            np.testing.assert_allclose(rotated, x @ orthogonal_procrustes(x, y)[0], atol=1e-3)
            assert ((rotated - y) ** 2).sum() < ((x - y) ** 2).sum()
            np.testing.assert_allclose(
                np.linalg.norm(rotated, axis=1), np.linalg.norm(x, axis=1), rtol=1e-5
            )


def test_vectors_without_a_rotation_are_unchanged(encoder, tmp_path):
    x = np.ones((2, 16), np.float32)
    assert read_rotation(tmp_path, "de", encoder) is None
    save_rotations({"de.1": np.eye(16, dtype=np.float32)}, tmp_path)
    assert (tmp_path / ROTATIONS_FILE).is_file()
    assert read_rotation(tmp_path, "en", encoder, 1) is None
    assert read_rotation(tmp_path, "de", encoder) is None
    assert rotate(x, None) is x
