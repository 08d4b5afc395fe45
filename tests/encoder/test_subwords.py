import numpy as np
from tiny import make_tokenizer, read_text
from tokenizers import normalizers

from pipeline.encoder.subwords import encode_words, read_tokenizer

TOKENIZER = make_tokenizer().backend_tokenizer
TOKENIZER.normalizer = normalizers.Replace("\u200d", "")


def test_words_are_encoded_as_in_their_sentence():
    words = sorted({word for text in read_text("de").source for word in text.split()})
    subwords = encode_words([*words, "\u200d"], TOKENIZER)
    pieces = np.split(subwords.ids, subwords.bounds[1:-1])
    for text in read_text("de").source:
        ids = [piece for word in text.split() for piece in pieces[words.index(word)]]
        whole = TOKENIZER.encode(text.split(), is_pretokenized=True).ids
        assert [*subwords.prefix, *ids, *subwords.suffix] == whole
    assert subwords.bounds[-1] == subwords.bounds[-2]  # a deleted word has no subword


def test_the_tokenizer_of_a_folder_neither_pads_nor_truncates(encoder_folder, tmp_path):
    tokenizer = read_tokenizer(encoder_folder)
    tokenizer.enable_padding(length=300)
    tokenizer.enable_truncation(3)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    ids = read_tokenizer(tmp_path).encode("The dog sleeps under the table").ids
    assert len(ids) >= 8
    assert 0 not in np.array(ids)
