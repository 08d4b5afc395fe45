"""Params that are right one by one and wrong together are refused when they are read."""

import copy
import math

import pytest
import yaml
from edited_params import GIVEN, edited

from pipeline.common.errors import PipelineError
from stages.params import load_params


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("pairs.dev", 1, "pairs.dev is 1, it must be greater than or equal to 2"),
        ("pairs.test", 1, "pairs.test is 1, it must be greater than or equal to 2"),
        ("align.l2.dev_sentences", 1, "align.l2.dev_sentences is 1, it must be greater than or"),
        ("align.defaults.warmup", 1.0, "align.defaults.warmup is 1.0, it must be less than 1"),
        ("xnli.tuning.warmup", 1, "xnli.tuning.warmup is 1, it must be less than 1"),
        ("xnli.tuning.max_subwords", 4, "xnli.tuning.max_subwords is 4, it must be greater"),
        ("analyses.resamples", 39, "analyses.resamples is 39, it must be greater than or equal"),
        ("xnli.alignment_weight", math.inf, "xnli.alignment_weight is inf, it must be a finite"),
        (
            "align.l2",
            {"objective": "l2", "patience": 3, "dev_steps": 0},
            "align.l2.patience is 3, it must be 0 while align.l2.dev_steps is 0",
        ),
        (
            "align.defaults",
            GIVEN["align"]["defaults"] | {"patience": 3, "dev_steps": 0},
            "align.defaults.patience is 3, it must be 0 while align.defaults.dev_steps is 0",
        ),
        (
            "retrieval.neighbours",
            512 * 64,
            "retrieval.neighbours is 32768, it must be below the largest number of test word pairs",
        ),
        (
            "download.max_pairs",
            1536,
            "download.max_pairs is 1536, it must be above pairs.test + pairs.dev, 1536",
        ),
        ("judge.agree", 7, "judge.agree is 7, it must be at most judge.runs, 6"),
        (
            "judge.sentences",
            1535,
            "judge.sentences is 1535, it must be at least pairs.test + pairs.dev, 1536",
        ),
        (
            "tokenize.min_characters",
            1999,
            "tokenize.min_characters is 1999, it must be at least 2 below tokenize.max_characters",
        ),
        (
            "tokenize.min_words",
            65,
            "tokenize.min_words is 65, it must be at most pairs.max_words, 64",
        ),
    ],
)
def test_what_would_fail_after_hours_or_mean_nothing_is_refused(tmp_path, key, value, message):
    file = edited(tmp_path, key, value)
    with pytest.raises(PipelineError) as error:
        load_params(file)
    assert str(error.value).startswith(f"{file}: {message}")
    assert "\n" not in str(error.value)


def test_settings_that_agree_are_accepted(tmp_path):
    for key, value in {
        "align.l2": {"objective": "l2", "patience": 3},
        "align.rotation": {"objective": "rotation", "patience": 3, "dev_steps": 0},
        "retrieval.neighbours": 512 * 64 - 1,
        "download.max_pairs": 1537,
        "tokenize.min_characters": 1998,
        "tokenize.min_words": 64,
    }.items():
        load_params(edited(tmp_path, key, value))
    # What no method that trains inherits is no fault.
    content = copy.deepcopy(GIVEN)
    content["align"]["defaults"] |= {"patience": 3, "dev_steps": 0}
    for name in ("l2", "contrastive", "sentence"):
        content["align"][name] |= {"dev_steps": 5}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(content), "utf-8")
    load_params(tmp_path / "params.yaml")


@pytest.mark.parametrize(("source", "translated"), [("xnli", "https://a.b/c.zip"), ("hub", True)])
def test_translate_train_needs_translated_examples(tmp_path, source, translated):
    content = copy.deepcopy(GIVEN)
    content["nli"]["source"] = source
    content["xnli"]["translate_train"] = ["fr"]
    file = tmp_path / "params.yaml"
    file.write_text(yaml.safe_dump(content), "utf-8")
    message = (
        rf"xnli.translate_train is \['fr'\], it must be \[\] unless nli.{source}.translated is"
    )
    with pytest.raises(PipelineError, match=message):
        load_params(file)
    content["nli"][source]["translated"] = translated
    file.write_text(yaml.safe_dump(content), "utf-8")
    load_params(file)


@pytest.mark.parametrize("objective", ["l2", "contrastive", "sentence", "rotation"])
def test_a_method_needs_a_language_to_align(tmp_path, objective):
    content = copy.deepcopy(GIVEN)
    content["methods"] = ["base", objective]
    content["release"]["method"] = "base"
    for block in content["languages"].values():
        block["align"] = False
    file = tmp_path / "params.yaml"
    file.write_text(yaml.safe_dump(content), "utf-8")
    with pytest.raises(PipelineError) as error:
        load_params(file)
    assert f"it must have no {objective} while all languages have align: false" in str(error.value)
    assert "\n" not in str(error.value)
    content["languages"]["fr"]["align"] = True
    file.write_text(yaml.safe_dump(content), "utf-8")
    assert load_params(file).aligned == ["fr"]
    content["languages"]["fr"]["align"] = False
    content["methods"] = ["base"]
    file.write_text(yaml.safe_dump(content), "utf-8")
    assert load_params(file).aligned == []
