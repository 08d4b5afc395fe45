"""What the figures of a run depend on, and in what the paper's setting differs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import paper_numbers as paper
from .inference_data import MULTINLI_TRAIN, XNLI_TEST, InferenceData
from .language_groups import ENGLISH_CODE


@dataclass(frozen=True)
class RunSetting:
    """A run as far as the paper says what it did.

    `corpora` are the names by aligned language, and `pairs` the training sentence pairs that each
    of these has. `blocks` are the blocks of params that paper_numbers.SETTINGS names. `methods` are
    the settings of each method, none for the unmodified encoder; the others are compared with the
    first one. `epochs` are those of fine-tuning on `data`.
    """

    encoder: str
    corpora: Mapping[str, Sequence[str]]
    pairs: Mapping[str, int]
    blocks: Mapping[str, Any]
    methods: Mapping[str, Mapping[str, Any]]
    data: InferenceData
    epochs: int

    @property
    def before_and_after(self) -> bool:
        """Whether methods are compared with the unmodified encoder, as in the paper."""
        first, *others = self.methods.values()
        return not first and bool(others)

    @property
    def retrieval_languages(self) -> list[str]:
        """The aligned languages in which retrieval is measured on the paper's text."""
        if not self.before_and_after:
            return []
        return [code for code in paper.LANGUAGES if self._text(code) == {paper.CORPUS}]

    @property
    def inference_languages(self) -> list[str]:
        """English and the aligned languages in which inference is tested on XNLI."""
        if not self.before_and_after or not self.data.is_xnli:
            return []
        aligned = [code for code in paper.LANGUAGES if code in self.corpora]
        return [ENGLISH_CODE, *aligned] if aligned else []

    def differences(self) -> list[str]:
        """What is not as in the paper, one clause each; fine-tuning only if it is compared."""
        clauses = []
        if self.encoder not in paper.ENCODERS:
            clauses.append(f"the encoder is {self.encoder}")
        if set(self.corpora) != set(paper.LANGUAGES):
            clauses.append(f"the aligned languages are {', '.join(self.corpora)}")
        clauses += [*self._other_text(), *self._other_alignment()]
        clauses += self._other_settings()
        return clauses + (self._other_inference() if self.inference_languages else [])

    def _text(self, language: str) -> set[str]:
        return set(self.corpora.get(language, ()))

    def _other_text(self) -> list[str]:
        by_text: dict[str, list[str]] = {}
        for language, names in self.corpora.items():
            if self._text(language) != {paper.CORPUS}:
                by_text.setdefault(" and ".join(names), []).append(language)
        return [f"the text of {', '.join(codes)} is {text}" for text, codes in by_text.items()]

    def _other_alignment(self) -> list[str]:
        by_size: dict[str, list[str]] = {}
        clauses = []
        for method, settings in self.methods.items():
            if settings:
                sizes = sorted({min(settings["sentences"], pairs) for pairs in self.pairs.values()})
                if sizes != [paper.FULL_SIZE]:
                    by_size.setdefault(_range(sizes), []).append(method)
                clauses += _other_method(method, settings)
        return [
            f"{', '.join(methods)} had {size} sentence pairs per language"
            for size, methods in by_size.items()
        ] + clauses

    def _other_settings(self) -> list[str]:
        clauses = []
        for name, theirs in paper.SETTINGS.items():
            block, key = name.split(".")
            value = getattr(self.blocks[block], key)
            if value != theirs:
                clauses.append(f"{name} is {_yaml(value)}, not {_yaml(theirs)}")
        return clauses

    def _other_inference(self) -> list[str]:
        data = self.data
        clauses = []
        if data.test_size < XNLI_TEST:
            clauses.append(f"{data.test_size:,} of XNLI's {XNLI_TEST:,} test examples were used")
        if not data.is_multinli:
            clauses.append("fine-tuning is on examples that are not known to be MultiNLI's")
        elif data.train_size < MULTINLI_TRAIN:
            of_all = f"{data.train_size:,} of MultiNLI's {MULTINLI_TRAIN:,} examples"
            clauses.append(f"fine-tuning is on {of_all}")
        if self.epochs != paper.TUNING_EPOCHS:
            clauses.append(f"xnli.tuning.epochs is {self.epochs}, not {paper.TUNING_EPOCHS}")
        return clauses


def _other_method(name: str, settings: Mapping[str, Any]) -> list[str]:
    if settings["objective"] != paper.OBJECTIVE:
        return [f"the objective of {name} is {settings['objective']}"]
    return [
        f"align.{name}.{key} is {settings[key]}, not {theirs}"
        for key, theirs in paper.METHOD_SETTINGS.items()
        if settings[key] != theirs
    ]


def _yaml(value: object) -> str:
    """A value as params.yaml writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _range(numbers: Sequence[int]) -> str:
    low, high = (f"{number:,}" for number in (numbers[0], numbers[-1]))
    return f"up to {high}" if low == high else f"{low} to {high}"
