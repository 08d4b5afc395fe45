"""Own files that change between the step own and the steps that read them."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pipeline.common.errors import PipelineError
from pipeline.own.fingerprints import fingerprints
from stages import ARTIFACTS
from stages.own import OWN, gold_sets, named_files
from stages.params import Params, load_params

# The name of the fingerprints, with the language: a step's last argument, or each language in turn.
READERS = {
    "encoder": "encoder",
    "download": "corpus/{}",
    "word_align": "gold/{}",
    "judge": "gold/{}",
    "retrieval": "gold/{}",
    "analyses": "tagger",
    "nli": "nli",
}

JOINT = ("retrieval",)  # steps that read the files of all languages


@contextmanager
def own_files_unchanged(step: str, names: Sequence[str]) -> Iterator[None]:
    """Check before and after a step that the files it reads are those in artifacts/own.

    Otherwise DVC would record the outputs of one file under the hash of another. Raises
    PipelineError that names the file and the remedy. Without artifacts/own nothing is checked.
    """
    _check(step, names)
    yield
    _check(step, names)


def _check(step: str, names: Sequence[str]) -> None:
    if step not in READERS or not (ARTIFACTS / "own").is_dir():
        return
    params = load_params()
    languages = list(params.languages) if step in JOINT else names[-1:]
    for reader in dict.fromkeys(READERS[step].format(code) for code in languages or [""]):
        _check_reader(step, reader, params)


def _check_reader(step: str, reader: str, params: Params) -> None:
    path = ARTIFACTS / "own" / f"{reader}.json"
    if not path.is_file():
        return
    _check_gold_sets(step, reader, params)
    known = json.loads(path.read_text("utf-8"))
    now = fingerprints(named_files(params).get(reader, []), OWN)
    changed = [name for name in sorted({*known, *now}) if known.get(name) != now.get(name)]
    if changed:
        raise _changed(step, changed[0])


def _check_gold_sets(step: str, reader: str, params: Params) -> None:
    _, is_gold, language = reader.rpartition("gold/")
    if is_gold:
        known = json.loads((ARTIFACTS / "own/gold_sets" / f"{language}.json").read_text("utf-8"))
        if known != gold_sets(params, language):
            raise _changed(step, f"languages.{language}.gold")


def _changed(step: str, what: str) -> PipelineError:
    return PipelineError(
        f"{step}: {what} has changed since the step own read it: run `dvc repro` again"
    )
