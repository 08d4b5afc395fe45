"""Constraints on settings, written in annotations: `epochs: Annotated[int, Limits(gt=0)]`.

Python does not check them; pydantic does, where a dataclass is part of a model. It calls
`__get_pydantic_core_schema__`, so that the library can state constraints without importing it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Annotated, Any

from .errors import PipelineError

Schema = dict[str, Any]  # as in pydantic_core.core_schema
Handler = Callable[[Any], Schema]


@dataclass(frozen=True)
class Limits:
    """Limits on a number, or on the length of a list; None: no such limit."""

    gt: float | None = None
    ge: float | None = None
    lt: float | None = None
    le: float | None = None
    min_length: int | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: Handler) -> Schema:
        limits = {name: limit for name, limit in vars(self).items() if limit is not None}
        return {**handler(source), **limits}


@dataclass(frozen=True)
class OneOf:
    """One of the names in a registry."""

    names: Collection[str]

    def __get_pydantic_core_schema__(self, source: Any, handler: Handler) -> Schema:
        return {"type": "literal", "expected": list(self.names)}


@dataclass(frozen=True)
class Passes:
    """A value for which `check` raises no PipelineError; `noun` says what it is then."""

    check: Callable[[str], object]
    noun: str

    def __get_pydantic_core_schema__(self, source: Any, handler: Handler) -> Schema:
        function = {"type": "no-info", "function": self._validate}
        return {"type": "function-after", "function": function, "schema": handler(source)}

    def _validate(self, value: str) -> str:
        try:
            self.check(value)
        except PipelineError as error:
            raise ValueError(f"must be {self.noun} ({error})") from error
        return value


def distinct(entries: list[Any]) -> list[Any]:
    """The list itself; raises ValueError for repeats. As for many disks, case does not count."""
    names: dict[str, Any] = {}
    for entry in entries:
        twin = names.setdefault(str(entry).casefold(), entry)
        if twin != entry:
            raise ValueError(f"must not have both {twin} and {entry}: rename one")
    if len(names) < len(entries):
        twice = next(entry for entry in entries if entries.count(entry) > 1)
        raise ValueError(f"must not have {twice} twice: delete one")
    return entries


@dataclass(frozen=True)
class Distinct:
    """A list that passes `distinct`."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Handler) -> Schema:
        function = {"type": "no-info", "function": distinct}
        return {"type": "function-after", "function": function, "schema": handler(source)}


Positive = Annotated[int, Limits(gt=0)]
Natural = Annotated[int, Limits(ge=0)]
Seed = Annotated[int, Limits(ge=0, lt=2**31)]  # what all generators of random numbers take
Rate = Annotated[float, Limits(gt=0, lt=1)]
Share = Annotated[float, Limits(ge=0, lt=1)]
Weight = Annotated[float, Limits(ge=0)]
PositiveFloat = Annotated[float, Limits(gt=0)]
