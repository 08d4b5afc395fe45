"""Layers and lengths in params.yaml that the encoder must have, checked around the steps."""

from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.encoder.limits import read_limits
from stages import ARTIFACTS
from stages.params import load_params

AFTER = ("encoder",)
BEFORE = ("pairs", "align", "retrieval", "xnli", "translate_train", "continual")


@contextmanager
def encoder_limits_checked(step: str) -> Iterator[None]:
    """Check all params against the encoder: before a step that reads it, after the step encoder.

    A layer that only a later step reads is found now, not after hours of training. Raises
    PipelineError that names the key, its value and the remedy.
    """
    if step in BEFORE:
        _check()
    yield
    if step in AFTER:
        _check()


def _check() -> None:
    folder = ARTIFACTS / "encoder"
    if not (folder / "config.json").is_file():  # not pulled here; xnli reads align's encoders
        return
    params, limits = load_params(), read_limits(folder)
    for method in params.methods:
        limits.check_layers(params.align[method].layers, f"align.{method}.layers")
    if params.retrieval.layers != "all":
        limits.check_layers(params.retrieval.layers, "retrieval.layers")
    limits.check_length(params.pairs.max_subwords, "pairs.max_subwords")
    limits.check_length(params.xnli.tuning.max_subwords, "xnli.tuning.max_subwords")
