from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import PROTOCOL, build, make_tokenizer, read_text
from tokenizers import normalizers

from pipeline.common.errors import PipelineError
from pipeline.encoder.pair_arrays import SPLITS
from pipeline.pairs.settings import PairSettings
from pipeline.pairs.word_pairs import build_pairs, sentence_key
from pipeline.word_align.links import from_pairs

TOKENIZER = make_tokenizer().backend_tokenizer
TOKENIZER.normalizer = normalizers.Replace("\u200d", "")  # a word of it alone has no subwords
WORDS = sorted({word for pair in read_text("de").values for side in pair for word in side.split()})
WORD = st.sampled_from([*WORDS, ",", ".", "7", "1.5", "3,7%", "\u200d"])
SENTENCE = st.lists(WORD, min_size=1, max_size=8).map(" ".join)


def any_links(source, english):
    """Sets of links between two sentences."""
    last = len(source.split(" ")) - 1, len(english.split(" ")) - 1
    return st.sets(st.tuples(st.integers(0, last[0]), st.integers(0, last[1])), max_size=12)


def spans(sentence, protocol):
    """Ids of a sentence as it is read, and the span of each word that is, word by word."""
    ids, found = [2], {}
    for number, word in enumerate(sentence.split(" ")):
        pieces = TOKENIZER.encode(word, add_special_tokens=False).ids
        if len(ids) + len(pieces) > protocol.max_subwords - 1:
            break
        first, last = len(ids), len(ids) + len(pieces) - 1
        if pieces:
            pooled = {"first": (first, first), "last": (last, last), "mean": (first, last)}
            found[number] = pooled[protocol.pooling]
        ids += pieces
    return [*ids, 3], found


def wanted(source, english, links, link, protocol):
    """Whether a link is a pair, rule by rule."""
    words = source.split(" ")[link[0]], english.split(" ")[link[1]]
    letters = [any(sign.isalpha() for sign in word) for word in words]
    digits = [any(sign.isdigit() for sign in word) for word in words]
    several = [sum(other[side] == link[side] for other in links) > 1 for side in (0, 1)]
    kinds = list(zip(letters, digits, strict=True))
    return not (
        (protocol.one_to_one and any(several))
        or (not protocol.identical and words[0] == words[1])
        or (not protocol.punctuation and (False, False) in kinds)
        or (not protocol.numbers and (False, True) in kinds)
    )


def restated(bitext, links, protocol):
    """The pairs of all sentences by the slow, obvious way."""
    found, seen = [], set()
    for line, ((source, english), each) in enumerate(zip(bitext, links, strict=True)):
        if max(len(side.split(" ")) for side in (source, english)) > protocol.max_words:
            continue
        (ids, first), (english_ids, second) = (spans(side, protocol) for side in (source, english))
        pairs = [
            (first[i], second[j], i, j)
            for i, j in sorted(each)
            if i in first and j in second and wanted(source, english, each, (i, j), protocol)
        ]
        if pairs and not {sentence_key(source), sentence_key(english)} & seen:
            seen |= {sentence_key(source), sentence_key(english)}
            words = [(source.split(" ")[i], english.split(" ")[j]) for *_, i, j in pairs]
            found.append((line, ids, english_ids, pairs, words, list(second.values())))
    return found


def read(splits):
    """The same of the arrays and tables that were built."""
    found = []
    for split, table in (splits[name] for name in SPLITS):
        rows = table.to_pandas()
        for number in range(len(split)):
            one = split.take([number])
            source, english = one.pairs()
            words = one.english.words()
            part = rows[split.pair_bounds[number] : split.pair_bounds[number + 1]]
            pairs = zip(
                zip(source.first, source.last, strict=True),
                zip(english.first, english.last, strict=True),
                part.source_index,
                part.english_index,
                strict=True,
            )
            (line,) = part.line.unique()
            found.append(
                (
                    line,
                    one.source.ids.tolist(),
                    one.english.ids.tolist(),
                    list(pairs),
                    list(zip(part.source_word, part.english_word, strict=True)),
                    list(zip(words.first, words.last, strict=True)),
                )
            )
    return found


PROTOCOLS = st.builds(
    PairSettings,
    test=st.just(1),
    dev=st.just(1),
    train=st.just(10**6),
    max_words=st.integers(4, 8),
    max_subwords=st.integers(8, 60),
    pooling=st.sampled_from(["last", "first", "mean"]),
    one_to_one=st.booleans(),
    identical=st.booleans(),
    punctuation=st.booleans(),
    numbers=st.booleans(),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(SENTENCE, SENTENCE), min_size=6, max_size=12), PROTOCOLS, st.data())
def test_pairs_equal_a_word_by_word_restatement(bitext, protocol, data):
    links = [data.draw(any_links(*pair)) for pair in bitext]
    expected = restated(bitext, links, protocol)
    if len(expected) < 3:
        return
    source, english = zip(*bitext, strict=True)
    assert read(build_pairs(source, english, from_pairs(links), TOKENIZER, protocol)) == expected


def test_splits_follow_the_order_and_the_sizes():
    splits = build("de", test=10, dev=5, train=20)
    assert {name: len(split) for name, (split, _) in splits.items()} == {
        "test": 10,
        "dev": 5,
        "train": 20,
    }
    lines = [line for _, table in splits.values() for line in table.to_pandas().line.unique()]
    assert lines == list(range(35))
    words = splits["test"][1].to_pandas().query("line == 0")
    bitext = read_text("de").loc[0]
    assert list(words.source_word) == [bitext.source.split()[i] for i in words.source_index]
    assert list(words.english_word) == [bitext.english.split()[j] for j in words.english_index]


def test_a_sentence_is_in_one_split_only_whatever_its_case_and_punctuation():
    bitext = read_text("de").head(6)
    source = [*bitext.source, *(text.upper() + " !" for text in bitext.source), "Hund und Katze"]
    english = [*bitext.english, *bitext.english, "dog and cat"]
    splits = build_pairs(
        source, english, from_pairs([{(0, 1)}] * 13), TOKENIZER, replace(PROTOCOL, test=1, dev=1)
    )
    lines = [line for _, table in splits.values() for line in table["line"].to_pylist()]
    assert lines == [0, 1, 2, 3, 4, 5, 12]


def test_a_word_without_subwords_or_behind_the_limit_never_pairs():
    source = ["ein \u200d Hundehütte bellt", "zwei x y z", "drei v w u"]
    english = ["a \u200d doghouse barks", "the b c d", "one e f g"]
    links = from_pairs([{(k, k) for k in range(4)}] * 3)
    limit = 2 + len(TOKENIZER.encode("ein", add_special_tokens=False).ids) + 1
    protocol = replace(PROTOCOL, test=1, dev=1, identical=True, max_subwords=limit)
    split, table = build_pairs(source, english, links, TOKENIZER, protocol)["test"]
    assert table["source_word"].to_pylist() == ["ein"]
    assert split.source.ids.tolist() == TOKENIZER.encode("ein").ids


def test_too_few_sentences_and_foreign_links_are_refused():
    with pytest.raises(PipelineError, match="only 48 usable sentence pairs, but test 40 and dev 8"):
        build("de", test=40, dev=8)
    for links in ([{(0, 0)}], [{(0, 0)}, {(1, 0)}], [{(0, 0)}, {(0, 1)}]):
        with pytest.raises(PipelineError, match="links and sentences do not match"):
            build_pairs(
                ["a", "b"],
                ["c", "d"],
                from_pairs(links),
                TOKENIZER,
                replace(PROTOCOL, test=1, dev=1),
            )


def test_keys_are_those_of_letters_and_digits_alone():
    assert sentence_key("Das Haus, 7!") == sentence_key("das  HAUS 7")
    assert sentence_key("Das Haus, 7!") != sentence_key("Das Haus, 8!")
    assert sentence_key("!") != sentence_key("?")
    assert np.uint64(sentence_key("a")) == sentence_key("a")
