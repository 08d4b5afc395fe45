"""own: fingerprints of your own files, by the step that reads them.

DVC depends on paths in dvc.yaml, not on those in params.yaml. So this step depends on the folder
own/ and writes one file per reader, which changes only if a file that it reads does.
"""

from pathlib import Path
from typing import Any

from pipeline.common.files import atomic, write_json
from pipeline.own.fingerprints import fingerprints
from pipeline.own.named_files import (
    NamedFile,
    corpus_files,
    encoder_files,
    inference_files,
    tagger_files,
)
from stages import ARTIFACTS
from stages.dvc_ignore import check_seen
from stages.params import Params, load_params

OWN = Path("own")
GOLD = Path("data/gold")  # a dependency of the steps that read gold sets


def main() -> None:
    """Write sizes and hashes of the files in own/ that params name: one JSON file per reader.

    The gold sets of each language are written too, so that the steps that read them depend on no
    other param of the language.
    """
    params = load_params()
    with atomic(ARTIFACTS / "own") as folder:
        for reader, files in named_files(params).items():
            content = fingerprints(files, OWN)
            check_seen(content)
            write_json(folder / f"{reader}.json", content)
        for language in params.languages:
            write_json(folder / "gold_sets" / f"{language}.json", gold_sets(params, language))


def gold_sets(params: Params, language: str) -> dict[str, Any]:
    """The settings of a language's gold sets, by name."""
    return {gold.name: gold.model_dump() for gold in params.language(language).gold}


def named_files(params: Params) -> dict[str, list[NamedFile]]:
    """The files of users, by the name of their fingerprints: what reads them, and the language."""
    encoder, nli, tagger = params.encoder, params.nli, params.analyses.tagger
    files = {
        "encoder": encoder_files(encoder.name, encoder.revision, OWN),
        "tagger": tagger_files(tagger) if tagger else [],
        "nli": [],
    }
    splits = {"xnli": nli.xnli, "files": nli.files}.get(nli.source)
    for split, address in splits or ():
        if address is not None:
            key = f"nli.{nli.source}.{split}"
            files["nli"] += inference_files(key, address, list(params.languages))
    for language, block in params.languages.items():
        corpus, gold = f"corpus/{language}", f"gold/{language}"
        files[corpus] = []
        for share in block.corpus:
            files[corpus] += corpus_files(f"languages.{language}.corpus", share.name, language)
        paths = [path for gold_set in block.gold for path in gold_set.paths]
        others = [path for path in paths if GOLD not in path.parents or ".." in path.parts]
        files[gold] = [NamedFile(f"languages.{language}.gold", path) for path in others]
    return files
