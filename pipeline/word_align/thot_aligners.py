"""One direction of word alignment by the statistical models of thot.

thot holds the interpreter lock and must not be loaded in a process that forks: call these functions
in a separate process. A link's first index is a token of the generating sentence (fast_align's
source).
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from thot.alignment import EflomalAlignmentModel, FastAlignModel

from ..common.errors import PipelineError
from ..common.progress import progress
from .links import Links

Sentences = Sequence[Sequence[str]]


def fast_align(source: Sentences, target: Sentences, iterations: int, name: str) -> Links:
    """fast_align (Dyer, Chahuneau and Smith, 2013) after `iterations` of EM, its option -I.

    Sentences are lists of tokens; each target token gets at most one source token. `name` labels
    the progress lines. Raises PipelineError for a sentence without a valid alignment.
    """
    model = FastAlignModel()
    model.variational_bayes = True
    # start_training counts as the first iteration.
    _train(model, source, target, range(2, iterations + 1), name)
    return _links(model.get_best_alignments(source, target), source, target)


def eflomal(source: Sentences, target: Sentences, seed: int, name: str) -> Links:
    """Eflomal (Östling and Tiedemann, 2016): Bayesian, with fertilities, by Gibbs sampling.

    Links are those of the samplers, as in the program; the fewer the sentences, the more iterations
    it runs. `name` labels the progress lines. Raises PipelineError for a sentence without a valid
    alignment.
    """
    return _sample(EflomalAlignmentModel(), source, target, seed, name)


def sampled_links(
    source: Sentences, target: Sentences, seed: int, iterations: tuple[int, int, int], name: str
) -> Links:
    """One sample of Eflomal's links, which varies with the seed as the links' posterior does.

    `iterations` are the sweeps by word translation alone, with word order, and with fertilities.
    Raises PipelineError as `eflomal` does.
    """
    model = EflomalAlignmentModel()
    model.num_samplers = 1
    model.set_iterations(*iterations)
    return _sample(model, source, target, seed, name)


def _sample(model: Any, source: Sentences, target: Sentences, seed: int, name: str) -> Links:
    model.deterministic, model.seed, model.emit_training_alignments = True, seed, True
    _train(model, source, target, None, name)
    return _links(map(model.get_training_alignment, range(len(source))), source, target)


def _train(
    model: Any, source: Sentences, target: Sentences, iterations: range | None, name: str
) -> None:
    for pair in zip(source, target, strict=True):
        model.add_sentence_pair(*pair, 1)
    model.start_training()
    steps = range(1, model.scheduled_iterations + 1) if iterations is None else iterations
    for _ in progress(steps, name):
        model.train()
    model.end_training()


def _links(alignments: Iterable[tuple[float, Any]], source: Sentences, target: Sentences) -> Links:
    first, second = zip(*_indices(alignments, source, target), strict=True)
    sentence = np.repeat(np.arange(len(first)), [len(indices) for indices in first])
    return Links.of(sentence, np.concatenate(first), np.concatenate(second), len(first))


def _indices(
    alignments: Iterable[tuple[float, Any]], source: Sentences, target: Sentences
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The source and target token indices of the links of each sentence pair."""
    shapes = ((len(s), len(t)) for s, t in zip(source, target, strict=True))
    aligned = zip(alignments, shapes, strict=True)
    for number, ((log_probability, matrix), shape) in enumerate(aligned, start=1):
        linked = matrix.to_numpy()
        if math.isnan(log_probability) or linked.shape != shape:
            raise PipelineError(
                f"word_align: line {number} has no valid alignment: remove the line"
            )
        yield linked.nonzero()
