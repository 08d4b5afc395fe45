"""The origin of a model, read from its provenance.json and the runs recorded in dvc.lock."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tabulate import tabulate

from ..corpora.licences import corpora_rights

Content = tuple[str, str]  # a path and the hash of its content


@dataclass(frozen=True)
class StepRun:
    """A step of dvc.yaml that ran, with its output, the hash, and the params blocks it read."""

    step: str
    output: str
    hash: str
    params: Mapping[str, Any]


def corpora_of(provenance: Mapping[str, Any]) -> dict[str, list[str]]:
    """Names of the corpora that a model was trained on, by language; empty for an encoder."""
    languages = provenance["params"].get("languages", {})
    return {
        code: [corpus["name"] for corpus in block["corpus"]] for code, block in languages.items()
    }


def runs_behind(inputs: Mapping[str, str], lock: Mapping[str, Any]) -> list[StepRun]:
    """The runs that made a model's `inputs`, from each input back to its download.

    `inputs` are hashes by path, `lock` is the content of dvc.lock. A run counts only if it made
    content with that hash, so a run that was later repeated with another result is left out.
    """
    makers = dict(_makers(lock))
    runs: dict[Content, StepRun] = {}

    def visit(content: Content) -> None:
        if content in makers and content not in runs:
            step, stage = makers[content]
            runs[content] = StepRun(step, *content, _blocks(stage))
            for dependency in stage.get("deps", []):
                visit((dependency["path"], dependency["md5"]))

    for content in inputs.items():
        visit(content)
    return list(runs.values())


def origin_report(folder: str, provenance: Mapping[str, Any], lock: Mapping[str, Any]) -> str:
    """The steps, params, encoder and corpora that a model comes from, as Markdown."""
    inputs, encoder = provenance["inputs"], provenance.get("encoder", provenance)
    runs = runs_behind(inputs, lock)
    known = {run.output for run in runs}
    steps = [(run.step, run.output, run.hash) for run in runs]
    steps += [("", name, digest) for name, digest in inputs.items() if name not in known]
    rights = [asdict(corpus) for corpus in corpora_rights(corpora_of(provenance))]
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


def _params(provenance: Mapping[str, Any], runs: list[StepRun]) -> Iterator[str]:
    libraries = ", ".join(f"{name} {version}" for name, version in provenance["libraries"].items())
    yield f"libraries: {libraries}"
    blocks = {name: block for run in runs for name, block in run.params.items()}
    blocks |= provenance["params"]
    for name, block in blocks.items():
        if not name.startswith("languages"):
            yield f"{name}: {json.dumps(block, ensure_ascii=False)}"


def _table(rows: list[Any], headers: Any) -> str:
    return tabulate(rows, headers, "pipe", disable_numparse=True) if rows else ""
