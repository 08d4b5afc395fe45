"""What alignment training minimises, after Cao et al. (2020), section 3.

For a batch of word pairs (i in source sentence s, j in English sentence t) and the frozen initial
encoder f0, the paper minimises L + weight R with L = |f(i, s) - f(j, t)|^2, and
R = |f(j, t) - f0(j, t)|^2 over all words of t. Other objectives replace L, other regularizers R. A
step adds up one batch per language, and takes the mean over the layers.

All functions return this process's share of a loss: the shares of all processes add up to the loss
of the whole batch, and so do their gradients.
"""

import copy
from collections.abc import Callable, Sequence

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.nn.functional import all_gather
from torch.nn.functional import cross_entropy, normalize, pad
from transformers import PreTrainedModel

from ..encoder.devices import to_device
from ..encoder.precision import compute_in
from ..encoder.word_vectors import LayerEncoder, pool
from .batches import LanguageBatch, Step
from .objectives import OBJECTIVES
from .settings import AlignmentSettings

# A loss takes source and English vectors, both [pairs, dimension], row by row the two sides of a
# pair, the number of pairs in each process, and the settings. It returns a scalar.
Loss = Callable[[Tensor, Tensor, Sequence[int], AlignmentSettings], Tensor]


def live_and_frozen(
    model: PreTrainedModel, settings: AlignmentSettings, device: torch.device
) -> tuple[LayerEncoder, LayerEncoder]:
    """The encoder to train, and a copy that keeps the present weights of `model`."""
    dtype = compute_in(model, settings.precision, device)
    to_device(model, device).train(settings.dropout)
    initial = copy.deepcopy(model).train(False).requires_grad_(False)
    if settings.compile:
        model.compile(dynamic=True)
        initial.compile(dynamic=True)
    layers = settings.layers
    return LayerEncoder(model, layers, dtype), LayerEncoder(initial, layers, dtype)


def step_losses(
    encoder: nn.Module,
    frozen: LayerEncoder,
    step: Step,
    settings: AlignmentSettings,
    processes: int = 1,
) -> tuple[Tensor, Tensor]:
    """The shares of loss and regularizer of a step, scalars."""
    hidden = encoder(step.both)
    source, english = hidden.tensor_split([hidden.shape[1] - len(step.english.order)], dim=1)
    initial = english.detach()
    if settings.target == "frozen" or settings.regularizer == "output":
        with torch.no_grad():
            initial = frozen(step.english)
    target = initial if settings.target == "frozen" else english
    loss_function = LOSSES[OBJECTIVES[settings.objective].loss or ""]
    loss = regularizer = hidden.new_zeros(())
    for layer in range(len(hidden)):
        for batch in step.batches:
            translated = pool(source[layer], batch.source), pool(target[layer], batch.english)
            loss = loss + loss_function(*translated, batch.pairs_per_process, settings)
            if settings.regularizer == "output":
                moved = output_distance(english[layer], initial[layer], batch, settings)
                regularizer = regularizer + moved
    if settings.regularizer == "weights":
        return loss / len(hidden), weight_distance(encoder, frozen) / processes
    return loss / len(hidden), regularizer / len(hidden)


def pair_distance(
    source: Tensor, english: Tensor, pairs_per_process: Sequence[int], settings: AlignmentSettings
) -> Tensor:
    """Squared distance of the two sides of each pair, L of Cao et al. (2020), section 3."""
    return squared_distance(source, english, _divisor(sum(pairs_per_process), settings))


def contrastive(
    source: Tensor, english: Tensor, pairs_per_process: Sequence[int], settings: AlignmentSettings
) -> Tensor:
    """Symmetric InfoNCE: each word must find its translation among all words of the batch.

    With unit vectors x and y, and s = x y' / temperature, the mean of the cross-entropies of the
    rows of s and of its columns; the diagonal is the right answer (van den Oord et al. 2018; both
    directions as in Radford et al. 2021).
    """
    unit_source, unit_english = normalize(source, dim=1), normalize(english, dim=1)
    all_english = gather(unit_english, pairs_per_process)
    all_source = gather(unit_source, pairs_per_process)
    process = dist.get_rank() if len(pairs_per_process) > 1 else 0
    pairs_before = sum(pairs_per_process[:process])
    right = torch.arange(len(source), device=source.device) + pairs_before
    temperature = settings.temperature
    forward = cross_entropy(unit_source @ all_english.T / temperature, right, reduction="sum")
    backward = cross_entropy(unit_english @ all_source.T / temperature, right, reduction="sum")
    return (forward + backward) / 2 / _divisor(sum(pairs_per_process), settings)


LOSSES: dict[str, Loss] = {"pair_distance": pair_distance, "contrastive": contrastive}


def output_distance(
    english: Tensor, initial: Tensor, batch: LanguageBatch, settings: AlignmentSettings
) -> Tensor:
    """Squared distance of English words to their initial vectors, R of the paper.

    Both tensors are [subwords, dimension].
    """
    now, before = pool(english, batch.context), pool(initial, batch.context)
    return squared_distance(now, before, _divisor(batch.english_words, settings))


def weight_distance(model: nn.Module, frozen: nn.Module) -> Tensor:
    """Sum over all weights of their squared distance to the frozen ones."""
    moved = zip(model.parameters(), frozen.parameters(), strict=True)
    return torch.stack([(now - before).square().sum() for now, before in moved]).sum()


def squared_distance(left: Tensor, right: Tensor, divisor: int) -> Tensor:
    """Sum over rows of |left - right|^2, over `divisor`; both are [rows, dimension]."""
    return (left - right).square().sum() / divisor


def gather(vectors: Tensor, rows_per_process: Sequence[int]) -> Tensor:
    """The rows of all processes, [rows, dimension]; gradients flow back to each process."""
    if len(rows_per_process) == 1:
        return vectors
    # All processes must send the same shape.
    padded = pad(vectors, (0, 0, 0, max(rows_per_process) - len(vectors)))
    gathered = all_gather(padded)  # type: ignore[no-untyped-call]
    return torch.cat([rows[:count] for rows, count in zip(gathered, rows_per_process, strict=True)])


def _divisor(count: int, settings: AlignmentSettings) -> int:
    """What a sum over `count` rows in all processes is divided by."""
    return max(1, count) if settings.reduction == "mean" else 1
