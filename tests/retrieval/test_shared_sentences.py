import numpy as np
from tiny import build, train_split

from pipeline.encoder.word_vectors import side_vectors
from pipeline.retrieval.shared_sentences import SharedSentences, sentence_keys


def test_each_sentence_is_encoded_once_and_has_its_own_vectors(encoder):
    english = train_split("de").english
    sides = [english.take(np.array(rows)) for rows in ([0, 1, 2], [2, 3, 0], [4, 2])]
    encoded = []

    def encode(side):
        encoded.extend(sentence_keys(side))
        return side_vectors(encoder, side, [0, 2])

    shared = SharedSentences(encode, sides)
    for side in sides:
        for array, alone in zip(
            shared.vectors(side), side_vectors(encoder, side, [0, 2]), strict=True
        ):
            np.testing.assert_allclose(array, alone, rtol=1e-4, atol=1e-5)
    assert len(encoded) == len(set(encoded)) == 5
    assert shared.kept == {}  # nothing is kept once no side needs it


def test_sentences_of_equal_subwords_and_other_words_are_different():
    split = build("de", pooling="first")["train"][0]
    other = build("de", pooling="last")["train"][0]
    assert (split.english.ids == other.english.ids).all()
    assert sentence_keys(split.english) != sentence_keys(other.english)
    assert len(set(sentence_keys(split.english))) == len(split)
