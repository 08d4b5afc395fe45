"""Data sets that are refused, and examples that are left out."""

import pytest
from nli_data import ALL, own, rows, texts, xnli_tsv

from pipeline.common.errors import PipelineError
from pipeline.nli.reading import load_splits


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.rpartition("de\t")[0], "example|not parallel, examples: 5 in de"),
        (
            lambda text: text.replace("de\tneutral", "de\tentailment", 1),
            "not parallel, example 0: label entailment in de, neutral in en",
        ),
        (
            lambda text: text.replace("\t1\tfaceto", "\t7\tfaceto", 1),
            "not parallel, example 0: key 1 in de, 7 in en",
        ),
    ],
)
def test_languages_that_are_not_parallel_are_refused(tmp_path, change, message):
    train, dev = xnli_tsv(["en"], 3, 4), xnli_tsv(["en", "de"], 0, 1)
    test = change(xnli_tsv(["en", "de"], 1, 3))
    with pytest.raises(PipelineError, match=message) as error:
        load_splits(own(tmp_path, train=train, dev=dev, test=test), ["de"], ALL, tmp_path)
    assert str(error.value).startswith(f"{tmp_path}/test.tsv: ")
    assert "\n" not in str(error.value)


def test_a_test_set_in_the_training_data_is_refused(tmp_path):
    train, dev, test = (xnli_tsv(["en"], *ends) for ends in ((2, 4), (0, 1), (1, 3)))
    message = r"train.tsv: holds 3 of the 6 examples in en of .*test.tsv: give training data"
    with pytest.raises(PipelineError, match=message):
        load_splits(own(tmp_path, train=train, dev=dev, test=test), [], ALL, tmp_path)


def test_chance_repetitions_are_left_out_of_training(tmp_path):
    """One of 300 test examples, and the dev set whole: neither trains, both are counted."""
    line = "en\t{}\t\t\t\t\tuh-huh\t{}\t1\t{}\tslate" + "\t" * 8 + "\n"
    labels = ["neutral", "contradiction", "entailment"]
    header = xnli_tsv([], 0, 0)
    test = header + "".join(line.format(labels[n % 3], f"Test {n}.", n) for n in range(300))
    dev = xnli_tsv(["en"], 0, 1)
    train = xnli_tsv(["en"], 3, 4) + dev.removeprefix(header)
    train += line.format("neutral", " Test 3. ", 9)  # white space does not make it another one
    files = own(tmp_path, train=train, dev=dev, test=test)
    splits, left_out = load_splits(files, [], ALL, tmp_path)
    assert texts(splits["train"], "en") == rows("en", 3, 4)
    assert left_out["train"] == {"no gold label": 0, "also in dev": 3, "also in test": 1}
    assert len(splits["test"]) == 300


def test_a_test_set_without_all_labels_is_refused(tmp_path):
    train, dev, test = (xnli_tsv(["en"], *ends) for ends in ((3, 4), (0, 1), (1, 3)))
    only = test.replace("en\tcontradiction", "en\tneutral")
    message = r"test.tsv: 6 examples in en, labels \['entailment', 'neutral'\]: give a file with"
    with pytest.raises(PipelineError, match=message):
        load_splits(own(tmp_path, train=train, dev=dev, test=only), [], ALL, tmp_path)
