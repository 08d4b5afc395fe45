from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import PROTOCOL, build, make_tokenizer, read_text
from tokenizers import normalizers

from pipeline.common.errors import PipelineError
from pipeline.encoder.pair_arrays import SPLITS
from pipeline.pairs.settings import PairSettings
from pipeline.pairs.word_pairs import build_pairs, pairs_of_sentences, sentence_key
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


def encode(sentence, protocol):
    """The subword ids of a sentence, and the span of each usable word by its index."""
    ids, spans = [2], {}
    for number, word in enumerate(sentence.split(" ")):
        pieces = TOKENIZER.encode(word, add_special_tokens=False).ids
        if len(ids) + len(pieces) > protocol.max_subwords - 1:
            break
        first, last = len(ids), len(ids) + len(pieces) - 1
        if pieces:
            pooled = {"first": (first, first), "last": (last, last), "mean": (first, last)}
            spans[number] = pooled[protocol.pooling]
        ids += pieces
    return [*ids, 3], spans


def is_number(word):
    return any(map(str.isdigit, word)) and not any(map(str.isalpha, word))


def is_punctuation(word):
    return not any(map(str.isalnum, word))


def is_pair(source, english, links, link, protocol):
    """Whether a link of usable words is a pair, rule by rule."""
    words = source.split(" ")[link[0]], english.split(" ")[link[1]]
    several = [sum(other[side] == link[side] for other in links) > 1 for side in (0, 1)]
    return not (
        (protocol.one_to_one and any(several))
        or (not protocol.identical and words[0] == words[1])
        or (not protocol.punctuation and any(map(is_punctuation, words)))
        or (not protocol.numbers and any(map(is_number, words)))
    )


@dataclass
class PairedSentences:
    """A sentence pair with its word pairs; spans are (first, last) positions of subwords."""

    line: int
    source_ids: list
    english_ids: list
    source_spans: list  # of the pairs
    english_spans: list
    source_indices: list
    english_indices: list
    source_words: list
    english_words: list
    all_english_spans: list  # of all usable words


def restate(bitext, links, protocol, *, repeated=False):
    """The sentence pairs of all splits in the slow, obvious way; `repeated` keeps repeated ones."""
    sentences, seen = [], set()
    for line, ((source, english), of_line) in enumerate(zip(bitext, links, strict=True)):
        if max(len(text.split(" ")) for text in (source, english)) > protocol.max_words:
            continue
        source_ids, source_spans = encode(source, protocol)
        english_ids, english_spans = encode(english, protocol)
        pairs = [
            (i, j)
            for i, j in sorted(of_line)
            if i in source_spans
            and j in english_spans
            and is_pair(source, english, of_line, (i, j), protocol)
        ]
        keys = {sentence_key(source), sentence_key(english)}
        if pairs and (repeated or not keys & seen):
            seen |= keys
            sentences.append(
                PairedSentences(
                    line,
                    source_ids,
                    english_ids,
                    [source_spans[i] for i, _ in pairs],
                    [english_spans[j] for _, j in pairs],
                    [i for i, _ in pairs],
                    [j for _, j in pairs],
                    [source.split(" ")[i] for i, _ in pairs],
                    [english.split(" ")[j] for _, j in pairs],
                    list(english_spans.values()),
                )
            )
    return sentences


def positions(spans):
    return list(zip(spans.first, spans.last, strict=True))


def read(*parts):
    """The sentence pairs in arrays and tables."""
    sentences = []
    for split, table in parts:
        pairs = table.to_pandas()
        for number in range(len(split)):
            alone = split.take([number])
            source_spans, english_spans = alone.pairs()
            rows = pairs[split.pair_bounds[number] : split.pair_bounds[number + 1]]
            (line,) = rows.line.unique()
            sentences.append(
                PairedSentences(
                    line,
                    alone.source.ids.tolist(),
                    alone.english.ids.tolist(),
                    positions(source_spans),
                    positions(english_spans),
                    list(rows.source_index),
                    list(rows.english_index),
                    list(rows.source_word),
                    list(rows.english_word),
                    positions(alone.english.words()),
                )
            )
    return sentences


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
    source, english = zip(*bitext, strict=True)
    text = source, english, from_pairs(links), TOKENIZER, protocol
    assert read(pairs_of_sentences(*text)) == restate(bitext, links, protocol, repeated=True)
    expected = restate(bitext, links, protocol)
    if len(expected) >= 3:
        splits = build_pairs(*text)
        assert read(*(splits[name] for name in SPLITS)) == expected


def test_splits_have_their_sizes_in_the_order_of_the_corpus():
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


def test_splits_share_no_sentence_even_with_other_case_and_punctuation():
    bitext = read_text("de").head(6)
    source = [*bitext.source, *(text.upper() + " !" for text in bitext.source), "Hund und Katze"]
    english = [*bitext.english, *bitext.english, "dog and cat"]
    splits = build_pairs(
        source, english, from_pairs([{(0, 1)}] * 13), TOKENIZER, replace(PROTOCOL, test=1, dev=1)
    )
    lines = [line for _, table in splits.values() for line in table["line"].to_pylist()]
    assert lines == [0, 1, 2, 3, 4, 5, 12]


def test_words_without_subwords_or_past_the_limit_are_in_no_pair():
    source = ["ein \u200d Hundehütte bellt", "zwei x y z", "drei v w u"]
    english = ["a \u200d doghouse barks", "the b c d", "one e f g"]
    links = from_pairs([{(k, k) for k in range(4)}] * 3)
    limit = 2 + len(TOKENIZER.encode("ein", add_special_tokens=False).ids) + 1
    protocol = replace(PROTOCOL, test=1, dev=1, identical=True, max_subwords=limit)
    split, table = build_pairs(source, english, links, TOKENIZER, protocol)["test"]
    assert table["source_word"].to_pylist() == ["ein"]
    assert split.source.ids.tolist() == TOKENIZER.encode("ein").ids


def test_too_few_sentences_and_links_of_other_sentences_are_refused():
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


def test_keys_depend_only_on_letters_and_digits():
    assert sentence_key("Das Haus, 7!") == sentence_key("das  HAUS 7")
    assert sentence_key("Das Haus, 7!") != sentence_key("Das Haus, 8!")
    assert sentence_key("!") != sentence_key("?")
    assert np.uint64(sentence_key("a")) == sentence_key("a")
