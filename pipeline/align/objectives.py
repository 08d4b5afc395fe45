"""What alignment training minimises, after Cao et al. (2020), section 3.

Over a batch of word pairs (i in source sentence s, j in English sentence t), with the frozen
initial encoder f0, the paper minimises L + weight R with L = |f(i, s) - f(j, t)|^2 and
R = |f(j, t) - f0(j, t)|^2 over all words of t. Other objectives take the place of L, others that
of R; a step adds up one batch of each language, and takes the mean over the layers.

All functions give this process's share of a loss: the shares of all processes add up to the loss
of the whole batch, and so do their gradients. `count` is the number of rows in all processes for a
mean, and 1 for a sum.
"""

from collections.abc import Sequence

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.nn.functional import all_gather
from torch.nn.functional import cross_entropy, normalize, pad

from ..encoder.word_vectors import Encoder, pool
from .batches import Part, Step
from .settings import Training


def losses(
    encoder: nn.Module, frozen: Encoder, step: Step, training: Training, processes: int = 1
) -> tuple[Tensor, Tensor]:
    """The shares of loss and regulariser of a step, scalars."""
    hidden = encoder(step.both)
    source, english = hidden.tensor_split([hidden.shape[1] - len(step.english.order)], dim=1)
    initial = english.detach()
    if training.target == "frozen" or training.regularizer == "output":
        with torch.no_grad():
            initial = frozen(step.english)
    goal = initial if training.target == "frozen" else english
    loss = regularizer = hidden.new_zeros(())
    for layer in range(len(hidden)):
        for part in step.parts:
            loss = loss + _objective(source[layer], goal[layer], part, training)
            if training.regularizer == "output":
                count = max(1, part.words) if training.reduction == "mean" else 1
                now, before = pool(english[layer], part.context), pool(initial[layer], part.context)
                regularizer = regularizer + squared_distance(now, before, count)
    if training.regularizer == "weights":
        return loss / len(hidden), weight_distance(encoder, frozen) / processes
    return loss / len(hidden), regularizer / len(hidden)


def _objective(source: Tensor, english: Tensor, part: Part, training: Training) -> Tensor:
    words, translations = pool(source, part.source), pool(english, part.english)
    count = max(1, sum(part.rows)) if training.reduction == "mean" else 1
    if training.objective == "contrastive":
        return contrastive(words, translations, count, part.rows, training.temperature)
    return squared_distance(words, translations, count)


def squared_distance(left: Tensor, right: Tensor, count: int) -> Tensor:
    """Sum over rows of |left - right|^2, by `count`; both are [rows, dimension].

    Cao et al. (2020), section 3: the loss over aligned words, and the regulariser over English
    words and their initial vectors.
    """
    return (left - right).square().sum() / count


def contrastive(
    source: Tensor, english: Tensor, count: int, rows: Sequence[int], temperature: float
) -> Tensor:
    """Symmetric InfoNCE: each word must choose its translation among all words of the batch.

    With unit vectors x, y and s = x y' / temperature, the mean of the cross-entropies of the rows
    of s and of its columns, the diagonal being right (van den Oord et al. 2018; both directions as
    in Radford et al. 2021). `rows` has the rows of each process; both sides are [rows, dimension].
    """
    x, y = normalize(source, dim=1), normalize(english, dim=1)
    process = dist.get_rank() if len(rows) > 1 else 0
    own = torch.arange(len(x), device=x.device) + sum(rows[:process])
    forward = cross_entropy(x @ gather(y, rows).T / temperature, own, reduction="sum")
    backward = cross_entropy(y @ gather(x, rows).T / temperature, own, reduction="sum")
    return (forward + backward) / 2 / count


def gather(vectors: Tensor, rows: Sequence[int]) -> Tensor:
    """The rows of all processes, [sum(rows), dimension]; gradients flow back to each."""
    if len(rows) == 1:
        return vectors
    padded = pad(vectors, (0, 0, 0, max(rows) - len(vectors)))  # all must be of one shape
    found = all_gather(padded)  # type: ignore[no-untyped-call]
    return torch.cat([each[:n] for each, n in zip(found, rows, strict=True)])


def weight_distance(model: nn.Module, frozen: nn.Module) -> Tensor:
    """Sum over all weights of their squared distance to the frozen ones."""
    moved = zip(model.parameters(), frozen.parameters(), strict=True)
    return torch.stack([(now - before).square().sum() for now, before in moved]).sum()
