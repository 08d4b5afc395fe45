import json

import numpy as np
import pytest
from tiny import PROTOCOL, build, read_text

from pipeline.encoder.subwords import read_tokenizer
from pipeline.encoder.word_vectors import pair_vectors, side_vectors
from pipeline.pairs.word_pairs import pairs_of_sentences
from pipeline.retrieval.csls import retrieve
from pipeline.retrieval.evaluate import EvaluationData, Evaluator, GoldSet
from pipeline.retrieval.gold_words import gold_ranks
from pipeline.retrieval.results import direction_accuracies
from pipeline.retrieval.sentences import sentence_ranks
from pipeline.word_align.encoder_aligner import EncoderAligner, gold_error_rates
from pipeline.word_align.gold import Gold
from pipeline.word_align.links import from_pairs

ROTATION = np.linalg.qr(np.random.default_rng(0).normal(size=(16, 16)))[0].astype(np.float32)
ROTATIONS = {1: None, 2: ROTATION}


def evaluation_data(language, tokenizer, rotations):
    """Training pairs of four sentences fewer than their table has, and a gold set of two."""
    splits = build(language, test=20)
    (test, test_pairs), (training, training_pairs) = splits["test"], splits["train"]
    bitext = read_text(language).head(2)
    links = from_pairs([{(0, 0), (1, 1)}, {(0, 0)}])
    gold = Gold(list(bitext.source), list(bitext.english), links, links)
    split, pairs = pairs_of_sentences(gold.source, gold.english, links, tokenizer, PROTOCOL)
    return EvaluationData(
        test=test,
        test_pairs=test_pairs.to_pandas(),
        training=training.head(len(training) - 4),
        training_pairs=training_pairs.to_pandas(),
        gold={"tiny": GoldSet(gold, split, pairs.to_pandas())},
        rotations=rotations,
    )


@pytest.fixture(scope="module")
def tokenizer(encoder_folder):
    return read_tokenizer(encoder_folder)


@pytest.mark.parametrize("special_tokens", [False, True])
def test_evaluates_the_rotated_last_layer_and_those_below(encoder, tokenizer, special_tokens):
    data = evaluation_data("de", tokenizer, ROTATIONS)
    evaluator = Evaluator(encoder, tokenizer, [1, 2], 5, special_tokens)
    ((language, evaluation),) = evaluator.evaluations({"de": data})
    words, figures, tables = len(data.test_pairs), evaluation.figures, evaluation.tables
    assert language == "de"
    assert evaluation.summary["words"] == words == len(tables["outcomes"])
    assert len(tables["neighbours"]) == 2 * 5 * words
    assert list(figures["layers"]) == ["1", "2"]
    of_words = figures["layers"]["2"]["words"]
    assert of_words == {key: evaluation.summary[key] for key in of_words}
    assert figures["similarities"]["csls"]["mean@1"] == evaluation.summary["mean"]
    assert (figures["with_special_tokens"] is not None) == special_tokens
    source, english = pair_vectors(encoder, data.test)
    if not special_tokens:
        expected = retrieve(source @ ROTATION, english, 5)["csls"]
        assert of_words == direction_accuracies(expected)
        assert tables["outcomes"].to_english_rank.tolist() == expected[0].rank.tolist()
    assert 0 < figures["noncontextual"]["pairs"] <= words
    aligner = EncoderAligner(encoder, tokenizer, layer=1)
    assert figures["gold"] == {"tiny": gold_error_rates(data.gold["tiny"].gold, aligner)}
    assert figures["gold_layer"] == 1
    turned = EncoderAligner(encoder, tokenizer, layer=2, rotation=ROTATION)
    rates = gold_error_rates(data.gold["tiny"].gold, turned)
    assert figures["layers"]["2"]["gold"] == {"tiny": rates}


def test_gold_words_and_sentences_are_retrieved_at_the_last_layer(encoder, tokenizer):
    data = evaluation_data("de", tokenizer, ROTATIONS)
    ((_, evaluation),) = Evaluator(encoder, tokenizer, [1, 2], 5, False).evaluations({"de": data})
    gold, tables = data.gold["tiny"], evaluation.tables
    sides = [pair_vectors(encoder, split) for split in (gold.split, data.test)]
    (x, y), (near, others) = ((source @ ROTATION, english) for source, english in sides)
    expected = gold_ranks((x, y), (near, others), 5)
    assert len(expected) == len(gold.pairs) == 3
    assert tables["gold"][expected.columns].equals(expected)
    assert tables["gold"]["set"].tolist() == ["tiny"] * 3
    assert tables["gold"]["english_word"].tolist() == gold.pairs["english_word"].tolist()
    means = [
        side_vectors(encoder, side, [2]).means[0] for side in (data.test.source, data.test.english)
    ]
    assert tables["sentences"].equals(sentence_ranks(means[0] @ ROTATION, means[1]))


def test_languages_that_share_english_are_measured_as_alone(encoder, tokenizer):
    plain = {1: None, 2: None}
    data = {
        "de": evaluation_data("de", tokenizer, plain),
        "fr": evaluation_data("de", tokenizer, plain),
    }
    evaluator = Evaluator(encoder, tokenizer, [1, 2], 5, False)
    together = dict(evaluator.evaluations(data))
    for language, of_language in data.items():
        ((_, alone),) = evaluator.evaluations({language: of_language})
        assert json.dumps(together[language].figures) == json.dumps(alone.figures)


def test_without_gold_sets_there_are_no_gold_words(encoder, tokenizer):
    data = evaluation_data("de", tokenizer, ROTATIONS)
    bare = EvaluationData(**{**vars(data), "gold": {}})
    ((_, evaluation),) = Evaluator(encoder, tokenizer, [1, 2], 5, False).evaluations({"de": bare})
    assert evaluation.tables["gold"].empty
    assert "to_english_rank" in evaluation.tables["gold"]
    assert evaluation.figures["gold"] == {}
