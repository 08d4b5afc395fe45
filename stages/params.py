"""The schema of params.yaml: read and checked here, once, for all stages."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from pipeline.common.errors import PipelineError
from pipeline.word_align.fast_align_build import check_repository
from stages.blocks import Language, Nli, Release
from stages.methods import DEFAULTS, Align, over_defaults
from stages.values import (
    Block,
    Layers,
    Natural,
    Positive,
    Rate,
    Share,
    full_commit,
    known_language,
    passes,
    versioned,
)

PARAMS = Path("params.yaml")
# In an address: user and password, or all from the query string on.
SECRETS = re.compile(r"//[^/@\s]*@|\?[^\s'\"]*")


class Encoder(Block):
    """Which encoder."""

    name: str
    revision: str | None


class Download(Block):
    """Corpus size."""

    max_pairs: Positive
    sample: Literal["head", "reservoir"]
    seed: Natural


class Tokenize(Block):
    """Bounds of the cleaning."""

    min_characters: Natural
    max_characters: Positive
    min_words: Positive


class Aligner(Block):
    """Source of fast_align."""

    repository: Annotated[str, passes(check_repository, "a git repository")]
    commit: Annotated[str, AfterValidator(full_commit)]


class WordAlign(Block):
    """Aligner and symmetrisation."""

    backend: Literal["fast_align", "eflomal"]
    provider: Literal["wheel", "source"]
    heuristic: Literal["intersection", "union", "grow-diag", "grow-diag-final-and"]
    iterations: Positive
    seed: Natural


class Pairs(Block):
    """Splits and bounds of the word pairs."""

    test: Positive
    dev: Positive
    train: Positive
    max_words: Annotated[int, Field(gt=0, le=1024)]
    max_subwords: Annotated[int, Field(gt=0, le=32767)]
    pooling: Literal["last", "first", "mean"]
    one_to_one: bool
    identical: bool
    punctuation: bool
    numbers: bool


class Retrieval(Block):
    """CSLS, and what is measured."""

    neighbours: Positive
    layers: Layers
    special_tokens: bool
    type_sentences: Natural


class Analyses(Block):
    """Bootstrap over sentences, and what tags parts of speech."""

    resamples: Positive
    seed: Natural
    tagger: Annotated[str, AfterValidator(versioned)] | None

    @property
    def bootstrap(self) -> dict[str, int]:
        """What all intervals are drawn by."""
        return {"resamples": self.resamples, "seed": self.seed}


class Tuning(Block):
    """Fine-tuning for inference."""

    epochs: Positive
    batch: Positive
    learning_rate: Rate
    warmup: Share
    precision: Literal["auto", "float32", "bfloat16"]
    max_subwords: Positive


class Xnli(Block):
    """Which fine-tunings there are, and how they run."""

    seeds: Annotated[list[Natural], Field(min_length=1)]
    translate_train: list[str]
    continual: list[str]
    alignment_weight: Annotated[float, Field(gt=0)]
    tuning: Tuning


class Params(Block):
    """All of params.yaml, one field a block."""

    languages: Annotated[
        dict[Annotated[str, AfterValidator(known_language)], Language], Field(min_length=1)
    ]
    encoder: Encoder
    download: Download
    tokenize: Tokenize
    aligner: Aligner
    word_align: WordAlign
    pairs: Pairs
    align: Annotated[dict[str, Align], BeforeValidator(over_defaults)]
    methods: Annotated[list[str], Field(min_length=1)]
    retrieval: Retrieval
    analyses: Analyses
    nli: Nli
    xnli: Xnli
    release: Release

    @field_validator("methods")
    @classmethod
    def _blocks(cls, methods: list[str], info: ValidationInfo) -> list[str]:
        known = [name for name in info.data.get("align", methods) if name != DEFAULTS]
        if not set(methods) <= set(known):
            raise ValueError(f"must name blocks of align: {', '.join(known)}")
        if taken := {"translate_train", "continual"} & set(methods):  # folders beside theirs
            raise ValueError(f"must not name {taken.pop()}, which is a step: give another name")
        return methods

    @field_validator("xnli")
    @classmethod
    def _translated(cls, xnli: Xnli, info: ValidationInfo) -> Xnli:
        known = info.data.get("languages", xnli.translate_train)
        if not set(xnli.translate_train) <= set(known):
            raise ValueError(f"must have translate_train of languages: {', '.join(known)}")
        align = info.data.get("align", {})
        methods = info.data.get("methods", [])
        able = [name for name in methods if name in align and align[name].trains]
        if methods and not set(xnli.continual) <= set(able):
            raise ValueError(f"must have continual of methods that train: {', '.join(able)}")
        return xnli

    @field_validator("release")
    @classmethod
    def _released(cls, release: Release, info: ValidationInfo) -> Release:
        known = info.data.get("methods", [release.method])
        if release.method not in known:
            raise ValueError(f"must have as method one of methods: {', '.join(known)}")
        return release

    def method(self, name: str) -> Align:
        """What a method of alignment does; raises PipelineError if params.yaml has none of it."""
        if name not in self.methods:
            raise PipelineError(f"{name}: is not under methods in params.yaml: add it there")
        return self.align[name]

    def language(self, code: str) -> Language:
        """The block of one language; raises PipelineError if params.yaml has none."""
        if code not in self.languages:
            raise PipelineError(f"{code}: is not under languages in params.yaml: add it there")
        return self.languages[code]


def load_params(path: Path = PARAMS) -> Params:
    """The params of the current folder; raises PipelineError naming key, value and remedy."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise PipelineError(f"{path}: cannot be read ({error})") from error
    return parse_params(text, str(path))


def parse_params(text: str, path: str) -> Params:
    """The params of a text in YAML; raises PipelineError as the file `path` is to blame."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise PipelineError(f"{path}: cannot be read ({reason})") from error
    try:
        return Params.model_validate(content)
    except ValidationError as error:
        # A fault in align's defaults would come again with each method.
        faults = {(each["loc"][-1:], each["msg"]): _fault(each) for each in error.errors()[::-1]}
        raise PipelineError(f"{path}: {'; '.join(reversed(faults.values()))}") from error


def _fault(error: Any) -> str:
    key = ".".join(str(part) for part in error["loc"] if part != "[key]") or "the file"
    if error["type"] == "missing":
        return f"{key} is missing"
    if error["type"] == "extra_forbidden":
        return f"{key} is not a known key"
    rule = error["msg"].removeprefix("Value error, ").removeprefix("Input should ").rstrip(".")
    rule = rule if rule.startswith("must") else f"must {rule}"
    # A corpus may have been given with credentials: they must not reach a terminal or a log.
    value = SECRETS.sub("…", repr(error["input"]))
    return f"{key} is {value}, it {rule}"
