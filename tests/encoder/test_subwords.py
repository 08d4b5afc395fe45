import unicodedata

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from transformers import AutoModel
from zoo import ACROSS_WORDS, TEXT, TOKENIZERS, make_folder

from pipeline.encoder.subwords import count_merged, encode_words, read_tokenizer, special_tokens

BUILT: dict[str, Tokenizer] = {}
LETTERS = [
    char for char in map(chr, range(0x21, 0xFFFF)) if unicodedata.category(char)[0] in "LMNPS"
]


def tokenizer_of(kind):
    if kind not in BUILT:
        BUILT[kind] = TOKENIZERS[kind]()
    return BUILT[kind]


def assembled(sentence, tokenizer):
    """The ids of a sentence from those of its words, with special tokens."""
    words = sentence.split(" ")
    types = sorted(set(words))
    subwords = encode_words(types, tokenizer)
    pieces = subwords.pieces()
    of_words = np.array([types.index(word) for word in words])
    forms = subwords.forms(of_words, np.array([0, len(words)]))
    ids = [piece for form in forms for piece in pieces[form].tolist()]
    return [*subwords.prefix, *ids, *subwords.suffix]


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_subwords_of_a_sentence_are_those_of_its_text(kind):
    tokenizer = tokenizer_of(kind)
    for sentence in TEXT:
        same = assembled(sentence, tokenizer) == tokenizer.encode(sentence).ids
        assert same == (count_merged([sentence], tokenizer) == 0)
        assert same or "<s>" in sentence  # a special token in the text starts a new text


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(0, len(LETTERS) - 1), min_size=1, max_size=5), min_size=1))
def test_random_words_are_read_as_in_their_text_or_counted(words):
    sentence = " ".join("".join(LETTERS[letter] for letter in word) for word in words)
    for kind in TOKENIZERS:
        tokenizer = tokenizer_of(kind)
        same = assembled(sentence, tokenizer) == tokenizer.encode(sentence).ids
        assert count_merged([sentence], tokenizer) == int(not same)


def test_sentences_whose_words_are_merged_are_counted():
    tokenizer = ACROSS_WORDS()
    assert count_merged(TEXT, tokenizer) == len(TEXT)
    assert count_merged([word for text in TEXT for word in text.split(" ")], tokenizer) == 0
    # Each word is still read as the word that it is.
    pieces = encode_words(["dog", "owner"], tokenizer).pieces()
    assert tokenizer.decode(pieces[0].tolist()).replace(" ", "") == "▁dog"


@pytest.mark.parametrize("kind", ["byte-level BPE", "Metaspace BPE, byte fallback"])
def test_vectors_of_words_are_those_of_the_published_tokenizer(kind, tmp_path):
    model = AutoModel.from_pretrained(make_folder(tmp_path, "bert", tokenizer_of(kind))).eval()
    tokenizer = read_tokenizer(tmp_path)
    with torch.no_grad():
        for sentence in TEXT[:-1]:
            ours, text = assembled(sentence, tokenizer), tokenizer.encode(sentence).ids
            vectors = [model(torch.tensor([ids[:66]])).last_hidden_state for ids in (ours, text)]
            torch.testing.assert_close(*vectors, rtol=0, atol=1e-5)


def test_a_word_that_the_tokenizer_deletes_has_no_subwords():
    tokenizer = tokenizer_of("WordPiece, cased")
    pieces = encode_words(["dog", "\u200d"], tokenizer).pieces()
    assert [len(piece) > 0 for piece in pieces] == [True, False, True, False]


def test_special_tokens_are_those_around_a_sentence():
    prefix, suffix = special_tokens(tokenizer_of("byte-level BPE"))
    assert (prefix.tolist(), suffix.tolist()) == ([0], [2])


def test_the_tokenizer_of_a_folder_neither_pads_nor_truncates(encoder_folder, tmp_path):
    tokenizer = read_tokenizer(encoder_folder)
    tokenizer.enable_padding(length=300)
    tokenizer.enable_truncation(3)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    ids = read_tokenizer(tmp_path).encode("The dog sleeps under the table").ids
    assert len(ids) >= 8
    assert 0 not in np.array(ids)
