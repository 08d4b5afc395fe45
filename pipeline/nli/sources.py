"""Locations and layouts of natural-language-inference data sets."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..fetch.addresses import Address, parse_address

ENGLISH_LANGUAGE = "en"
XNLI = frozenset(
    ("ar", "bg", "de", "el", "en", "es", "fr", "hi", "ru", "sw", "th", "tr", "ur", "vi", "zh")
)
OPTIONS = ("premise", "hypothesis", "label", "language", "id", "header", "member")


FAULTY = 0.001  # of the rows of an official archive, which users cannot correct


@dataclass(frozen=True)
class Layout:
    """Names of the columns that are read; `language` and `id` are optional.

    `header` lists all columns of a .tsv or .csv that has no header line. `member` is the end of the
    path of a file inside a .zip. In params, the fields follow the address of the file:

        file:pairs.tsv#premise=sentence1&hypothesis=sentence2&label=gold_label
    """

    premise: str = "premise"
    hypothesis: str = "hypothesis"
    label: str = "label"
    language: str | None = None
    id: str | None = None
    header: tuple[str, ...] | None = None
    member: str | None = None

    @property
    def columns(self) -> list[str]:
        """The columns that the file must have."""
        names = (self.id, self.language, self.premise, self.hypothesis, self.label)
        return [name for name in names if name is not None]


@dataclass(frozen=True)
class Files:
    """Addresses of the splits, see `fetch.addresses`, with the fields of `Layout` as options.

    `{language}` is replaced by a language code. An address without it is English only, unless the
    option `language` names a column of codes. `translated` is training data in the other languages.
    `covered` lists the available languages when the addresses do not show them. `faulty` is the
    share of the rows of a file that may be skipped for a fault.
    """

    train: str
    dev: str
    test: str
    translated: str | None = None
    covered: frozenset[str] | None = None
    faulty: float = 0.0


def official(xnli: str, multinli: str, translated: str | None) -> Files:
    """XNLI-1.0.zip, multinli_1.0.zip and perhaps XNLI-MT-1.0.zip, from their addresses.

    Source: Conneau et al., "XNLI: Evaluating Cross-lingual Sentence Representations", 2018;
    Williams, Nangia, Bowman, "A Broad-Coverage Challenge Corpus for Sentence Understanding
    through Inference", 2018.
    """
    columns = "premise=sentence1&hypothesis=sentence2&label=gold_label&id=pairID"
    machine = "hypothesis=hypo&member=multinli/multinli.train.{language}.tsv"
    return Files(
        train=_with(multinli, f"{columns}&member=multinli_1.0_train.jsonl"),
        dev=_with(xnli, f"{columns}&language=language&member=xnli.dev.tsv"),
        test=_with(xnli, f"{columns}&language=language&member=xnli.test.tsv"),
        translated=translated and _with(translated, machine),
        faulty=FAULTY,
    )


def hub(dataset: str, revision: str, *, translated: bool) -> Files:
    """A Hugging Face Hub dataset in the layout of facebook/xnli, at a commit."""
    file = f"hf:{dataset}@{revision}/{{language}}/{{}}-00000-of-00001.parquet"
    train = file.replace("{}", "train")
    return Files(
        train=train,
        dev=file.replace("{}", "validation"),
        test=file.replace("{}", "test"),
        translated=train if translated else None,
        covered=XNLI,
    )


def check_address(text: str) -> None:
    """Raise PipelineError unless params may name this file."""
    parse_layout(text, ENGLISH_LANGUAGE)


def addresses_of(files: Files, languages: Sequence[str]) -> list[Address]:
    """The files that are read for English and `languages`, but for those that may be absent."""
    everywhere = [ENGLISH_LANGUAGE, *languages]
    templates = [(files.train, [ENGLISH_LANGUAGE]), (files.dev, everywhere)]
    templates += [(files.test, everywhere), (files.translated or "", list(languages))]
    places: dict[str, Address] = {}
    for template, codes in templates:
        for code in codes:
            if template and (files.covered is None or code in files.covered):
                address, _ = parse_layout(template, code)
                if address.kind != "file" or "{language}" not in template:
                    places.setdefault(address.place, address)
    return list(places.values())


def parse_layout(template: str, language: str) -> tuple[Address, Layout]:
    """The address and layout of a language's file; raises PipelineError if malformed."""
    address = parse_address(template.replace("{language}", language), "nli", OPTIONS)
    options = {name: value for name, value in address.options.items() if name in OPTIONS}
    header = tuple(options.pop("header", "").split(","))
    return address, Layout(**options, header=header if any(header) else None)


def _with(address: str, options: str) -> str:
    return f"{address}{'&' if '#' in address else '#'}{options}"
