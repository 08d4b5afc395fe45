"""The files of users that params name: corpora, inference data and an encoder's folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..common.errors import PipelineError
from ..corpora.catalogue import CATALOGUE
from ..corpora.names import corpus_candidates
from ..nli.sources import ENGLISH_LANGUAGE, parse_layout
from ..obtain.names import named_folder


@dataclass(frozen=True)
class NamedFile:
    """A file or folder that a param names.

    `key` is the param, for errors; `otherwise` says there what else it could mean. An `optional`
    file may be absent.
    """

    key: str
    path: Path
    optional: bool = False
    otherwise: str = ""


def corpus_files(key: str, corpus: str, language: str) -> list[NamedFile]:
    """The file or two files of a corpus; none unless its address is a `file:`."""
    if corpus in CATALOGUE:
        return []
    candidates = corpus_candidates(corpus, language)
    return [NamedFile(key, path) for file in candidates for path in file.local_files]


def encoder_files(name: str, revision: str | None, folder: Path) -> list[NamedFile]:
    """The folder of an encoder; none if it comes from a package or the Hugging Face Hub.

    Raises PipelineError for a revision of a folder below `folder`, which would make it a name of
    the hub.
    """
    path = named_folder(name, revision)
    if path is not None:
        otherwise = ", or give the commit of a Hugging Face name as encoder.revision"
        return [NamedFile("encoder.name", path, otherwise=otherwise)]
    if folder in Path(name).parents:
        raise PipelineError(f"encoder.revision: {name} is your own folder: set it to null")
    return []


def inference_files(key: str, template: str, languages: Sequence[str]) -> list[NamedFile]:
    """The files of a split in English and all languages; none unless its address is a `file:`.

    A language may lack a file of its own, as in `nli.reading`.
    """
    files = {}
    for language in (ENGLISH_LANGUAGE, *languages):
        address, layout = parse_layout(template, language)
        if address.kind == "file":
            optional = "{language}" in template and layout.member is None
            files[address.place] = NamedFile(key, Path(address.place), optional)
    return list(files.values())


def tagger_files(tagger: str) -> list[NamedFile]:
    """The folder of a spaCy pipeline NAME==VERSION; none if it is an installed one."""
    path = Path(tagger.partition("==")[0])
    if len(path.parts) == 1 and not path.exists():
        return []
    return [NamedFile("analyses.tagger", path, otherwise=", or install it")]
