"""Blocks of params.yaml that are more than a few values."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from pipeline.corpora.names import check_name
from pipeline.nli.sources import Files, check_address, hub, official
from stages.values import Balanced, Block, Natural, Positive, full_commit, listed, passes


class Corpus(Block):
    """One of a language's corpora: a name alone, or with a bound on its pairs."""

    name: Annotated[str, passes(check_name, "a corpus")]
    max_pairs: Positive | None = None
    share: Annotated[float, Field(gt=0, le=1)] | None = None


class GoldSet(Block):
    """Gold word alignments: a file of three columns, or three files."""

    links: str
    source: str | None = None
    english: str | None = None
    english_first: bool = False

    @property
    def name(self) -> str:
        """What its error rates are reported under."""
        return Path(self.links).stem

    @model_validator(mode="after")
    def _one_or_three(self) -> "GoldSet":
        if (self.source is None) != (self.english is None):
            raise ValueError("must have both source and english, or neither")
        return self


def _named(sets: list[GoldSet]) -> list[GoldSet]:
    if len({each.name for each in sets}) < len(sets):
        raise ValueError("must be files of different names")
    return sets


class Language(Block):
    """One target language."""

    corpus: Annotated[list[Corpus], listed("name"), Field(min_length=1)]
    gold: Annotated[list[GoldSet], listed("links"), AfterValidator(_named)] = Field([])


NliAddress = Annotated[str, passes(check_address, "an address")]


class NliArchives(Block):
    """Addresses of XNLI-1.0.zip, multinli_1.0.zip and XNLI-MT-1.0.zip."""

    test: NliAddress
    train: NliAddress
    translated: NliAddress | None


def _dataset(name: str) -> str:
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise ValueError("must be ORG/NAME")
    return name


class NliHub(Block):
    """A dataset of the Hugging Face Hub laid out as facebook/xnli."""

    dataset: Annotated[str, AfterValidator(_dataset)]
    revision: Annotated[str, AfterValidator(full_commit)]
    translated: bool


class NliFiles(Block):
    """Addresses of a team's own splits."""

    train: NliAddress | None
    dev: NliAddress | None
    test: NliAddress | None
    translated: NliAddress | None


class Nli(Block):
    """Where the inference examples come from, and how many to take."""

    source: Literal["sample", "xnli", "hub", "files"]
    train: Balanced
    dev: Balanced
    test: Balanced
    seed: Natural
    xnli: NliArchives
    hub: NliHub
    files: NliFiles

    @property
    def sizes(self) -> dict[str, int]:
        """Examples a language at most, by split."""
        return {"train": self.train, "dev": self.dev, "test": self.test}

    @property
    def located(self) -> Files | None:
        """The splits of a source that is elsewhere; None for the sample."""
        if self.source == "xnli":
            return official(self.xnli.test, self.xnli.train, self.xnli.translated)
        if self.source == "hub":
            return hub(self.hub.dataset, self.hub.revision, translated=self.hub.translated)
        own = self.files
        if self.source == "files" and own.train and own.dev and own.test:
            return Files(own.train, own.dev, own.test, own.translated)
        return None

    @model_validator(mode="after")
    def _own_files_are_named(self) -> "Nli":
        if self.source == "files" and self.located is None:
            raise ValueError("must have files.train, files.dev and files.test with source: files")
        return self


class Release(Block):
    """What is given away."""

    method: str
    licence: str | None
