"""Corpora in the store of OPUS, for any of its language pairs with English.

    opus:CORPUS@VERSION                     as on the corpus's page at OPUS: opus:TED2020@v1
    opus:CORPUS@VERSION#code=zh_tw          with the code that OPUS uses for the language

`sha256` and `endpoint` (a mirror, https://HOST) may follow as further options.
"""

import re
from urllib.parse import parse_qsl

from ..common.errors import PipelineError
from ..common.languages import primary, three_letters
from .catalogue import OPUS, OPUS_KIND, filled, moses_zip

NAME = re.compile(rf"{OPUS_KIND}(?P<corpus>[\w.+-]+)@(?P<version>[\w.+-]+)")
OPTIONS = {"code", "endpoint", "sha256"}
# Codes of OPUS for languages that BCP 47 writes otherwise, in the order in which they are tried.
SIMPLIFIED, TRADITIONAL = ["zh_cn", "zh_CN"], ["zh_tw", "zh_TW"]
OTHER_CODES = {
    "zh": [*SIMPLIFIED, "cmn"],
    "zh-Hans": SIMPLIFIED,
    "zh-CN": SIMPLIFIED,
    "zh-Hant": TRADITIONAL,
    "zh-TW": TRADITIONAL,
}


def opus_addresses(name: str, language: str) -> list[str]:
    """The addresses at which OPUS may have a corpus in a language, in the order to try them.

    The codes in them are spellings of one language: `pt-BR` never becomes `pt`. OPUS has the two
    codes in alphabetical order; the other order is tried last. Raises PipelineError for a malformed
    name and unknown options.
    """
    where, _, fragment = name.replace("{language}", language).partition("#")
    match = NAME.fullmatch(where)
    if not match:
        raise PipelineError(
            f"corpus {name!r}: write opus:CORPUS@VERSION as on its page at OPUS, such as "
            "opus:TED2020@v1"
        )
    options = dict(parse_qsl(fragment, keep_blank_values=True))
    if not set(options) <= OPTIONS or not all(options.values()):
        raise PipelineError(
            f"corpus {name!r}: may have #{'=, '.join(sorted(OPTIONS))}= as its only options"
        )
    address = moses_zip(
        match["corpus"], match["version"], options.get("endpoint", OPUS).rstrip("/")
    )
    if "sha256" in options:
        address += f"&sha256={options['sha256']}"
    codes = [options["code"]] if "code" in options else opus_codes(language)
    return [filled(address, code, alphabetical) for alphabetical in (True, False) for code in codes]


def opus_codes(language: str) -> list[str]:
    """How OPUS may write the code of a language, the likeliest first: pt-BR, pt_BR, pt_br."""
    if language == primary(language):
        codes = [language, *OTHER_CODES.get(language, []), three_letters(language)]
    else:
        joined = language.replace("-", "_")
        codes = [*OTHER_CODES.get(language, []), language, joined, joined.lower()]
    return list(dict.fromkeys(codes))
