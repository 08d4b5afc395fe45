import multiprocessing
import unicodedata
from pathlib import Path

import pandas as pd
import pytest
from clones import ROOT
from hypothesis import given
from hypothesis import strategies as st
from tiny import read_text

import pipeline.tokenize.tokenize
from pipeline.common.errors import PipelineError
from pipeline.tokenize.cleaning import RULES, Cleaning, clean, normalize
from pipeline.tokenize.moses import words
from pipeline.tokenize.segmenters import segment
from pipeline.tokenize.tokenize import tokenize

ALL = Cleaning(min_characters=0, max_characters=2000, min_words=1)
ABBREVIATIONS = ROOT / "data" / "abbreviations"


def one(language: str, line: str, abbreviations: Path = Path("none")) -> str:
    return words(language, abbreviations, [line])[0]


def cleaned(source: str, english: str, bounds: Cleaning = ALL) -> tuple[str, str] | str:
    """The pair that is kept, or the rule that drops it."""
    kept, counts = clean([(source, english)], bounds)
    hits = [rule for rule, times in counts["dropped"].items() if times]
    assert len(kept) + len(hits) == 1
    return kept[0] if kept else hits[0]


def test_moses_splits_by_language():
    assert one("fr", "L'eau n'est pas froide, M. Dupont.") == (
        "L' eau n' est pas froide , M. Dupont ."
    )
    assert one("en", "It isn't cold, Mr. Dupont.") == "It isn 't cold , Mr. Dupont ."


def test_entities_are_not_escaped_and_quotes_stay():
    assert one("de", "A & B [c] „d“ 'e'") == "A & B [ c ] „ d “ ' e '"


@pytest.mark.parametrize(
    ("language", "line", "tokens"),
    [
        ("hi", "क्या आप हिन्दी जानते हैं? ज़रूर।", "क्या आप हिन्दी जानते हैं ? ज़रूर ।"),
        ("ar", "السَّلامُ عليكم؟ نعم، شكرا؛", "السَّلامُ عليكم ؟ نعم ، شكرا ؛"),
        ("ur", "یہ ایک جملہ ہے۔ می\u200cروم", "یہ ایک جملہ ہے ۔ می\u200cروم"),
        ("vi", "Tiếng Việt, phải không?", "Tiếng Việt , phải không ?"),
        ("th", "ไม่ได้, น้ำ", "ไม่ ได้ , น้ำ"),
        ("tr", "Çok güzel, İstanbul!", "Çok güzel , İstanbul !"),
        ("sw", "Habari ya asubuhi?", "Habari ya asubuhi ?"),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_marks_stay_in_their_words_and_punctuation_goes(language, line, tokens, form):
    line, tokens = (unicodedata.normalize(form, text) for text in (line, tokens))
    assert one(language, line) == tokens


@pytest.mark.parametrize(
    ("language", "line", "tokens"),
    [
        ("zh", "我来到北京清华大学。", "我 来到 北京 清华大学 。"),
        ("zh", "《红楼梦》。「好」，", "《 红楼梦 》 。 「 好 」 ，"),
        ("zh", "ABC公司2020年 U.S. e-mail 3.14！", "ABC 公司 2020 年 U.S. e-mail 3.14 ！"),
        ("th", "ผมรักเมืองไทย", "ผม รัก เมือง ไทย"),
        ("th", "พ.ศ.2563 ราคา ๓๐,๐๐๐ ฿50", "พ.ศ. 2563 ราคา ๓๐,๐๐๐ ฿ 50"),
        ("th", "iPhone 15 Pro (ครับ)... ต่างๆ", "iPhone 15 Pro ( ครับ ) ... ต่างๆ"),
    ],
)
def test_chinese_and_thai_are_segmented_and_the_rest_is_for_moses(language, line, tokens):
    assert one(language, line) == tokens


def test_only_the_scripts_of_the_language_are_segmented():
    assert segment("th", "北京清华大学 ok") == "北京清华大学 ok"
    assert segment("de", "北京清华大学 ผมรักเมืองไทย") == "北京清华大学 ผมรักเมืองไทย"


MIXED = st.text(st.sampled_from("来到北京大学，。《》ผมรักเมืองไทย่้ๆ.๓ aBé1,!?'-(\u200b\u3000𠮷々"))


@pytest.mark.parametrize("language", ["zh", "th"])
@given(line=MIXED)
def test_segmented_tokens_are_the_text_without_its_spaces(language, line):
    tokens = normalize(one(language, line), "").source.split(" ")
    assert "".join(tokens) == "".join(line.replace("\u200b", " ").split())
    assert all(tokens) or tokens == [""]


def test_bulgarian_abbreviations_keep_their_dots():
    lines = [
        "Проф. Иванов живее на ул. Шипка № 5, гр. София.",
        "Вж. чл. 5, ал. 2, стр. 7.",
        "В т.нар. център, т.е. тук, напр. Витоша и др. Обекти.",
        "Ред. 3. Всичко е в ред. Той струва 5 млн. лв. Добре.",
    ]
    assert words("bg", ABBREVIATIONS, lines) == [
        "Проф. Иванов живее на ул. Шипка № 5 , гр. София .",
        "Вж. чл. 5 , ал. 2 , стр. 7 .",
        "В т.нар. център , т.е. тук , напр. Витоша и др. Обекти .",
        "Ред. 3 . Всичко е в ред . Той струва 5 млн. лв. Добре .",
    ]
    assert "ул . Шипка" in one("bg", lines[0])


@pytest.mark.parametrize(
    ("mark", "rule"),
    [
        ("\\", "backslash"),
        ("\u00ad", "soft hyphen"),
        ("=", "equals sign"),
        ("#", "hash"),
        ("https", "web address"),
        ("<", "less-than sign"),
        (">", "greater-than sign"),
        ("|", "bar"),
    ],
)
def test_lines_with_unwanted_marks_are_dropped_on_either_side(mark, rule):
    assert cleaned(f"a {mark} b", "c d") == rule
    assert cleaned("a b", f"c {mark} d") == rule
    assert cleaned("a b", "c d") == ("a b", "c d")


def test_language_tags_go_but_other_brackets_stay():
    assert cleaned("( DE ) Herr Präsident", "( EN ) ( two ) words") == (
        "Herr Präsident",
        "( two ) words",
    )


def test_characters_are_counted_on_the_joined_line():
    line = "ab ||| cd"
    assert cleaned("ab", "cd", Cleaning(len(line) - 1, len(line) + 1, 1)) == ("ab", "cd")
    assert cleaned("ab", "cd", Cleaning(len(line), len(line) + 1, 1)) == "too short"
    assert cleaned("ab", "cd", Cleaning(len(line) - 1, len(line), 1)) == "too long"


def test_the_shorter_side_must_have_enough_words():
    assert cleaned("a b c", "d e", Cleaning(0, 99, 2)) == ("a b c", "d e")
    assert cleaned("a b c", "d e", Cleaning(0, 99, 3)) == "few words"
    assert cleaned("", "d e", Cleaning(0, 99, 0)) == "empty"
    assert cleaned("a", "\u200b \ufeff", Cleaning(0, 99, 0)) == "empty"


def test_special_spaces_and_marks_of_direction_become_one_space():
    raw = "a\u00a0b\u2028c\u200bd \u200f e", "\ufeffe\u3000 f\x00"
    assert cleaned(*raw) == ("a b c d e", "e f")


def test_the_first_rule_counts_and_counts_add_up():
    pairs = [("a #", "b ="), ("a \\", "#"), ("a", "b"), ("", "#"), ("c", "d e"), ("", "")]
    kept, counts = clean(pairs, ALL)
    assert kept == [("a", "b"), ("c", "d e")]
    assert list(counts["dropped"]) == list(RULES)
    hits = {rule: times for rule, times in counts["dropped"].items() if times}
    assert hits == {"backslash": 1, "equals sign": 1, "hash": 1, "empty": 1}
    assert counts["pairs"] == len(pairs) == counts["kept"] + sum(hits.values())


@pytest.mark.parametrize("language", ["de", "th"])
def test_more_processes_give_the_same_result(monkeypatch, language):
    monkeypatch.setattr(pipeline.tokenize.tokenize, "LINES_PER_TASK", 5)
    monkeypatch.setattr(pipeline.tokenize.tokenize, "WORTHWHILE", 1)
    bitext = pd.concat([read_text("de"), read_text("fr"), read_text("de")])
    alone = tokenize(bitext, language, ALL, ABBREVIATIONS, 1)
    together = tokenize(bitext, language, ALL, ABBREVIATIONS, 2)
    pd.testing.assert_frame_equal(alone[0], together[0])
    assert alone[1] == together[1]
    each = [one(language, line, ABBREVIATIONS) for line in bitext.source]
    assert alone[0].source.tolist() == each


def test_repeated_lines_are_tokenised_once(monkeypatch):
    tasks = []
    monkeypatch.setattr(
        pipeline.tokenize.tokenize, "progress", lambda items, name: tasks.extend(items) or items
    )
    monkeypatch.setattr(pipeline.tokenize.tokenize, "LINES_PER_TASK", 1)
    bitext = pd.DataFrame({"source": ["Ja doch."] * 6, "english": ["Of course.", "Yes, yes"] * 3})
    result, counts = tokenize(bitext, "de", ALL, ABBREVIATIONS)
    assert result.source.tolist() == ["Ja doch ."] * 6
    assert result.english.tolist() == ["Of course .", "Yes , yes"] * 3
    assert counts["pairs"] == counts["kept"] == 6
    assert len(tasks) == 3  # one line each


@pytest.mark.parametrize("sources", [["kurz"], []])
def test_says_when_nothing_survives(sources):
    bitext = pd.DataFrame({"source": sources, "english": sources}, dtype=str)
    with pytest.raises(PipelineError, match=f"de: none of {len(sources)} pairs survives"):
        tokenize(bitext, "de", Cleaning(0, 2000, 4), ABBREVIATIONS)


def test_says_when_abbreviations_are_absent_or_no_text(tmp_path):
    bitext = pd.DataFrame({"source": ["kurz"], "english": ["short"]})
    with pytest.raises(PipelineError, match="gone: no such folder: dvc pull data"):
        tokenize(bitext, "de", ALL, tmp_path / "gone")
    (tmp_path / "de.txt").write_bytes("Straße".encode("latin-1"))
    with pytest.raises(PipelineError, match=r"de\.txt: cannot be read .* UTF-8"):
        tokenize(bitext, "de", ALL, tmp_path)


def test_a_killed_process_is_reported(monkeypatch):
    def kill_after_the_first(tasks, _):
        for task in tasks:
            yield task
            for worker in multiprocessing.active_children():
                worker.kill()

    monkeypatch.setattr(pipeline.tokenize.tokenize, "WORTHWHILE", 1)
    monkeypatch.setattr(pipeline.tokenize.tokenize, "progress", kill_after_the_first)
    lines = [f"line {number}" for number in range(100_000)]
    bitext = pd.DataFrame({"source": lines, "english": lines})
    with pytest.raises(PipelineError, match=r"processes died .*: lower download.max_pairs"):
        tokenize(bitext, "de", ALL, ABBREVIATIONS, 2)
