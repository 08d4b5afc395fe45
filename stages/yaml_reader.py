"""YAML as DVC reads and writes it: version 1.2, by the same library.

So a value has one meaning: `5e-05`, as `dvc exp run -S` writes it, is a number, `no` is text, and a
key that is given twice is refused.
"""

import re
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from pipeline.common.errors import PipelineError

NULL = "tag:yaml.org,2002:null"
# ValueError: a date that does not exist; RecursionError: thousands of brackets.
UNREADABLE = (YAMLError, ValueError, RecursionError)


def read_text(path: Path) -> str:
    """The text of a file; raises PipelineError unless it can be read and is UTF-8."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise PipelineError(f"{path}: cannot be read (not UTF-8): save it as UTF-8") from error
    except OSError as error:
        raise PipelineError(f"{path}: cannot be read ({error})") from error


def load_yaml(text: str, name: str, *, comments: bool = False) -> Any:
    """The content of a YAML text; raises PipelineError with `name`, line and fault.

    With `comments`, it keeps what `dump_yaml` needs to give back comments, quotes and layout.
    """
    if directive := re.search(r"(?m)^%.*", text):
        # DVC drops such a line when it writes, and other rules then apply to the values.
        raise PipelineError(f"{name}: cannot be read ({directive[0]}): delete this line")
    yaml = _with_comments() if comments else YAML(typ="safe")  # the second one as in DVC
    try:
        return yaml.load(text)
    except UNREADABLE as error:
        raise PipelineError(f"{name}: cannot be read ({_reason(error)}){_remedy(text)}") from error


def dump_yaml(content: Any) -> str:
    """The YAML text of what `load_yaml` gave with `comments`."""
    text = StringIO()
    _with_comments().dump(content, text)
    return text.getvalue()


def _with_comments() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096  # do not fold lines
    yaml.representer.add_representer(type(None), lambda to, _: to.represent_scalar(NULL, "null"))
    return yaml


def _reason(error: Exception) -> str:
    if isinstance(error, MarkedYAMLError) and error.problem and error.problem_mark:
        problem = error.problem.partition(" with value ")[0]  # which may hold a password
        return f"line {error.problem_mark.line + 1}: {' '.join(problem.split())}"
    return " ".join(str(error).split())


def _remedy(text: str) -> str:
    """What helps if only the reader in C, which DVC prefers, cannot read a text."""
    try:
        YAML(typ="safe", pure=True).load(text)
    except UNREADABLE:
        return ": correct it"
    return ": pip uninstall ruamel.yaml.clib, whose reader knows no colon in words between { }"
