import numpy as np
import pytest
import torch
from inference import EXAMPLES
from tokenizers import Tokenizer
from tokenizers.processors import RobertaProcessing
from transformers import BertTokenizer, DistilBertConfig

from pipeline.encoder.subwords import read_tokenizer
from pipeline.xnli.classifier import Classifier, accuracy, encode, predict


@pytest.fixture
def classifier(encoder):
    return Classifier(encoder).train(False)


@pytest.fixture
def tokenizer(encoder_folder):
    return read_tokenizer(encoder_folder)


@pytest.mark.parametrize("limit", [64, 21])
def test_a_batch_equals_the_output_of_berts_tokenizer(encoder, tokenizer, limit):
    rows = [3, 20, 1]
    reference = BertTokenizer(vocab=tokenizer.get_vocab(), do_lower_case=False)
    bert = Tokenizer.from_str(reference.backend_tokenizer.to_str())
    found = encode(EXAMPLES, bert, encoder.config, limit).batch(rows, pad_id=0)
    texts = (EXAMPLES[side].iloc[rows].tolist() for side in ("premise", "hypothesis"))
    options = {"padding": True, "truncation": "longest_first", "max_length": limit}
    expected = reference(*texts, **options, return_tensors="pt")
    assert set(found) == set(expected) == {"input_ids", "attention_mask", "token_type_ids"}
    for name, tensor in expected.items():
        assert torch.equal(found[name], tensor), name
    assert 0 < found["token_type_ids"].sum() < found["attention_mask"].sum()
    assert found["attention_mask"].shape[1] <= limit


def test_there_are_no_token_types_if_the_encoder_or_tokenizer_has_none(encoder, tokenizer):
    assert encode(EXAMPLES, tokenizer, encoder.config, 64).types is not None
    encoder.config.type_vocab_size = 1
    assert encode(EXAMPLES, tokenizer, encoder.config, 64).types is None
    assert encode(EXAMPLES, tokenizer, DistilBertConfig(), 64).types is None
    encoder.config.type_vocab_size = 2
    tokenizer.post_processor = RobertaProcessing(("[SEP]", 3), ("[CLS]", 2))
    inputs = encode(EXAMPLES, tokenizer, encoder.config, 64)
    assert set(inputs.batch([0, 1], pad_id=0)) == {"input_ids", "attention_mask"}


def test_the_head_is_linear_on_the_first_token_of_typed_sentences(classifier, tokenizer):
    inputs = encode(EXAMPLES.head(1), tokenizer, classifier.encoder.config, 64)
    ids, types = (torch.from_numpy(each[0])[None] for each in (inputs.ids, inputs.types))
    expected = {}
    for name, given in {"typed": {"token_type_ids": types}, "untyped": {}}.items():
        with torch.no_grad():
            first = classifier.encoder(input_ids=ids, **given).last_hidden_state[0, 0]
            logits = classifier.linear.weight @ first + classifier.linear.bias
        expected[name] = logits.numpy()
    np.testing.assert_allclose(predict(classifier, inputs)[0], expected["typed"], atol=1e-5)
    untyped = predict(classifier, inputs._replace(types=None))[0]
    np.testing.assert_allclose(untyped, expected["untyped"], atol=1e-5)
    assert np.abs(expected["typed"] - expected["untyped"]).max() > 1e-3


def test_a_rotation_is_applied_before_the_head(classifier, tokenizer):
    inputs = encode(EXAMPLES.head(5), tokenizer, classifier.encoder.config, 64)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(16, 16)))[0].astype(np.float32)
    found = predict(classifier, inputs, turn)
    assert np.abs(found - predict(classifier, inputs)).max() > 1e-3
    with torch.no_grad():  # x W a' = x (a W')'
        classifier.linear.weight.copy_(classifier.linear.weight @ torch.from_numpy(turn).T)
    np.testing.assert_allclose(found, predict(classifier, inputs), atol=1e-5)


def test_predictions_do_not_depend_on_the_other_examples(classifier, tokenizer):
    config = classifier.encoder.config
    together = predict(classifier, encode(EXAMPLES, tokenizer, config, 64))
    for index in (0, 17):
        alone = predict(classifier, encode(EXAMPLES.iloc[[index]], tokenizer, config, 64))
        np.testing.assert_allclose(alone[0], together[index], atol=1e-5)


def test_the_encoder_but_not_the_head_computes_in_bfloat16(encoder, tokenizer):
    inputs = encode(EXAMPLES, tokenizer, encoder.config, 64)
    full = Classifier(encoder)
    half = Classifier(encoder, torch.bfloat16)
    half.linear = full.linear
    one, two = predict(full, inputs), predict(half, inputs)
    assert not np.array_equal(one, two)
    np.testing.assert_allclose(one, two, atol=0.1)
    rounded = torch.from_numpy(two).bfloat16().float().numpy()
    assert not np.array_equal(two, rounded)


def test_accuracy_counts_the_largest_logit():
    logits = np.array([[2, 1, 0], [0, 2, 1], [5, 4, 3], [0, 0, 1]], np.float32)
    assert accuracy(logits, ["entailment", "neutral", "contradiction", "contradiction"]) == 0.75
