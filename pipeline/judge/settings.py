"""The settings of the judge, with their constraints."""

from dataclasses import dataclass

from ..common.constraints import Positive


@dataclass(frozen=True)
class JudgeSettings:
    """The block `judge` in params.yaml.

    Eflomal samples the links of the first `sentences` sentence pairs `runs` times, independently.
    It has a link if at least `agree` of these runs do.
    """

    runs: Positive
    agree: Positive
    sentences: Positive
