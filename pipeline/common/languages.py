"""Language codes of BCP 47. They are keys of params.yaml, and names of files and stages."""

import re
from functools import cache

import langcodes
from babel import Locale

from .errors import PipelineError, one_line

# Language, script, region and variants; no extensions and no private use.
CODE = re.compile(
    "[a-z]{2,3}(-[A-Z][a-z]{3})?(-(?P<region>[A-Z]{2}|[0-9]{3}))?"
    "(?P<variants>(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)"
)
NO_LANGUAGE = re.compile("mis|mul|und|zxx|q[a-t][a-z]")  # undetermined, several, private use
ENGLISH = "en"


def check_language(code: str) -> None:
    """Raise PipelineError unless `code` is a language other than English, in its canonical form.

    Each language has one form, so that `sr-latn` and `sr-Latn` are not two languages in one file.
    """
    canonical = canonical_code(code) or _likely(code)
    if canonical is None:
        raise PipelineError(
            f"language {one_line(code, 40)!r}: not in the registry of BCP 47: write a code such "
            "as de, pt-BR, sr-Latn or yue"
        )
    if primary(canonical) == ENGLISH:
        raise PipelineError(
            f"language {code!r}: English is the other side of every language: delete it"
        )
    if canonical != code:
        raise PipelineError(f"language {one_line(code, 40)!r}: write {canonical}")


def canonical_code(code: str) -> str | None:
    """The canonical form of a code (`SR_latn` is sr-Latn, `deu` is de); None if it is not valid."""
    try:
        tag = langcodes.standardize_tag(code)
    except ValueError:
        return None
    match = CODE.fullmatch(tag)
    if not match or NO_LANGUAGE.fullmatch(primary(tag)) or not langcodes.tag_is_valid(tag):
        return None
    # langcodes takes any word for a variant, and codes of private use for regions.
    names = Locale(ENGLISH)
    variants = match["variants"].upper().split("-")[1:]
    region_is_known = match["region"] is None or match["region"] in names.territories
    return tag if region_is_known and set(variants) <= set(names.variants) else None


def primary(code: str) -> str:
    """The language of a code without script, region and variants."""
    return code.partition("-")[0]


def macrolanguage(code: str) -> str:
    """The language under which corpora and rules file that of a code: zh for cmn, ar for arb."""
    return primary(langcodes.standardize_tag(primary(code), macro=True))


def three_letters(code: str) -> str:
    """The code of ISO 639-3 for the language of a code: deu for de."""
    return str(langcodes.Language.get(primary(code)).to_alpha3())


def language_name(code: str) -> str:
    """The English name of a code, such as Brazilian Portuguese or Serbian (Latin).

    Languages without a name in CLDR keep their code.
    """
    names = Locale(ENGLISH)
    if whole := names.languages.get(code.replace("-", "_")):
        return str(whole)
    language, *others = code.split("-")
    shown = [
        names.scripts.get(part) or names.territories.get(part) or names.variants.get(part.upper())
        for part in others
    ]
    name = str(names.languages.get(language, language))
    return f"{name} ({', '.join(map(str, shown))})" if others else name


def _likely(text: str) -> str | None:
    """The code that is meant by a name, such as Klingon or sr@latin, or by a locale."""
    languages, others = _codes_by_name()
    whole = text.strip().casefold()
    first, *rest = re.split(r"[-_@ ]+", whole.partition(".")[0])
    parts = [languages.get(first, first), *(others.get(part, part) for part in rest)]
    return canonical_code(languages.get(whole) or "-".join(parts))


@cache
def _codes_by_name() -> tuple[dict[str, str], dict[str, str]]:
    """Codes by English names in lower case: of languages, and of scripts and regions."""
    names = Locale(ENGLISH)
    languages = {name.casefold(): code for code, name in names.languages.items()}
    others = {**names.territories, **names.scripts}
    return languages, {name.casefold(): code for code, name in others.items()}
