import langcodes
import pytest
from babel import Locale

from pipeline.common.errors import PipelineError
from pipeline.common.languages import (
    canonical_code,
    check_language,
    language_name,
    macrolanguage,
    three_letters,
)


@pytest.mark.parametrize(
    "code",
    [
        *("de", "sr-Latn", "pt-BR", "zh-Hant", "zh-Hant-HK", "es-419", "yue", "nb", "no", "hsb"),
        *("na", "nan", "nul", "con", "all", "ca-valencia", "de-CH-1901", "be-tarask", "ff-Adlm"),
    ],
)
def test_codes_in_canonical_form_are_languages(code):
    check_language(code)
    assert canonical_code(code) == code == langcodes.standardize_tag(code)


@pytest.mark.parametrize(
    ("code", "likely"),
    [
        *(
            ("sr-latn", "sr-Latn"),
            ("SR-LATN", "sr-Latn"),
            ("NO", "no"),
            ("zh-hant-tw", "zh-Hant-TW"),
        ),
        *(("de_DE", "de-DE"), ("pt_BR.UTF-8", "pt-BR"), ("sr@latin", "sr-Latn")),  # locales
        *(("deu", "de"), ("iw", "he"), ("sh", "sr-Latn"), ("zh-min-nan", "nan")),
        *(
            ("klingon", "tlh"),
            ("German", "de"),
            ("norwegian bokmål", "nb"),
            ("sr-latin", "sr-Latn"),
        ),
        *(("pt-brazil", "pt-BR"), ("chinese", "zh"), (" de", "de")),
    ],
)
def test_other_forms_and_names_are_refused_with_the_code_that_is_meant(code, likely):
    with pytest.raises(PipelineError, match=rf"language .*: write {likely}$"):
        check_language(code)


@pytest.mark.parametrize(
    "code",
    [
        *("xx", "xx-123", "de-XX", "de-Abcd", "de-foobar", "x-foo", "de-x-foo", "de-u-co-phonebk"),
        *("und", "mul", "zxx", "mis", "qaa", "on", "off", "y", "true", "null", "1e3", "12", ""),
        *("..", "a/b", "de/../fr", "de\nfr", "d", "dede"),
    ],
)
def test_what_is_no_language_is_one_line(code):
    with pytest.raises(PipelineError) as error:
        check_language(code)
    assert "not in the registry of BCP 47: write a code such as" in str(error.value)
    assert str(error.value).isprintable()


@pytest.mark.parametrize("code", ["en", "en-GB", "EN", "english", "eng", "en_US.UTF-8"])
def test_english_is_the_other_side(code):
    with pytest.raises(PipelineError, match="English is the other side of every language"):
        check_language(code)


def test_canonical_forms_differ_in_more_than_case():
    """As names of files must on many disks."""
    codes = {canonical_code(code) for code in Locale("en").languages} - {None}
    assert len({code.casefold() for code in codes}) == len(codes) > 500
    assert all(canonical_code(code) == code for code in codes)


def test_relatives_of_a_code():
    assert [*map(macrolanguage, ("cmn", "arb", "ekk", "pt-BR", "yue"))] == [
        *("zh", "ar", "et", "pt", "yue")
    ]
    assert [*map(three_letters, ("de", "sr-Latn", "yue", "zh"))] == ["deu", "srp", "yue", "zho"]


def test_names_tell_scripts_and_regions_apart():
    assert language_name("de") == "German"
    names = ["sr-Latn", "zh-Hant", "pt-BR", "de-CH-1901", "qwx"]
    assert [*map(language_name, names)] == [
        "Serbian (Latin)",
        "Traditional Chinese",
        "Brazilian Portuguese",
        "German (Switzerland, Traditional German orthography)",
        "qwx",
    ]
