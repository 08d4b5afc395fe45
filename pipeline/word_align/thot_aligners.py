"""One direction of word alignment by the statistical models of thot.

thot holds the interpreter lock and must not live in a process that forks: call these in a process
of their own. A link's first index is of the sentence that generates, fast_align's source.
"""

import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from thot.alignment import EflomalAlignmentModel, FastAlignModel

from ..common.errors import PipelineError
from .links import Links

Sentences = Sequence[Sequence[str]]


def fast_align(source: Sentences, target: Sentences, iterations: int, name: str) -> Links:
    """fast_align (Dyer, Chahuneau and Smith, 2013) after `iterations` of EM, as its option -I.

    Sentences are lists of tokens; each target token gets at most one source token.
    Raises PipelineError for a sentence without a valid alignment.
    """
    model = FastAlignModel()
    model.variational_bayes = True
    # start_training is the first iteration of the program.
    _train(model, source, target, range(2, iterations + 1), name)
    return _links(model.get_best_alignments(source, target), source, target)


def eflomal(source: Sentences, target: Sentences, seed: int, name: str) -> Links:
    """Eflomal (Östling and Tiedemann, 2016): Bayesian, with fertilities, by Gibbs sampling.

    The links are those of the samplers, as the program gives them; the fewer sentences, the more
    iterations it makes.
    """
    model = EflomalAlignmentModel()
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
    for step in steps:
        model.train()
        if step == steps[-1] or step % max(1, len(steps) // 4) == 0:
            print(f"{name}: iteration {step} of {steps[-1]}", file=sys.stderr, flush=True)
    model.end_training()


def _links(alignments: Iterable[tuple[float, Any]], source: Sentences, target: Sentences) -> Links:
    rows, columns = zip(*_indices(alignments, source, target), strict=True)
    sentence = np.repeat(np.arange(len(rows)), [len(each) for each in rows])
    return Links.of(sentence, np.concatenate(rows), np.concatenate(columns), len(rows))


def _indices(
    alignments: Iterable[tuple[float, Any]], source: Sentences, target: Sentences
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    triples = zip(alignments, source, target, strict=True)
    for number, ((log_probability, matrix), s, t) in enumerate(triples, start=1):
        found = matrix.to_numpy()
        if math.isnan(log_probability) or found.shape != (len(s), len(t)):
            raise PipelineError(
                f"word_align: line {number} has no valid alignment: remove the line"
            )
        yield found.nonzero()
