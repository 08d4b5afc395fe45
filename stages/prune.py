"""prune: forget the results of languages, methods and seeds that params.yaml no longer names."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.files import remove
from stages import ARTIFACTS
from stages.params import load_params


def main() -> None:
    """Delete artifacts of languages, methods and seeds that are not in params.yaml.

    A joint stage depends on whole folders; leftovers in them would change its hash for the
    teammate who once had the language.
    """
    params = load_params()
    languages, methods = list(params.languages), list(params.methods)
    seeds = [str(seed) for seed in params.xnli.seeds]
    usage = ARTIFACTS / "usage"
    for step in ("download", "tokenize", "word_align", "pairs", "analyses"):
        for folder in (ARTIFACTS, usage):
            _keep(folder / step, languages)
    for folder in (ARTIFACTS, usage):
        _keep(folder / "align", methods)
    for step, names in (("retrieval", languages), ("xnli", seeds)):
        _keep(ARTIFACTS / step, methods)
        for method in methods:
            _keep(ARTIFACTS / step / method, names)
        _keep(usage / step, [f"{method}-{name}" for method in methods for name in names])


def _keep(folder: Path, names: Sequence[str]) -> None:
    for path in sorted(folder.glob("*")):
        if path.stem not in names:
            remove(path)
