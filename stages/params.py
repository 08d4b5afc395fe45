"""The schema of params.yaml: read and checked here, once, for all stages."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from pipeline.align.objectives import OBJECTIVES
from pipeline.align.settings import AlignmentSettings
from pipeline.common.constraints import (
    Distinct,
    Limits,
    Natural,
    Passes,
    Positive,
    PositiveFloat,
    Seed,
)
from pipeline.common.errors import PipelineError
from pipeline.common.languages import check_language
from pipeline.encoder.settings import Tracker
from pipeline.judge.settings import JudgeSettings
from pipeline.pairs.settings import PairSettings
from pipeline.tokenize.cleaning import Cleaning
from pipeline.word_align.fast_align_build import check_repository
from pipeline.word_align.settings import WordAlignSettings
from pipeline.xnli.settings import FineTuningSettings
from stages.blocks import LanguageBlock, NliBlock, ReleaseBlock
from stages.combinations import wrong_together
from stages.methods import DEFAULTS, over_defaults
from stages.values import (
    Block,
    Layers,
    MethodName,
    Settings,
    blank_values,
    full_commit,
    versioned,
)
from stages.yaml_reader import load_yaml, read_text

PARAMS = Path("params.yaml")
# In an address: user and password, or the query string and all that follows.
SECRETS = re.compile(r"//[^/@\s]*@|\?[^\s'\"]*")
# The beginnings of pydantic's messages, and of those that it passes on from our own checks.
MUST = re.compile(r"^(Value error, must|\w+ should) ")


class EncoderBlock(Block):
    """The encoder to start from."""

    name: str
    revision: str | None


class DownloadBlock(Block):
    """Size of the corpora."""

    max_pairs: Positive
    sample: Literal["head", "reservoir"]
    seed: Seed


class AlignerBlock(Block):
    """Source of fast_align."""

    repository: Annotated[str, Passes(check_repository, "a git repository")]
    commit: Annotated[str, AfterValidator(full_commit)]


class RetrievalBlock(Block):
    """Retrieval with CSLS, and what it measures."""

    neighbours: Positive
    layers: Layers
    special_tokens: bool
    type_sentences: Natural


class AnalysesBlock(Block):
    """The bootstrap over sentences, and the tagger of parts of speech."""

    resamples: Annotated[int, Limits(ge=40)]  # with fewer no p-value is below 0.05
    seed: Seed
    tagger: Annotated[str, AfterValidator(versioned)] | None

    @property
    def bootstrap(self) -> dict[str, int]:
        """Number of samples and seed, the same for all intervals."""
        return {"resamples": self.resamples, "seed": self.seed}


class ReportBlock(Block):
    """What the report says first."""

    pairs: Literal["agreed", "all"]


class XnliBlock(Block):
    """The fine-tuning runs, and their settings."""

    seeds: Annotated[list[Seed], Limits(min_length=1), Distinct()]
    translate_train: Annotated[list[str], Distinct()]
    continual: Annotated[list[str], Distinct()]
    alignment_weight: PositiveFloat
    tuning: Settings[FineTuningSettings]


class Params(Block):
    """All of params.yaml, one field per block."""

    languages: Annotated[
        dict[Annotated[str, Passes(check_language, "a code")], LanguageBlock], Limits(min_length=1)
    ]
    encoder: EncoderBlock
    download: DownloadBlock
    tokenize: Settings[Cleaning]
    aligner: AlignerBlock
    word_align: Settings[WordAlignSettings]
    judge: Settings[JudgeSettings]
    pairs: Settings[PairSettings]
    align: Annotated[dict[MethodName, Settings[AlignmentSettings]], BeforeValidator(over_defaults)]
    methods: Annotated[list[str], Limits(min_length=1), Distinct()]
    retrieval: RetrievalBlock
    analyses: AnalysesBlock
    nli: NliBlock
    xnli: XnliBlock
    report: ReportBlock
    release: ReleaseBlock
    trackers: Annotated[list[Tracker], Distinct()]

    @field_validator("methods")
    @classmethod
    def _blocks(cls, methods: list[str], info: ValidationInfo) -> list[str]:
        known = [name for name in info.data.get("align", methods) if name != DEFAULTS]
        if not set(methods) <= set(known):
            raise ValueError(f"must name blocks of align: {', '.join(known)}")
        return methods

    @field_validator("xnli")
    @classmethod
    def _runs(cls, xnli: XnliBlock, info: ValidationInfo) -> XnliBlock:
        known = info.data.get("languages", xnli.translate_train)
        if not set(xnli.translate_train) <= set(known):
            raise ValueError(f"must have translate_train of languages: {', '.join(known)}")
        align = info.data.get("align", {})
        methods = info.data.get("methods", [])
        trained = [
            name for name in methods if name in align and OBJECTIVES[align[name].objective].trains
        ]
        if methods and align and not set(xnli.continual) <= set(trained):
            raise ValueError(f"must have continual of methods that train: {', '.join(trained)}")
        return xnli

    @field_validator("release")
    @classmethod
    def _released(cls, release: ReleaseBlock, info: ValidationInfo) -> ReleaseBlock:
        known = info.data.get("methods", [release.method])
        if release.method not in known:
            raise ValueError(f"must have as method one of methods: {', '.join(known)}")
        return release

    @property
    def aligned(self) -> list[str]:
        """The languages that methods are trained on: all but those with `align: false`."""
        return [code for code, block in self.languages.items() if block.align]

    def method(self, name: str) -> AlignmentSettings:
        """The settings of a method; raises PipelineError if it is not under methods."""
        if name not in self.methods:
            raise PipelineError(f"{name}: is not under methods in params.yaml: add it there")
        return self.align[name]

    def language(self, code: str) -> LanguageBlock:
        """The block of a language; raises PipelineError if params.yaml has none."""
        if code not in self.languages:
            raise PipelineError(f"{code}: is not under languages in params.yaml: add it there")
        return self.languages[code]


def load_params(path: Path = PARAMS) -> Params:
    """The params of a file; raises PipelineError that names key, value and remedy."""
    return parse_params(read_text(path), str(path))


def parse_params(text: str, path: str) -> Params:
    """The params of a YAML text; raises PipelineError that names the text by `path`."""
    content = load_yaml(text, path)
    try:
        params = Params.model_validate(content)
    except ValidationError as error:
        # A fault in align.defaults is repeated for each method; only the first one is reported.
        faults: dict[Any, str] = {}
        for details in error.errors():
            faults.setdefault((details["loc"][-1:], details["msg"]), _fault(details))
        line = f"{path}: {'; '.join(faults.values())}"
        printable = (char if char.isprintable() else " " for char in line)  # a name with a newline
        raise PipelineError("".join(printable)) from error
    if blank := blank_values(content):
        remedy = "give a value, or null where there is none"
        raise PipelineError(f"{path}: {', '.join(blank)} must not be blank: {remedy}")
    if wrong := wrong_together(params):
        raise PipelineError(f"{path}: {'; '.join(wrong)}")
    return params


def _fault(error: Any) -> str:
    key = ".".join(str(part) for part in error["loc"] if part != "[key]") or "the file"
    if error["type"] == "missing":
        return f"{key} is missing"
    if error["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"{key} is not a known key"
    if error["type"] in ("dataclass_type", "model_type"):
        rule = "must be a valid dictionary"
    else:
        rule = MUST.sub("must ", error["msg"]).rstrip(".").removesuffix(" after validation, not 0")
    # A corpus may have been given with credentials, which must not reach a terminal or a log.
    value = SECRETS.sub("…", repr(error["input"]))
    return f"{key} is {value}, it {rule}"
