import numpy as np
import pytest
from tiny import build, read_text

from pipeline.encoder.subwords import read_tokenizer
from pipeline.encoder.word_vectors import pair_vectors
from pipeline.retrieval.csls import retrieve
from pipeline.retrieval.evaluate import EvaluatedEncoder, EvaluationData, evaluate
from pipeline.retrieval.results import direction_accuracies
from pipeline.word_align.encoder_aligner import EncoderAligner, gold_error_rates
from pipeline.word_align.gold import Gold
from pipeline.word_align.links import from_pairs

ROTATION = np.linalg.qr(np.random.default_rng(0).normal(size=(16, 16)))[0].astype(np.float32)


@pytest.fixture(scope="module")
def data():
    """Training pairs of four sentences fewer than their table has, and a gold set of two."""
    splits = build("de", test=20)
    (test, test_pairs), (training, training_pairs) = splits["test"], splits["train"]
    bitext = read_text("de").head(2)
    links = from_pairs([{(0, 0)}, {(0, 0)}])
    return EvaluationData(
        test=test,
        test_pairs=test_pairs.to_pandas(),
        training=training.head(len(training) - 4),
        training_pairs=training_pairs.to_pandas(),
        gold={"tiny": Gold(list(bitext.source), list(bitext.english), links, links)},
    )


@pytest.mark.parametrize("special_tokens", [False, True])
def test_evaluates_the_rotated_last_layer_and_those_below(
    encoder, encoder_folder, data, special_tokens
):
    tokenizer = read_tokenizer(encoder_folder)
    evaluated = EvaluatedEncoder(encoder, tokenizer, {1: None, 2: ROTATION})
    evaluation = evaluate(evaluated, data, 5, special_tokens)
    words, figures = len(data.test_pairs), evaluation.figures
    assert evaluation.summary["words"] == words == len(evaluation.outcomes)
    assert len(evaluation.neighbours) == 2 * 5 * words
    assert list(figures["layers"]) == ["1", "2"]
    assert figures["layers"]["2"] == {
        key: evaluation.summary[key] for key in figures["layers"]["2"]
    }
    assert figures["similarities"]["csls"]["mean@1"] == evaluation.summary["mean"]
    assert (figures["with_special_tokens"] is not None) == special_tokens
    source, english = pair_vectors(encoder, data.test)
    if not special_tokens:
        expected = retrieve(source @ ROTATION, english, 5)["csls"]
        assert figures["layers"]["2"] == direction_accuracies(expected)
        assert evaluation.outcomes.to_english_rank.tolist() == expected[0].rank.tolist()
    assert 0 < figures["noncontextual"]["pairs"] <= words
    aligner = EncoderAligner(encoder, tokenizer, rotation=ROTATION)
    assert figures["gold"] == {"tiny": gold_error_rates(data.gold["tiny"], aligner)}
