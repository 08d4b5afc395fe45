"""Alignment without fine-tuning: each language's vectors are rotated onto the English ones.

This is the orthogonal Procrustes problem over the word pairs: with source vectors X and English
vectors Y, both [pairs, dimension], the orthogonal W that minimises |X W - Y| is U V', where U S V'
is the singular value decomposition of X'Y (Schönemann 1966). It is the baseline of Cao et al.
(2020).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file
from transformers import PreTrainedModel

from .layers import layer_numbers
from .pair_arrays import Split
from .word_vectors import pair_vectors

ROTATIONS_FILE = "rotations.safetensors"  # in the folder of the encoder
PAIRS_PER_BLOCK = 8192  # sentence pairs whose vectors are in memory at once


def rotations(
    model: PreTrainedModel, splits: Mapping[str, Split], layers: Sequence[int]
) -> dict[str, np.ndarray]:
    """The rotations, float32 [dimension, dimension], named by language and layer as in `de.12`."""
    return {
        f"{language}.{layer}": procrustes(_products(model, split, layer))
        for language, split in splits.items()
        for layer in layer_numbers(model, layers)
    }


def procrustes(products: np.ndarray) -> np.ndarray:
    """The rotation W of X onto Y, float32 [dimension, dimension], from the products X'Y.

    Vectors are rows: x W approximates y.
    """
    left, _, right = np.linalg.svd(products)
    return np.asarray(left @ right, np.float32)


def save_rotations(matrices: dict[str, np.ndarray], folder: Path) -> None:
    """Write the result of `rotations` to the folder of an encoder."""
    save_file(matrices, folder / ROTATIONS_FILE)


def read_rotation(
    folder: Path, language: str, model: PreTrainedModel, layer: int = -1
) -> np.ndarray | None:
    """The rotation of a language at a layer of `model`, saved in `folder`; None if there is none.

    Raises PipelineError for a layer that the model does not have.
    """
    if not (folder / ROTATIONS_FILE).is_file():
        return None
    (number,) = layer_numbers(model, [layer])
    return load_file(folder / ROTATIONS_FILE).get(f"{language}.{number}")


def rotate(vectors: np.ndarray, rotation: np.ndarray | None) -> np.ndarray:
    """Vectors [n, dimension] after the rotation, unchanged if it is None."""
    return vectors if rotation is None else vectors @ rotation


def _products(model: PreTrainedModel, split: Split, layer: int) -> np.ndarray:
    """X'Y over all word pairs of a split, float64 [dimension, dimension]."""
    total = np.zeros((model.config.hidden_size,) * 2)
    for start in range(0, len(split), PAIRS_PER_BLOCK):
        block = split.take(np.arange(start, min(start + PAIRS_PER_BLOCK, len(split))))
        source, english = pair_vectors(model, block, layer)
        total += source.T.astype(np.float64) @ english.astype(np.float64)
    return total
