"""The block align of params.yaml: methods, and the defaults that they change."""

from typing import Annotated, Any, Literal

from pydantic import Field

from stages.values import Block, Natural, Positive, Rate, Share, Weight

DEFAULTS = "defaults"


class Align(Block):
    """A method of alignment: what its own block and the defaults give."""

    objective: Literal["none", "l2", "contrastive", "sentence", "rotation"]
    target: Literal["frozen", "live"]
    temperature: Annotated[float, Field(gt=0)]
    reduction: Literal["mean", "sum"]
    regularizer: Literal["output", "weights", "none"]
    regularizer_weight: Weight
    layers: Annotated[list[int], Field(min_length=1)]
    special_tokens: bool
    dropout: bool
    sentences: Positive
    batch_tokens: Positive
    interleave: Literal["each", "share"]
    epochs: Positive
    learning_rate: Rate
    warmup: Share
    precision: Literal["auto", "float32", "bfloat16"]
    compile: bool
    dev_steps: Natural
    dev_sentences: Positive
    patience: Natural
    checkpoint_minutes: Weight
    seed: Natural

    @property
    def trains(self) -> bool:
        """Whether the objective changes the encoder."""
        return self.objective not in ("none", "rotation")


def over_defaults(methods: Any) -> Any:
    """Each method's block over the one of defaults, which stays as an entry to be checked first."""
    if not isinstance(methods, dict) or not isinstance(methods.get(DEFAULTS), dict):
        raise ValueError("must have a block defaults, and one a method")
    defaults = {"objective": "none", **methods[DEFAULTS]}
    return {DEFAULTS: defaults} | {
        name: {**defaults, **own} if isinstance(own, dict) else own
        for name, own in methods.items()
        if name != DEFAULTS
    }
