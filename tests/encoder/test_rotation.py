import numpy as np
import pytest
import torch
from scipy.linalg import orthogonal_procrustes
from scipy.stats import ortho_group
from tiny import train_split

from pipeline.encoder.rotation import (
    FILE,
    procrustes,
    read_rotation,
    rotate,
    rotations,
    save_rotations,
)
from pipeline.encoder.word_vectors import pair_vectors


def test_a_rotation_is_found_again():
    turn = ortho_group.rvs(8, random_state=1)
    x = np.random.default_rng(1).normal(size=(50, 8))
    np.testing.assert_allclose(procrustes(x.T @ (x @ turn)), turn, atol=1e-6)


def test_no_rotation_comes_nearer_as_scipy_finds_it_too():
    random = np.random.default_rng(2)
    x, y = random.normal(size=(2, 40, 6))
    found = procrustes(x.T @ y)
    np.testing.assert_allclose(found, orthogonal_procrustes(x, y)[0], atol=1e-6)
    np.testing.assert_allclose(found @ found.T, np.eye(6), atol=1e-6)


@pytest.mark.parametrize("layers", [[-1], [0, 2]])
def test_rotations_of_an_encoder_bring_its_pairs_together(encoder, tmp_path, monkeypatch, layers):
    monkeypatch.setattr("pipeline.encoder.rotation.BLOCK", 7)
    splits = {name: train_split(name) for name in ("de", "fr")}
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    found = rotations(encoder, splits, layers)
    assert all(torch.equal(value, before[name]) for name, value in encoder.state_dict().items())
    save_rotations(found, tmp_path)
    for language, split in splits.items():
        for layer in layers:
            x, y = (each.astype(np.float64) for each in pair_vectors(encoder, split, layer))
            turn = read_rotation(tmp_path, language, encoder, layer)
            turned = rotate(x, turn)
            # Vectors that leave a norm lie in fewer dimensions; what turns the others is open.
            np.testing.assert_allclose(turned, x @ orthogonal_procrustes(x, y)[0], atol=1e-3)
            assert ((turned - y) ** 2).sum() < ((x - y) ** 2).sum()
            np.testing.assert_allclose(
                np.linalg.norm(turned, axis=1), np.linalg.norm(x, axis=1), rtol=1e-5
            )


def test_what_has_no_rotation_stays(encoder, tmp_path):
    x = np.ones((2, 16), np.float32)
    assert read_rotation(tmp_path, "de", encoder) is None
    save_rotations({"de.1": np.eye(16, dtype=np.float32)}, tmp_path)
    assert (tmp_path / FILE).is_file()
    assert read_rotation(tmp_path, "en", encoder, 1) is None
    assert read_rotation(tmp_path, "de", encoder) is None
    assert rotate(x, None) is x
