import numpy as np
import pandas as pd
import pytest
import torch

from pipeline.encoder import load_encoder
from pipeline.subwords import read_tokenizer
from pipeline.xnli import LABELS, FineTuning, accuracy, fine_tune, predict, subwords

TUNING = FineTuning(epochs=60, batch=6, learning_rate=3e-3, warmup=0.1, max_subwords=64, seed=1)
NOUNS = ("dog", "cat", "bird", "train", "farmer", "teacher", "doctor", "judge")
EXAMPLES = pd.DataFrame(
    [
        (f"The {noun} is near the {place}.", f"The {noun} is {word} the {place}.", label)
        for noun in NOUNS
        for place in ("river", "house")
        for word, label in zip(("near", "behind", "outside"), LABELS, strict=True)
    ],
    columns=["premise", "hypothesis", "label"],
)


def test_subwords_are_both_sentences_between_special_tokens(encoder_folder):
    tokenizer = read_tokenizer(encoder_folder)
    row = EXAMPLES.head(1)
    ids = subwords(row, tokenizer, 64)[0].tolist()
    one, two = (
        tokenizer.encode(row[side][0], add_special_tokens=False).ids
        for side in ("premise", "hypothesis")
    )
    assert ids == [2, *one, 3, *two, 3]
    assert len(subwords(row, tokenizer, 9)[0]) == 9


def test_memorises_a_small_set_and_two_runs_agree(encoder_folder):
    tokenizer = read_tokenizer(encoder_folder)
    logits = []
    for _ in range(2):
        classifier = fine_tune(load_encoder(encoder_folder), tokenizer, EXAMPLES, TUNING)
        logits.append(predict(classifier, tokenizer, EXAMPLES, 64))
    assert accuracy(logits[0], list(EXAMPLES.label)) >= 0.95
    assert logits[0].tobytes() == logits[1].tobytes()


def test_labels_without_information_are_guessed(encoder_folder):
    tokenizer = read_tokenizer(encoder_folder)
    shuffled = EXAMPLES.sample(frac=1, random_state=0).reset_index(drop=True)
    noise = EXAMPLES.assign(label=np.random.default_rng(0).permutation(EXAMPLES.label))
    train, test = noise.iloc[::2], shuffled
    tuning = FineTuning(**{**vars(TUNING), "epochs": 2})
    classifier = fine_tune(load_encoder(encoder_folder), tokenizer, train, tuning)
    found = accuracy(predict(classifier, tokenizer, test, 64), list(test.label))
    assert 0.15 < found < 0.55


def test_predictions_do_not_depend_on_the_other_examples(encoder_folder):
    tokenizer = read_tokenizer(encoder_folder)
    classifier = fine_tune(
        load_encoder(encoder_folder),
        tokenizer,
        EXAMPLES,
        FineTuning(**{**vars(TUNING), "epochs": 1}),
    )
    together = predict(classifier, tokenizer, EXAMPLES, 64)
    for index in (0, 17):
        alone = predict(classifier, tokenizer, EXAMPLES.iloc[[index]], 64)
        np.testing.assert_allclose(alone[0], together[index], atol=1e-5)


def test_accuracy_counts_the_largest_logit():
    logits = np.array([[2, 1, 0], [0, 2, 1], [5, 4, 3], [0, 0, 1]], np.float32)
    assert accuracy(logits, ["entailment", "neutral", "contradiction", "contradiction"]) == 0.75


def test_the_head_is_linear_on_the_first_token(encoder_folder):
    tokenizer = read_tokenizer(encoder_folder)
    tuning = FineTuning(**{**vars(TUNING), "epochs": 1})
    classifier = fine_tune(load_encoder(encoder_folder), tokenizer, EXAMPLES, tuning)
    ids = torch.from_numpy(subwords(EXAMPLES.head(1), tokenizer, 64)[0])[None]
    with torch.no_grad():
        first = classifier.encoder(input_ids=ids).last_hidden_state[0, 0]
        expected = classifier.linear.weight @ first + classifier.linear.bias
    found = predict(classifier, tokenizer, EXAMPLES.head(1), 64)[0]
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-5)
    assert tuple(classifier.linear.weight.shape) == (3, 16)
    with pytest.raises(AttributeError):
        _ = classifier.pooler
