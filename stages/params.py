"""The schema of params.yaml: read and checked here, once, for all stages."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from pipeline.aligner import check_repository
from pipeline.corpora import LANGUAGES, check_name
from pipeline.errors import PipelineError

PARAMS = Path("params.yaml")
# In an address: user and password, or all from the query string on.
SECRETS = re.compile(r"//[^/@\s]*@|\?[^\s'\"]*")


def _known_language(code: str) -> str:
    if code not in LANGUAGES:
        raise ValueError(f"must be one of {', '.join(LANGUAGES)}")
    return code


def _known_corpus(name: str) -> str:
    try:
        check_name(name)
    except PipelineError as error:
        raise ValueError(f"must be a corpus ({error})") from error
    return name


def _safe_repository(address: str) -> str:
    try:
        check_repository(address)
    except PipelineError as error:
        raise ValueError(f"must be a git repository ({error})") from error
    return address


def _full_commit(commit: str) -> str:
    if not re.fullmatch("[0-9a-f]{40}", commit):
        raise ValueError("must be a commit, 40 hex digits")
    return commit


def _listed(value: Any) -> Any:
    entries = value if isinstance(value, list) else [value]
    return [{"name": entry} if isinstance(entry, str) else entry for entry in entries]


def _balanced(size: int) -> int:
    if size % 3:
        raise ValueError("must be a multiple of 3, the number of labels")
    return size


Positive = Annotated[int, Field(gt=0)]
Natural = Annotated[int, Field(ge=0)]
Balanced = Annotated[Positive, AfterValidator(_balanced)]
Rate = Annotated[float, Field(gt=0, lt=1)]
Share = Annotated[float, Field(ge=0, lt=1)]
Weight = Annotated[float, Field(ge=0)]


class Block(BaseModel):
    """A mapping whose keys are all known and all given, without conversion between types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Corpus(Block):
    """One of a language's corpora: a name alone, or with a bound on its pairs."""

    name: Annotated[str, AfterValidator(_known_corpus)]
    max_pairs: Positive | None = None
    share: Annotated[float, Field(gt=0, le=1)] | None = None


class Language(Block):
    """One target language."""

    corpus: Annotated[list[Corpus], BeforeValidator(_listed), Field(min_length=1)]


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

    repository: Annotated[str, AfterValidator(_safe_repository)]
    commit: Annotated[str, AfterValidator(_full_commit)]


class WordAlign(Block):
    """fast_align."""

    provider: Literal["wheel", "source"]
    iterations: Positive


class Pairs(Block):
    """Splits and bounds of the word pairs."""

    test: Positive
    dev: Positive
    train: Positive
    max_words: Positive
    max_subwords: Positive


class Align(Block):
    """Fine-tuning for alignment."""

    sentences: Positive
    batch_tokens: Positive
    epochs: Positive
    learning_rate: Rate
    warmup: Share
    regularizer: Weight
    target: Literal["frozen", "live"]
    special_tokens: bool
    dropout: bool
    seed: Natural


class Retrieval(Block):
    """CSLS."""

    neighbours: Positive


class Nli(Block):
    """Sizes of the sample."""

    train: Balanced
    dev: Balanced
    test: Balanced
    seed: Natural


class Xnli(Block):
    """Fine-tuning for inference."""

    seeds: Annotated[list[Natural], Field(min_length=1)]
    epochs: Positive
    batch: Positive
    learning_rate: Rate
    warmup: Share
    max_subwords: Positive


class Params(Block):
    """All of params.yaml, one field a block."""

    languages: Annotated[
        dict[Annotated[str, AfterValidator(_known_language)], Language], Field(min_length=1)
    ]
    methods: Annotated[list[Literal["base", "l2"]], Field(min_length=1)]
    encoder: Encoder
    download: Download
    tokenize: Tokenize
    aligner: Aligner
    word_align: WordAlign
    pairs: Pairs
    align: Align
    retrieval: Retrieval
    nli: Nli
    xnli: Xnli

    def language(self, code: str) -> Language:
        """The block of one language; raises PipelineError if params.yaml has none."""
        if code not in self.languages:
            raise PipelineError(f"{code}: is not under languages in params.yaml: add it there")
        return self.languages[code]


def load_params(path: Path = PARAMS) -> Params:
    """The params of the current folder; raises PipelineError naming key, value and remedy."""
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise PipelineError(f"{path}: cannot be read ({reason})") from error
    try:
        return Params.model_validate(content)
    except ValidationError as error:
        faults = "; ".join(_fault(each) for each in error.errors())
        raise PipelineError(f"{path}: {faults}") from error


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
