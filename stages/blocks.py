"""Larger blocks of params.yaml."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from pipeline.common.constraints import Limits, Passes, Seed
from pipeline.corpora.names import CorpusShare
from pipeline.nli.sources import Files, check_address, hub, official
from stages.values import Balanced, Block, Settings, full_commit, listed


class GoldSet(Block):
    """Gold word alignments: one file of three columns, or three files."""

    links: str
    source: str | None = None
    english: str | None = None
    english_first: bool = False
    one_based: bool = False

    @property
    def name(self) -> str:
        """The name for reporting its error rates."""
        return Path(self.links).stem

    @property
    def paths(self) -> list[Path]:
        """Its file, or its three files."""
        return [Path(path) for path in (self.links, self.source, self.english) if path is not None]

    @model_validator(mode="after")
    def _one_or_three(self) -> "GoldSet":
        if (self.source is None) != (self.english is None):
            raise ValueError("must have both source and english, or neither")
        return self


def _named(sets: list[GoldSet]) -> list[GoldSet]:
    if len({gold.name for gold in sets}) < len(sets):
        raise ValueError("must be files of different names")
    return sets


def _once(corpora: list[CorpusShare]) -> list[CorpusShare]:
    names = [corpus.name for corpus in corpora]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"must not have {name} twice: delete one")
    return corpora


class LanguageBlock(Block):
    """One target language; without `align` no method is trained on it."""

    corpus: Annotated[
        list[Settings[CorpusShare]], Limits(min_length=1), listed("name"), AfterValidator(_once)
    ]
    gold: Annotated[list[GoldSet], listed("links"), AfterValidator(_named)] = Field([])
    align: bool = True


NliAddress = Annotated[str, Passes(check_address, "an address")]


class NliArchives(Block):
    """Addresses of XNLI-1.0.zip, multinli_1.0.zip and XNLI-MT-1.0.zip."""

    test: NliAddress
    train: NliAddress
    translated: NliAddress | None


def _dataset(name: str) -> str:
    if not re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", name):
        raise ValueError("must be ORG/NAME")
    return name


class NliHub(Block):
    """A dataset of the Hugging Face Hub with the layout of facebook/xnli."""

    dataset: Annotated[str, AfterValidator(_dataset)]
    revision: Annotated[str, AfterValidator(full_commit)]
    translated: bool


class NliFiles(Block):
    """Addresses of your own splits."""

    train: NliAddress | None
    dev: NliAddress | None
    test: NliAddress | None
    translated: NliAddress | None


class NliBlock(Block):
    """The source of the inference examples, and their number."""

    source: Literal["sample", "xnli", "hub", "files"]
    train: Balanced
    dev: Balanced
    test: Balanced
    seed: Seed
    xnli: NliArchives
    hub: NliHub
    files: NliFiles

    @property
    def sizes(self) -> dict[str, int]:
        """Maximum number of examples per language, by split."""
        return {"train": self.train, "dev": self.dev, "test": self.test}

    @property
    def located(self) -> Files | None:
        """The files of a source that is not the sample; None for the sample."""
        if self.source == "xnli":
            return official(self.xnli.test, self.xnli.train, self.xnli.translated)
        if self.source == "hub":
            return hub(self.hub.dataset, self.hub.revision, translated=self.hub.translated)
        files = self.files
        if self.source == "files" and files.train and files.dev and files.test:
            return Files(files.train, files.dev, files.test, files.translated)
        return None

    @model_validator(mode="after")
    def _own_files_are_named(self) -> "NliBlock":
        if self.source == "files" and self.located is None:
            raise ValueError("must have files.train, files.dev and files.test with source: files")
        return self


class ReleaseBlock(Block):
    """The encoder to publish."""

    method: str
    licence: str | None
