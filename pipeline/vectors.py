"""Contextual word vectors: the last layer at the subwords that stand for a word."""

import os
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel

from pipeline.progress import progress
from pipeline.splits import Spans, Split, ragged


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


def pool(hidden: Tensor, spans: Spans) -> Tensor:
    """[spans, dimension]: the mean of `hidden` [sentences, longest, dimension] over each span."""
    if np.array_equal(spans.first, spans.last):
        return hidden[spans.row, spans.first.astype(np.int64)]
    bounds = np.concatenate([[0], np.cumsum(spans.last - spans.first.astype(np.int64) + 1)])
    span = np.repeat(np.arange(len(spans.row)), np.diff(bounds))
    position = np.arange(bounds[-1]) - bounds[span] + spans.first[span]
    total = hidden.new_zeros(len(spans.row), hidden.shape[-1])
    total.index_add_(0, torch.from_numpy(span).to(hidden.device), hidden[spans.row[span], position])
    return total / torch.from_numpy(np.diff(bounds)).to(hidden.device)[:, None]


@torch.inference_mode()
def pair_vectors(
    model: PreTrainedModel, split: Split, budget: int = 4096
) -> tuple[np.ndarray, np.ndarray]:
    """Source and English vectors of all word pairs of a split.

    Both are float32 [pairs, dimension], row by row the two words of a pair. `budget` bounds the
    subwords that are encoded at once, with their padding.
    """
    shape = len(split.source_words), model.config.hidden_size
    vectors = np.empty(shape, np.float32), np.empty(shape, np.float32)
    for number, side in enumerate((split.source, split.english)):
        for batch in progress(list(token_batches(side.lengths().tolist(), budget)), "encode"):
            chosen = split.take(batch)
            sentences = (chosen.source, chosen.english)[number].sentences()
            at, _ = ragged(split.pair_bounds, np.array(batch))
            found = pool(hidden_states(model, sentences), chosen.pairs()[number])
            vectors[number][at] = found.float().cpu().numpy()
    return vectors
