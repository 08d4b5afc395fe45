"""Kinds of values in params.yaml, and the checks they pass."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from pipeline.common.errors import PipelineError
from pipeline.corpora.catalogue import LANGUAGES


def known_language(code: str) -> str:
    """A code of two letters that the project knows."""
    if code not in LANGUAGES:
        raise ValueError(f"must be one of {', '.join(LANGUAGES)}")
    return code


def passes(check: Callable[[str], object], noun: str) -> AfterValidator:
    """What a check of the library accepts."""

    def validate(value: str) -> str:
        try:
            check(value)
        except PipelineError as error:
            raise ValueError(f"must be {noun} ({error})") from error
        return value

    return AfterValidator(validate)


def listed(key: str) -> BeforeValidator:
    """One entry or a list of them; a word alone stands for the value of `key`."""

    def normalize(value: Any) -> Any:
        entries = value if isinstance(value, list) else [value]
        return [{key: entry} if isinstance(entry, str) else entry for entry in entries]

    return BeforeValidator(normalize)


def full_commit(commit: str) -> str:
    """A commit of git in full."""
    if not re.fullmatch("[0-9a-f]{40}", commit):
        raise ValueError("must be a commit, 40 hex digits")
    return commit


def versioned(name: str) -> str:
    """A name with its version."""
    if not re.fullmatch("[^=]+==[^=]+", name):
        raise ValueError("must be NAME==VERSION")
    return name


def balanced(size: int) -> int:
    """A number of examples that holds all labels equally often."""
    if size % 3:
        raise ValueError("must be a multiple of 3, the number of labels")
    return size


def layers(value: Any) -> Any:
    """All layers, or some of them by number."""
    if value == "all" or (isinstance(value, list) and all(type(each) is int for each in value)):
        return value
    raise ValueError("must be all, or a list of numbers")


Positive = Annotated[int, Field(gt=0)]
Natural = Annotated[int, Field(ge=0)]
Balanced = Annotated[Positive, AfterValidator(balanced)]
Rate = Annotated[float, Field(gt=0, lt=1)]
Layers = Annotated[Literal["all"] | list[int], BeforeValidator(layers)]
Share = Annotated[float, Field(ge=0, lt=1)]
Weight = Annotated[float, Field(ge=0)]


class Block(BaseModel):
    """A mapping whose keys are all known and all given, without conversion between types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
