"""Types of values in params.yaml that only the stages check, with pydantic.

Constraints that the library shares are in pipeline.common.constraints.
"""

import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, GetCoreSchemaHandler

from pipeline.common.constraints import Positive, distinct

METHOD_NAME = re.compile("[A-Za-z][A-Za-z0-9_-]{0,63}")
# The folders of these steps are next to those of the methods; the report has columns for methods.
TAKEN = dict.fromkeys(("continual", "translate_train"), "a step") | dict.fromkeys(
    ("examples", "language", "layer", "translate-train", "words"), "a column of the report"
)
TAKEN |= dict.fromkeys(
    ("aer", "gain", "gain_ci", "gold", "langs", "nli", "nli_gain", "nli_p", "xsim"),
    "a key of metrics.json",
)


def blank_values(content: Any, key: str = "") -> list[str]:
    """The keys of all texts in blocks and lists that show nothing: null is how to give none."""
    if isinstance(content, str):
        return [] if any(c.isprintable() and not c.isspace() for c in content) else [key]
    inner: Iterable[tuple[Any, Any]] = ()
    if isinstance(content, dict):
        inner = content.items()
    elif isinstance(content, list):
        inner = enumerate(content)
    paths = ((f"{key}.{name}" if key else str(name), value) for name, value in inner)
    return [blank for path, value in paths for blank in blank_values(value, path)]


def method_name(name: str) -> str:
    """A name that can be a file, a DVC stage, a key of params and a column of the report."""
    if not METHOD_NAME.fullmatch(name):
        raise ValueError("must be a letter, then up to 63 letters, digits, - or _: rename it")
    if name.casefold() in TAKEN:
        kind = TAKEN[name.casefold()]
        raise ValueError(f"must not name {name}, which is {kind}: give another name")
    return name


def listed(key: str) -> BeforeValidator:
    """One entry or a list of entries; a string is short for an entry with only `key`."""

    def normalize(value: Any) -> Any:
        entries = value if isinstance(value, list) else [value]
        return [{key: entry} if isinstance(entry, str) else entry for entry in entries]

    return BeforeValidator(normalize)


def full_commit(commit: str) -> str:
    """A git commit, 40 hex digits."""
    if not re.fullmatch("[0-9a-f]{40}", commit):
        raise ValueError("must be a commit, 40 hex digits")
    return commit


def versioned(name: str) -> str:
    """A name with its version, as in NAME==VERSION."""
    if not re.fullmatch(r"\s*[^=\s][^=]*==\s*[^=\s][^=]*", name):
        raise ValueError("must be NAME==VERSION")
    return name


def balanced(size: int) -> int:
    """A number of examples in which all labels can be equally frequent."""
    if size % 3:
        raise ValueError("must be a multiple of 3, the number of labels")
    return size


def layers(value: Any) -> Any:
    """All layers, or a list of their numbers."""
    if value == "all":
        return value
    if isinstance(value, list) and all(type(layer) is int for layer in value):
        return distinct(value)
    raise ValueError("must be all, or a list of numbers")


Balanced = Annotated[Positive, AfterValidator(balanced)]
Layers = Annotated[Literal["all"] | list[int], BeforeValidator(layers)]
MethodName = Annotated[str, AfterValidator(method_name)]


class Block(BaseModel):
    """A mapping with all of its keys and no others; values are not converted between types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class _FromMapping:
    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        schema = handler(source)
        dataclass: Any = handler.resolve_ref_schema(schema)
        dataclass["strict"] = False
        return schema


T = TypeVar("T")
# A dataclass of the library in a Block. Its fields are as strict as the Block's, but a strict
# dataclass would accept only instances, and YAML has mappings.
Settings = Annotated[T, _FromMapping()]
