"""Whether examples are XNLI's follows from params, and only from what proves it."""

import copy

import pytest
import yaml
from edited_params import GIVEN

from pipeline.fetch.pinned import PINNED
from pipeline.report.inference_data import (
    HUB_COMMIT,
    HUB_DATASET,
    MULTINLI_ARCHIVE,
    MULTINLI_TRAIN,
    XNLI_ARCHIVE,
    XNLI_TEST,
    data_of,
)
from stages.params import parse_params

WHOLE = {"train": 393_000, "test": 5_010}
OWN = {"train": "file:a.tsv", "dev": "file:b.tsv", "test": "file:XNLI-1.0/xnli.test.tsv"}


def data(source, block=None, **sizes):
    """The examples of params with a block of that source."""
    content = copy.deepcopy(GIVEN)
    content["nli"] |= {"source": source} | sizes
    if block:
        content["nli"][source] |= block
    return data_of(parse_params(yaml.safe_dump(content), "params.yaml").nli.model_dump())


def test_the_addresses_and_the_commit_are_those_of_the_shipped_params():
    assert GIVEN["nli"]["xnli"]["test"] == XNLI_ARCHIVE
    assert GIVEN["nli"]["xnli"]["train"] == MULTINLI_ARCHIVE
    assert GIVEN["nli"]["hub"] == {
        "dataset": HUB_DATASET,
        "revision": HUB_COMMIT,
        "translated": False,
    }
    assert (WHOLE["train"], WHOLE["test"] + 1) > (MULTINLI_TRAIN, XNLI_TEST)


@pytest.mark.parametrize("source", ["xnli", "hub"])
def test_the_official_archives_and_facebook_xnli_are_xnli(source):
    found = data(source, **WHOLE)
    assert (found.is_xnli, found.is_multinli) == (True, True)
    assert found.label == found.name == "XNLI"
    few = data(source, train=300, test=600)
    assert few.label == "XNLI (600 of its 5,010 test examples)"


MIRROR = "https://mirror.example/XNLI-1.0.zip"


@pytest.mark.parametrize(
    ("source", "block", "is_xnli"),
    [
        ("sample", {}, False),
        ("files", OWN, False),
        ("xnli", {"test": MIRROR}, False),
        ("xnli", {"test": "file:XNLI-1.0.zip"}, False),
        ("xnli", {"test": f"file:XNLI-1.0.zip#sha256={PINNED[XNLI_ARCHIVE]}"}, True),
        ("xnli", {"test": f"hf:me/a@{'0' * 40}/x.zip#sha256={PINNED[XNLI_ARCHIVE]}"}, True),
        ("xnli", {"test": f"{XNLI_ARCHIVE}#sha256={'0' * 64}"}, False),
        ("xnli", {"test": f"{XNLI_ARCHIVE}#endpoint=https://mirror.example"}, False),
        ("xnli", {"test": f"{MIRROR}#sha256={PINNED[XNLI_ARCHIVE]}&sha256={'0' * 64}"}, False),
        ("xnli", {"test": f"{MIRROR}#sha256={'0' * 64}"}, False),
        ("xnli", {"test": f"{MIRROR}#sha256={PINNED[XNLI_ARCHIVE]}"}, True),
        ("hub", {"revision": "0" * 40}, False),
        ("hub", {"dataset": "somebody/xnli"}, False),
    ],
)
def test_what_only_looks_like_xnli_is_not_called_so(source, block, is_xnli):
    found = data(source, block, **WHOLE)
    assert found.is_xnli == is_xnli
    assert (found.label == "XNLI") == is_xnli


def test_training_examples_are_known_apart():
    found = data("xnli", {"train": "file:multinli_1.0.zip"}, **WHOLE)
    assert (found.is_xnli, found.is_multinli) == (True, False)
