"""The settings of the word pairs, with their constraints."""

from dataclasses import dataclass
from typing import Annotated, Literal

from ..common.constraints import Limits, Positive


@dataclass(frozen=True)
class PairSettings:
    """The block `pairs` in params.yaml, where each field is explained.

    `test`, `dev` and `train` are numbers of sentence pairs, `train` at most. Sentences of more than
    `max_words` tokens are skipped; words past `max_subwords` are cut off. `pooling` says which
    subwords represent a word. `one_to_one` drops the links of words that have more than one. The
    other three keep pairs of identical words, pairs with a word of punctuation only, and pairs with
    a number.
    """

    test: Annotated[int, Limits(ge=2)]  # the words of one sentence say nothing about the others
    dev: Annotated[int, Limits(ge=2)]
    train: Positive
    max_words: Annotated[int, Limits(gt=0, le=1024)]
    max_subwords: Annotated[int, Limits(gt=0, le=32767)]  # positions are int16
    pooling: Literal["last", "first", "mean"]
    one_to_one: bool
    identical: bool
    punctuation: bool
    numbers: bool
