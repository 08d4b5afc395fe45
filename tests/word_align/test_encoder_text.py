"""Sentences as an encoder reads them: words or subwords, and the words that they belong to."""

import numpy as np
import pytest
from tiny import make_tokenizer, read_text

from pipeline.word_align.encoder_text import encoder_text

BLANK = "\u00a0"  # one word for us, no subword for the tokenizer
LINES = [line.split() for line in read_text("de").head(9).source]


@pytest.fixture(scope="module")
def tokenizer():
    return make_tokenizer().backend_tokenizer


def units(text):
    """Of each sentence: its ids, the position of each unit's first and last subword, its token."""
    spans = zip(
        text.side.first.tolist(), text.side.last.tolist(), text.tokens.tolist(), strict=True
    )
    spans = list(spans)
    ids = [each.tolist() for each in text.side.sentences()]
    return list(zip(ids, (spans[chosen] for chosen in text.sentences()), strict=True))


@pytest.mark.parametrize("pooling", ["last", "first", "mean"])
def test_subwords_are_those_of_the_whole_sentence_with_the_word_of_each(tokenizer, pooling):
    text = encoder_text([*LINES, []], tokenizer, 128, pooling, "subwords")
    for line, (ids, spans) in zip([*LINES, []], units(text), strict=True):
        encoding = tokenizer.encode(line, is_pretokenized=True)
        assert ids == encoding.ids
        assert spans == [
            (position, position, word)
            for position, word in enumerate(encoding.word_ids)
            if word is not None
        ]
    assert len(text.tokens) > sum(map(len, LINES))


@pytest.mark.parametrize("pooling", ["last", "first", "mean"])
def test_words_are_the_subwords_that_represent_them(tokenizer, pooling):
    text = encoder_text(LINES, tokenizer, 128, pooling, "words")
    for line, (ids, spans) in zip(LINES, units(text), strict=True):
        encoding = tokenizer.encode(line, is_pretokenized=True)
        assert ids == encoding.ids
        for word, span in enumerate(spans):
            own = [place for place, number in enumerate(encoding.word_ids) if number == word]
            ends = {"last": own[-1:], "first": own[:1], "mean": own}[pooling]
            assert span == (ends[0], ends[-1], word)


@pytest.mark.parametrize("unit", ["words", "subwords"])
def test_unreadable_words_and_those_past_the_limit_are_left_out(tokenizer, unit):
    line = ["der", BLANK, "Hund", "der", "Hund"]
    sizes = [len(tokenizer.encode(word, add_special_tokens=False).ids) for word in line]
    assert sizes[1] == 0
    limit = sum(sizes[:3]) + 2 + sizes[3] - 1  # with the special tokens; one too few for word 3
    text = encoder_text([line], tokenizer, limit, "mean", unit)
    repeats = sizes if unit == "subwords" else [1] * len(line)
    assert text.tokens.tolist() == [0] * repeats[0] + [2] * repeats[2]
    ids = tokenizer.encode([line[0], line[2]], is_pretokenized=True).ids
    np.testing.assert_array_equal(text.side.ids, ids)
