"""From a model back to its corpora: its provenance.json, and the runs that dvc.lock remembers."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tabulate import tabulate

from ..corpora.licences import corpora_rights

Content = tuple[str, str]  # a path, and the hash of what was there


@dataclass(frozen=True)
class Run:
    """A step of dvc.yaml that ran, its output with the hash, and the blocks of params it read."""

    step: str
    output: str
    hash: str
    params: Mapping[str, Any]


def corpora_of(provenance: Mapping[str, Any]) -> dict[str, list[str]]:
    """Names of the corpora that a model was trained on, by language; none for an encoder."""
    languages = provenance["params"].get("languages", {})
    return {code: [each["name"] for each in block["corpus"]] for code, block in languages.items()}


def runs_behind(inputs: Mapping[str, str], lock: Mapping[str, Any]) -> list[Run]:
    """The runs that made a model's `inputs`, each input's own chain from its end to its start.

    `inputs` are hashes by path, `lock` is the content of dvc.lock. A run counts only if it made
    content of that hash, so one that was repeated since with another result is not among them.
    """
    makers = dict(_makers(lock))
    found: dict[Content, Run] = {}
    waiting = list(inputs.items())
    while waiting:
        made = waiting.pop(0)
        if made in makers and made not in found:
            step, stage = makers[made]
            found[made] = Run(step, *made, _blocks(stage))
            waiting[:0] = [(each["path"], each["md5"]) for each in stage.get("deps", [])]
    return list(found.values())


def report(folder: str, provenance: Mapping[str, Any], lock: Mapping[str, Any]) -> str:
    """All that is known of where a model comes from, as Markdown."""
    inputs, encoder = provenance["inputs"], provenance.get("encoder", provenance)
    runs = runs_behind(inputs, lock)
    known = {run.output for run in runs}
    steps = [(run.step, run.output, run.hash) for run in runs]
    steps += [("", name, digest) for name, digest in inputs.items() if name not in known]
    rights = [asdict(each) for each in corpora_rights(corpora_of(provenance))]
    origin = ", ".join(f"{name} {digest}" for name, digest in encoder["inputs"].items())
    parts = [
        f"{folder}: a model of the step {provenance['step']}",
        _table(steps, ("step", "output or input", "hash")),
        "\n".join(_params(provenance, runs)),
        f"encoder {encoder['params']['encoder']['name']}: {encoder['licence']}; from {origin}",
        _table(rights, "keys"),
    ]
    return "\n\n".join(part for part in parts if part)


def _makers(lock: Mapping[str, Any]) -> Iterator[tuple[Content, tuple[str, Any]]]:
    for step, stage in lock.get("stages", {}).items():
        for out in stage.get("outs", []):
            yield (out["path"], out["md5"]), (step, stage)


def _blocks(stage: Mapping[str, Any]) -> dict[str, Any]:
    files = stage.get("params", {}).values()
    return {name: block for blocks in files for name, block in blocks.items()}


def _params(provenance: Mapping[str, Any], runs: list[Run]) -> Iterator[str]:
    libraries = ", ".join(f"{name} {each}" for name, each in provenance["libraries"].items())
    yield f"libraries: {libraries}"
    blocks = {name: block for run in runs for name, block in run.params.items()}
    blocks |= provenance["params"]
    for name, block in blocks.items():
        if not name.startswith("languages"):
            yield f"{name}: {json.dumps(block, ensure_ascii=False)}"


def _table(rows: list[Any], headers: Any) -> str:
    return tabulate(rows, headers, "pipe", disable_numparse=True) if rows else ""
