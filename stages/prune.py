"""prune: delete the results of languages, methods and seeds that params.yaml no longer names."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.common.files import remove
from stages import ARTIFACTS
from stages.params import load_params


def main() -> None:
    """Delete artifacts of languages, methods and seeds that are not in params.yaml.

    A joint stage depends on whole folders. Leftovers in them would change its inputs, and a
    teammate who once had the language would run it again. Half-written files of killed runs are
    deleted too.
    """
    params = load_params()
    for half in sorted(ARTIFACTS.rglob(".*.tmp")):  # left by killed steps
        remove(half)
    languages, methods = list(params.languages), list(params.methods)
    seeds = [str(seed) for seed in params.xnli.seeds]
    usage = ARTIFACTS / "usage"
    for step in ("download", "tokenize", "word_align", "judge", "pairs", "analyses"):
        for folder in (ARTIFACTS, usage):
            _keep(folder / step, languages)
    of_trainings = [ARTIFACTS / kind for kind in ("checkpoints", "live", "trackers")]
    for folder in (ARTIFACTS, usage, *of_trainings):
        _keep(folder / "align", methods)
    for folder in (ARTIFACTS, usage):
        _keep(folder / "retrieval", methods)
    for method in methods:
        _keep(ARTIFACTS / "retrieval" / method, languages)
    translated, continual = params.xnli.translate_train, params.xnli.continual
    steps = {"translate_train": translated, "continual": continual}
    beside = [step for step, names in steps.items() if names]  # folders of xnli
    for path, outer, inner, others in (
        ("xnli", methods, seeds, beside),
        *((f"xnli/{step}", names, seeds, []) for step, names in steps.items()),
    ):
        for folder in (ARTIFACTS, *of_trainings):
            _keep(folder / path, [*outer, *others])
            for name in outer:
                _keep(folder / path / name, inner)
        _keep(usage / Path(path).name, [f"{one}-{two}" for one in outer for two in inner])


def _keep(folder: Path, names: Sequence[str]) -> None:
    for path in sorted(folder.glob("*")):
        if path.stem not in names:
            remove(path)
