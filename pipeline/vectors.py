"""Contextual word vectors: the last layer at the last subword of each word."""

import os
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from transformers import PreTrainedModel

from pipeline.progress import progress


def device_of(model: torch.nn.Module) -> torch.device:
    """Where the model's weights are."""
    return next(model.parameters()).device


def default_device() -> torch.device:
    """The accelerator of this machine, or the CPU."""
    return torch.accelerator.current_accelerator(check_available=True) or torch.device("cpu")


def make_deterministic(seed: int) -> None:
    """Seed torch and choose deterministic kernels wherever there are any."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what cuBLAS wants for it
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.manual_seed(seed)


def to_device(model: PreTrainedModel, device: torch.device) -> PreTrainedModel:
    """Move the model's weights, in place."""
    torch.nn.Module.to(model, device)  # the override in PreTrainedModel is not typed
    return model


def pad(ids: Sequence[np.ndarray], pad_id: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Subword ids and attention mask, both int64 [sentences, longest], padded on the right."""
    lengths = np.array([len(each) for each in ids])
    mask = np.arange(lengths.max()) < lengths[:, None]
    padded = np.full(mask.shape, pad_id, np.int64)
    padded[mask] = np.concatenate(ids)
    return torch.from_numpy(padded).to(device), torch.from_numpy(mask.astype(np.int64)).to(device)


def hidden_states(model: PreTrainedModel, ids: Sequence[np.ndarray]) -> Tensor:
    """Last layer, [sentences, longest, dimension]."""
    input_ids, mask = pad(ids, model.config.pad_token_id or 0, device_of(model))
    output = model(input_ids=input_ids, attention_mask=mask)
    hidden: Tensor = output.last_hidden_state
    return hidden


def token_batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Indices of sentences in batches of about equal length, longest first.

    A batch holds at most `budget` tokens with its padding, and at least one sentence.
    """
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    start = 0
    while start < len(order):
        size = max(1, budget // lengths[order[start]])
        yield order[start : start + size]
        start += size


@torch.inference_mode()
def word_vectors(
    model: PreTrainedModel,
    ids: Sequence[np.ndarray],
    positions: Sequence[np.ndarray],
    budget: int = 4096,
) -> np.ndarray:
    """float32 [sum of positions, dimension]: the vectors at each sentence's positions, in order."""
    chosen: list[np.ndarray] = [np.empty(0)] * len(ids)
    batches = list(token_batches([len(each) for each in ids], budget))
    for batch in progress(batches, "encode"):
        hidden = hidden_states(model, [ids[index] for index in batch]).float().cpu().numpy()
        for row, index in enumerate(batch):
            chosen[index] = hidden[row, positions[index]]
    return np.concatenate(chosen)


def pair_vectors(model: PreTrainedModel, pairs: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Source and English vectors of all word pairs of a frame of `pipeline.pairs`.

    Both are float32 [pairs, dimension], row by row the two words of a pair.
    """
    sides = []
    for side in ("source", "english"):
        ends = zip(pairs[f"{side}_ends"], pairs[f"{side}_words"], strict=True)
        positions: list[np.ndarray] = [each[words] for each, words in ends]
        sides.append(word_vectors(model, list(pairs[f"{side}_ids"]), positions))
    return sides[0], sides[1]
