"""Words of scripts without spaces, by the real segmenters, and text that none of them cuts."""

import json
from pathlib import Path

import pandas as pd
import pytest
from clones import ROOT, run
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.common.errors import PipelineError
from pipeline.tokenize.cleaning import Cleaning, normalize
from pipeline.tokenize.moses import rules_used, words
from pipeline.tokenize.segmenters import SEGMENTERS, SPACELESS, needed_segmenter
from pipeline.tokenize.tokenize import tokenize

ALL = Cleaning(min_characters=0, max_characters=2000, min_words=1)
ABBREVIATIONS = ROOT / "data" / "abbreviations"
TIBETAN = "བོད་ཀྱི་སྐད་ཡིག་ཡིན།"
SHAN = "ၵႂၢမ်းတႆးယူႇတီႈမိူင်းတႆး"
JAVANESE = "ꦲꦏ꧀ꦱꦫꦗꦮꦲꦶꦏꦸꦏꦸꦤ"


def one(language, line):
    return words(language, Path("none"), [line])[0]


def cut(language, *pairs):
    """The tokenised source lines, and what was used."""
    frame = pd.DataFrame(pairs, columns=["source", "english"])
    bitext, counts = tokenize(frame, language, ALL, ABBREVIATIONS)
    return list(bitext.source), counts["tokenizer"]


@pytest.mark.parametrize(
    ("language", "line", "tokens"),
    [
        ("ja", "東京大学で日本語を勉強した。", "東京 大学 で 日本 語 を 勉強 し た 。"),
        (
            "ja",
            "2020年、ジョン・スミスは「はい」とｶﾀｶﾅで",
            "2020 年 、 ジョン ・ スミス は 「 はい 」 と ｶﾀｶﾅ で",
        ),
        ("ja-JP", "U.S. 葛\U000e0100城市", "U.S. 葛\U000e0100 城市"),
        ("km", "ខ្ញុំស្រលាញ់ប្រទេសកម្ពុជាណាស់។ ១២៣", "ខ្ញុំ ស្រលាញ់ ប្រទេស កម្ពុជា ណាស់ ។ ១២៣"),
        ("lo", "ຂ້ອຍຮັກປະເທດລາວ, ok", "ຂ້ອຍ ຮັກ ປະເທດ ລາວ , ok"),
        ("my", "မြန်မာနိုင်ငံကိုချစ်တယ်။", "မြန်မာနိုင်ငံ ကို ချစ် တယ် ။"),
        ("th-TH", "ผมรักเมืองไทย", "ผม รัก เมือง ไทย"),
        ("zh-Hant", "我來到北京清華大學。", "我來 到 北京 清華大學 。"),
        ("zh-TW", "到北京", "到 北京"),
        ("yue", "今日去食飯", "今日 去 食飯"),
        ("wuu", "到北京", "到 北京"),
        ("lzh", "到北京", "到 北京"),
        ("nan", "去台北。 Góa beh khì Tâi-pak.", "去 台北 。 Góa beh khì Tâi-pak ."),
        ("zh-Latn", "Wǒ lái dào Běijīng.", "Wǒ lái dào Běijīng ."),
    ],
)
def test_the_script_and_the_language_decide_how_words_are_cut(language, line, tokens):
    assert one(language, line) == tokens


@pytest.mark.parametrize(
    ("language", "line", "tokens"),
    [
        ("ko", "안녕하세요. 저는 학생입니다.", "안녕하세요 . 저는 학생입니다 ."),
        ("ff-Adlm", "𞤀𞤣𞤤𞤢𞤥 𞤆𞤵𞤤𞤢𞤪!", "𞤀𞤣𞤤𞤢𞤥 𞤆𞤵𞤤𞤢𞤪 !"),
        ("chr", "ꮳꮃꭹ ᏣᎳᎩ", "ꮳꮃꭹ ᏣᎳᎩ"),
        ("osa", "𐓏𐓘𐓻𐓘𐓻𐓟 𐓘", "𐓏𐓘𐓻𐓘𐓻𐓟 𐓘"),
        ("ccp", "𑄌𑄋𑄴𑄟𑄳𑄦 𑄷𑄸", "𑄌𑄋𑄴𑄟𑄳𑄦 𑄷𑄸"),
        ("nqo", "ߒߞߏ، ߞߊ߲", "ߒߞߏ ، ߞߊ߲"),
        ("am", "ሰላም ለዓለም።", "ሰላም ለዓለም ።"),
        ("ka", "ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ საქართველო.", "ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ საქართველო ."),
        ("uz", "Oʻzbekcha gʻoya.", "Oʻzbekcha gʻoya ."),
        ("bo", "བོད་ཀྱི་ སྐད་ཡིག །", "བོད་ཀྱི་ སྐད་ཡིག །"),
    ],
)
def test_words_of_any_script_with_spaces_stay_whole(language, line, tokens):
    assert one(language, line) == tokens


@pytest.mark.parametrize("language", ["ja", "km", "lo", "my"])
@settings(deadline=None)  # the first one loads the segmenter
@given(
    line=st.text(
        st.sampled_from("東京はｶー々゙葛\U000e0100𠮷ខ្ញុំ១។ຂ້ອຍໆမြန်မာ၁။်ﬀ aBé1,!?\u200c"), max_size=20
    )
)
def test_words_joined_are_the_text_without_its_spaces(language, line):
    tokens = normalize(one(language, line), "").source.split(" ")
    assert "".join(tokens) == "".join(line.split())


def test_a_long_line_of_japanese_is_cut():
    line = "東京に" * 20_000
    assert one("ja", line).replace(" ", "") == line


def test_what_was_used_is_reported():
    _, used = cut("ja", ("犬は眠る。", "The dog sleeps."))
    assert used["segmenter"].startswith("SudachiPy 0.")
    assert "SudachiDict-small 20" in used["segmenter"]
    assert cut("ja-Latn", ("Inu wa nemuru.", "The dog sleeps."))[1]["segmenter"] == "none"
    assert cut("my", ("ချစ်တယ်", "I love it"))[1]["segmenter"].startswith("icu4py 1.")
    json.dumps(used)


def test_regions_have_the_abbreviations_of_their_language():
    assert one("pt-BR", "O Sr. João, art. 5.") == one("pt", "O Sr. João, art. 5.")
    assert "Sr. João" in one("pt-BR", "O Sr. João")
    used = {code: rules_used(code, ABBREVIATIONS)["abbreviations"] for code in CODES}
    assert used == CODES


CODES = {
    "pt-BR": "pt of Moses",
    "cmn-Hant": "zh of Moses",
    "ekk": "et of Moses",
    "yue": "yue of Moses",
    "bg": str(ABBREVIATIONS / "bg.txt"),
    "sr-Latn": "en of Moses, which has none for sr-Latn",
    "no": "en of Moses, which has none for no",
}


@pytest.mark.parametrize(
    ("language", "line", "message"),
    [
        ("bo", TIBETAN, "bo: 1 of 1 lines are in Tibetan script without spaces"),
        ("jv", JAVANESE, "Javanese script without spaces between words, for which Javanese has no"),
        ("shn", SHAN, "in Myanmar script without spaces between words, for which Shan has no"),
        (
            "de",
            "我来到北京清华大学",
            "in Han script without spaces between words, for which German",
        ),
        ("ja", "ผมรักเมืองไทย", "in Thai script"),
        ("th", "私は東京大学で勉強する", "in Han script"),
        ("ryu", "わんねーうちなーんちゅやいびーん", "in Hiragana script"),
        ("ii", "ꆈꌠꁱꂷꆈꌠꉙ", "in Yi script"),
    ],
)
def test_a_script_without_spaces_that_nothing_cuts_is_refused(language, line, message):
    with pytest.raises(PipelineError, match="put spaces between the words of the corpus") as error:
        cut(language, (line, "This is a sentence of six words."))
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("bo", "བོད་ཀྱི་ སྐད་ཡིག་ ཡིན །"),  # somebody has put in the spaces
        ("jv", "Aku seneng mangan sega"),
        ("ko", "大韓民國은 民主共和國이다"),
        ("nan", "Góa beh khì Tâi-pak"),
    ],
)
def test_text_with_spaces_passes(language, line):
    assert cut(language, (line, "I like to eat rice"))[0] == [line]


def test_labels_do_not_make_up_for_sentences():
    labels = [(f"ཡིག་{n}", f"Text {n}") for n in range(60)]
    with pytest.raises(PipelineError, match=r"bo: 63 of 63 lines are in Tibetan script"):
        cut("bo", *labels, *([(TIBETAN, "This is a sentence of six words.")] * 3))


def test_a_few_stray_lines_do_not_stop_a_corpus():
    pairs = [(f"Der Hund Nummer {n} schläft", f"Dog number {n} sleeps now") for n in range(39)]
    lines, _ = cut("de", *pairs, ("我来到北京清华大学", "I came to Beijing Tsinghua University"))
    assert len(lines) == 40


def test_every_segmenter_is_of_scripts_without_spaces_and_of_other_languages():
    codes = [code for each in SEGMENTERS for code in each.languages]
    assert len(set(codes)) == len(codes)
    assert {script for each in SEGMENTERS for script in each.scripts} <= set(SPACELESS)
    for each in SEGMENTERS:
        assert needed_segmenter(each.languages[0], ["only Latin text"]) is None
        assert each.versions


@pytest.mark.parametrize(("language", "line"), [("ja", "犬は眠る"), ("my", "ချစ်တယ်"), ("km", "ខ្ញុំ")])
def test_a_segmenter_that_is_not_installed_is_one_line(language, line, tmp_path):
    """In an environment that sees the packages but for the extras."""
    code = f"""
import importlib.metadata as metadata
real = metadata.version
def version(name):
    if name in ("SudachiPy", "SudachiDict-small", "icu4py"):
        raise metadata.PackageNotFoundError(name)
    return real(name)
metadata.version = version
from pipeline.tokenize.segmenters import needed_segmenter
assert needed_segmenter({language!r}, ["only Latin"]) is None
needed_segmenter({language!r}, [{line!r}])
"""
    result = run(ROOT, "python", "-c", code)
    assert f": pip install -c constraints.txt '.[{language}]'" in result.stderr.splitlines()[-1]
