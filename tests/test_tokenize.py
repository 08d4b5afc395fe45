import pandas as pd
import pytest

from pipeline.errors import PipelineError
from pipeline.tokenize import Cleaning, clean, tokenize

ALL = Cleaning(min_characters=0, max_characters=2000, min_words=1)


def test_moses_splits_by_language():
    bitext = pd.DataFrame(
        {
            "source": ["L'eau n'est pas froide, M. Dupont."],
            "english": ["It isn't cold, Mr. Dupont."],
        }
    )
    result = tokenize(bitext, "fr", ALL)
    assert result.source[0] == "L' eau n' est pas froide , M. Dupont ."
    assert result.english[0] == "It isn 't cold , Mr. Dupont ."


def test_entities_are_not_escaped_and_quotes_stay():
    bitext = pd.DataFrame({"source": ["A & B [c] „d“ 'e'"], "english": ["A & B [c] \"d\" 'e'"]})
    result = tokenize(bitext, "de", ALL)
    assert result.source[0].split() == ["A", "&", "B", "[", "c", "]", "„", "d", "“", "'", "e", "'"]


@pytest.mark.parametrize("character", ["\\", "\u00ad", "=", "#", "<", ">", "|", "http"])
def test_lines_with_unwanted_characters_are_dropped_on_either_side(character):
    assert clean(f"a {character} b", "c d", ALL) is None
    assert clean("a b", f"c {character} d", ALL) is None
    assert clean("a b", "c d", ALL) == ("a b", "c d")


def test_language_tags_go_but_other_brackets_stay():
    assert clean("( DE ) Herr Präsident", "( EN ) ( two ) words", ALL) == (
        "Herr Präsident",
        "( two ) words",
    )


def test_characters_are_counted_on_the_joined_line():
    line = "ab ||| cd"
    assert clean("ab", "cd", Cleaning(len(line) - 1, len(line) + 1, 1))
    assert clean("ab", "cd", Cleaning(len(line), len(line) + 1, 1)) is None
    assert clean("ab", "cd", Cleaning(len(line) - 1, len(line), 1)) is None


def test_the_shorter_side_must_have_enough_words():
    assert clean("a b c", "d e", Cleaning(0, 99, 2))
    assert clean("a b c", "d e", Cleaning(0, 99, 3)) is None
    assert clean("", "d e", Cleaning(0, 99, 0)) is None


def test_special_spaces_become_one_space():
    assert clean("a\u00a0b\u2028c\u200bd", "\ufeffe\u3000 f\x00", ALL) == ("a b c d", "e f")


def test_says_when_nothing_survives_or_a_segmenter_is_missing():
    bitext = pd.DataFrame({"source": ["kurz"], "english": ["short"]})
    with pytest.raises(PipelineError, match="de: none of 1 pairs survives"):
        tokenize(bitext, "de", Cleaning(0, 2000, 4))
    with pytest.raises(PipelineError, match="zh: is written without spaces"):
        tokenize(bitext, "zh", ALL)
