"""Which values of params.yaml a config may replace, and which the user has changed by hand."""

import json
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

from pipeline.common.errors import PipelineError
from pipeline.common.files import write_json
from stages.yaml_reader import load_yaml, read_text

# params.yaml before the last configure and after it. Not in git: it is about this folder only.
RECORD = Path(".dvc/tmp/configured.json")
ABSENT = object()
Content = dict[str, Any]
Key = tuple[str, ...]


def read_blocks(path: Path, *, comments: bool = False) -> Any:
    """The blocks of a YAML file, see `load_yaml`; raises PipelineError if there are none."""
    content = load_yaml(read_text(path), str(path), comments=comments)
    if not isinstance(content, dict):
        raise PipelineError(f"{path}: must be blocks of params.yaml: add at least one")
    return content


def merge(content: Any, changes: Any) -> None:
    """Put `changes` into the mapping `content`, in place; the block languages is replaced."""
    for key, value in changes.items():
        if key != "languages" and isinstance(value, dict) and isinstance(content.get(key), dict):
            merge(content[key], value)
        elif key in content or not hasattr(content, "insert"):
            content[key] = value
        else:  # before the last key, since the blank line after the block belongs to it
            content.insert(max(0, len(content) - 1), key, value)


def merged(content: Content, *changes: Content) -> Content:
    """A copy of `content` with `changes` in it, one after another."""
    result = deepcopy(content)
    for each in changes:
        merge(result, each)
    return result


def without(changes: Any, keys: list[Key]) -> Any:
    """`changes` without some of its values, and without blocks that then are empty; in place."""
    for name, value in list(changes.items()):
        inner = [key[1:] for key in keys if key[0] == name]
        if () in inner or (inner and not without(value, inner)):
            del changes[name]
    return changes


def own_changes(now: Content, changes: Content, start: Content) -> list[Key]:
    """The keys of `changes` that the user, who began with `start`, has set to other values."""
    own = set(_differing(now, start)) & set(_differing(now, changes))
    return [key for key in _single_values(changes) if key in own]


def compared(now: Content, changes: Content, keys: list[Key]) -> list[str]:
    """A line for each of `keys` with both values; in languages, for each value that differs."""
    lines = []
    for key in keys:
        here, there = ({key[-1]: _value(content, key)} for content in (now, changes))
        for inner in _differing(here, there, whole=""):
            shown = [_shown(_value(content, inner)) for content in (here, there)]
            lines.append(f"  {'.'.join(key[:-1] + inner)}: {shown[0]}, not {shown[1]}")
    return lines


def start_of(now: Content, path: Path, configs: Path) -> Content:
    """What params.yaml, now `now`, was before the user changed it by hand.

    It is what the last configure made of it. Without one it is the version in git's HEAD at `path`,
    alone or with one of the folder `configs`: that with the fewest values that differ from `now`.
    """
    if last := _last_configured(now):
        return last
    committed = _committed(path)
    if committed is None or committed == now:
        return now
    starts = [committed]
    for config in sorted(configs.glob("*.yaml")):
        with suppress(PipelineError):  # a config that somebody is writing
            starts.append(merged(committed, read_blocks(config)))
    return min(starts, key=lambda start: len(_differing(start, now)))


def record_configured(before: Content, after: Content) -> None:
    """Keep what params.yaml was before, and what configure made of it, but for own changes."""
    RECORD.parent.mkdir(parents=True, exist_ok=True)
    write_json(RECORD, {"params": [before, after]})


def _last_configured(now: Content) -> Content | None:
    """What the last configure made of params.yaml; None if that was undone, or there was none."""
    try:
        before, after = json.loads(RECORD.read_text("utf-8"))["params"]
        undone, done = (len(_differing(each, now)) for each in (before, after))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return dict(after) if done < undone else None


def _committed(path: Path) -> Content | None:
    """The content of a YAML file in git's HEAD; None if there is none."""
    command = ["git", "show", f"HEAD:./{path}"]
    try:
        result = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
        content = load_yaml(result.stdout, f"HEAD:{path}")
    except (OSError, subprocess.CalledProcessError, UnicodeDecodeError, PipelineError):
        return None
    return content if isinstance(content, dict) else None


def _single_values(content: Mapping[str, Any], whole: str = "languages") -> dict[Key, Any]:
    """The values of all blocks by their key; a list is one value, and so is the block `whole`."""
    values: dict[Key, Any] = {}
    for name, value in content.items():
        if isinstance(value, Mapping) and name != whole:
            inner = _single_values(value, whole)
            values |= {(name, *key): one for key, one in inner.items()}
        else:
            values[(name,)] = value
    return values


def _differing(one: Content, other: Content, whole: str = "languages") -> list[Key]:
    values, others = _single_values(one, whole), _single_values(other, whole)
    keys = {**values, **others}
    return [key for key in keys if values.get(key, ABSENT) != others.get(key, ABSENT)]


def _value(content: Any, key: Key) -> Any:
    for name in key:
        content = content.get(name, ABSENT) if isinstance(content, Mapping) else ABSENT
    return content


def _shown(value: Any) -> str:
    return "absent" if value is ABSENT else json.dumps(value, ensure_ascii=False)
