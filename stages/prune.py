"""prune: forget the results of languages, methods and seeds that params.yaml no longer names."""

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
    languages, methods = set(params.languages), set[str](params.methods)
    for step in ("download", "tokenize", "word_align", "pairs"):
        _keep(ARTIFACTS / step, languages)
    for step, names in (
        ("align", set()),
        ("retrieval", languages),
        ("xnli", {str(seed) for seed in params.xnli.seeds}),
    ):
        _keep(ARTIFACTS / step, methods)
        for method in params.methods if names else []:
            _keep(ARTIFACTS / step / method, names)


def _keep(folder: Path, names: set[str]) -> None:
    for path in sorted(folder.glob("*")):
        if path.stem not in names:
            remove(path)
