"""A language with `align: false` is measured, and no method sees it in training."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from clones import copied, edit_params
from tiny import build

from pipeline.align.objectives import OBJECTIVES, ROTATION
from pipeline.common.files import remove
from pipeline.encoder.pair_arrays import load_split
from stages.align import main as align
from stages.analyses import main as analyses
from stages.continual import main as continual
from stages.release import main as release
from stages.report import main as report
from stages.retrieval import main as retrieval
from stages.xnli import main as xnli

TRAINING = [name for name, objective in OBJECTIVES.items() if objective.trains]
# What params have of French, besides German that is aligned.
ALONE, UNALIGNED, ALIGNED = None, False, True


@pytest.fixture(scope="module")
def project(finished, tmp_path_factory):
    return copied(finished, tmp_path_factory.mktemp("unaligned") / "project")


@pytest.fixture
def given(project, monkeypatch):
    """The project as current folder; params and word pairs come back after the test."""
    monkeypatch.chdir(project)
    params = (project / "params.yaml").read_bytes()
    yield project
    (project / "params.yaml").write_bytes(params)


def with_french(project, french, objective, interleave="each"):
    """The params with one method of an objective, and French as `french` says."""

    def edit(params):
        german = params["languages"]["de"]
        params["languages"] = {"de": german}
        if french is not ALONE:
            corpus = german["corpus"].replace("/de.", "/fr.")
            params["languages"]["fr"] = {"corpus": corpus, "align": french}
        params["xnli"]["continual"] = ["l2"] if OBJECTIVES[objective].trains else []
        params["align"]["l2"] = {"objective": objective, "interleave": interleave}
        params["align"]["l2"] |= {"dev_steps": 1, "patience": 2, "epochs": 3, "sentences": 12}

    edit_params(project, edit)


def trained(project, *args, **kwargs):
    """The weights of an alignment, and its series with dev retrieval."""
    with_french(project, *args, **kwargs)
    align("l2")
    folder = project / "artifacts" / "align" / "l2"
    return tuple((folder / name).read_bytes() for name in ("model.safetensors", "training.csv"))


@pytest.mark.parametrize("interleave", ["each", "share"])
@pytest.mark.parametrize("objective", TRAINING)
def test_training_is_that_without_the_language(given, objective, interleave):
    alone, unaligned, aligned = (
        trained(given, french, objective, interleave) for french in (ALONE, UNALIGNED, ALIGNED)
    )
    assert unaligned == alone
    assert aligned[0] != alone[0]


def test_its_retrieval_is_that_of_the_encoder_trained_without_it(given):
    figures = []
    for french in (ALONE, UNALIGNED):
        trained(given, french, "l2")
        with_french(given, UNALIGNED, "l2")
        retrieval("l2")
        for language in ("de", "fr"):
            folder = given / "artifacts" / "retrieval" / "l2" / language
            figures.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert figures[:2] == figures[2:]


def test_its_held_out_sentences_train_no_other_language(given):
    """Its test and dev sentences are here the last ones in German, which German trains on."""
    pairs = given / "artifacts" / "pairs"
    saved = copied(pairs, given / "saved")
    splits = {name: split for name, (split, _) in build("fr", True, test=8, dev=4).items()}
    for name, split in splits.items():
        remove(pairs / "fr" / name)
        split.save(pairs / "fr" / name)
    unaligned = trained(given, UNALIGNED, "l2")
    alone = trained(given, ALONE, "l2")
    held_out = [splits[name].english.keys for name in ("test", "dev")]
    train = load_split(pairs / "de" / "train")
    left = ~np.isin(train.english.keys, np.concatenate(held_out))
    assert 12 < left.sum() < len(train)
    rest = train.take(np.flatnonzero(left))
    remove(pairs / "de" / "train")
    rest.save(pairs / "de" / "train")
    assert trained(given, ALONE, "l2") == unaligned
    assert alone == unaligned  # the first 12 sentences are not among them
    with_french(given, UNALIGNED, "l2")
    remove(pairs)
    saved.rename(pairs)


def test_it_has_no_rotation_and_keeps_its_vectors(given):
    with_french(given, UNALIGNED, ROTATION)
    for method in ("base", "l2"):
        align(method)
        retrieval(method)
    given_outcomes, rotated = (
        pd.read_parquet(given / "artifacts" / "retrieval" / method / "fr" / "outcomes.parquet")
        for method in ("base", "l2")
    )
    pd.testing.assert_frame_equal(given_outcomes, rotated)
    with_french(given, ALIGNED, ROTATION)
    align("l2")
    retrieval("l2")
    rotated = pd.read_parquet(given / "artifacts/retrieval/l2/fr/outcomes.parquet")
    assert not given_outcomes.equals(rotated)


def test_inference_is_tested_in_it_and_does_not_align_it(given):
    predicted = []
    for french in (ALONE, UNALIGNED):
        trained(given, french, "l2")
        xnli("l2", 1)
        continual("l2", 1)
        for folder in ("xnli/l2", "xnli/continual/l2"):
            predicted.append(pd.read_parquet(given / "artifacts" / folder / "1.parquet"))
    for alone, unaligned in zip(predicted[:2], predicted[2:], strict=True):
        assert set(unaligned["language"]) == {"en", "de", "fr"}
        same = unaligned[unaligned["language"] != "fr"].reset_index(drop=True)
        pd.testing.assert_frame_equal(alone.reset_index(drop=True), same)


def test_its_provenance_names_what_was_trained_on_and_what_was_held_out(given):
    trained(given, UNALIGNED, "l2")
    made = json.loads((given / "artifacts" / "align" / "l2" / "provenance.json").read_text())
    assert list(made["params"]["languages"]) == ["de"]
    assert {"artifacts/pairs/de", "artifacts/pairs/fr"} <= set(made["inputs"])


def test_its_analyses_count_no_training(given):
    trained(given, UNALIGNED, "l2")
    retrieval("l2")
    for language in ("de", "fr"):
        analyses(language)
    bins = {
        language: pd.read_csv(given / "artifacts" / "analyses" / language / "accuracies.csv")
        .groupby("analysis")["bin"]
        .unique()
        for language in ("de", "fr")
    }
    assert bins["fr"]["seen"].tolist() == ["neither"]
    assert bins["fr"]["contexts"].tolist() == bins["fr"]["translations"].tolist() == ["0"]
    assert len(bins["fr"]["frequency"]) > 1  # in its text, which the others are compared with too
    assert len(bins["de"]["seen"]) > 1


def test_the_report_and_the_card_say_so_and_give_means_apart(given):
    shown = {}
    for french in (ALIGNED, UNALIGNED):
        trained(given, french, "l2")
        retrieval("l2")
        for language in ("de", "fr"):
            analyses(language)
        report()
        release()
        folder = given / "artifacts"
        names = ("report/report.md", "report/index.html", "release/README.md")
        shown[french] = [(folder / name).read_text("utf-8") for name in names]
    assert not any("not aligned" in text for text in shown[ALIGNED])
    markdown, html, card = shown[UNALIGNED]
    assert "No method was trained on fr, marked as not aligned" in markdown
    for text in (markdown, html, card):
        assert "fr → en (not aligned)" in text
        assert "de → en (not aligned)" not in text
        assert "mean of languages that were not aligned" in text
    headings = ("Aligned languages:", "Languages that were not aligned:")
    assert [markdown.count(heading) for heading in headings] == [5, 5]
    assert "1 of them not aligned" in html
    assert "French (not aligned)" in html
    assert "English was aligned with:\nde." in card
    rows = pd.read_csv(given / "artifacts/report/retrieval.csv").query("method == 'l2'")
    means = rows.groupby("language")["accuracy"].mean()
    for group, language in zip(
        ("aligned languages", "languages that were not aligned"), means, strict=True
    ):
        assert re.search(rf"mean of {group} .*\b{100 * language:.1f} ", markdown)
    every = pd.read_csv(given / "artifacts/report/protocols.csv").query(
        "method == 'l2' and pairs == 'all'"
    )
    means = every.groupby("language")["accuracy"].mean()
    layers = pd.read_csv(given / "artifacts/report/layers.csv")
    assert layers["l2"].iloc[-1] == pytest.approx(means["de"])
    assert layers["l2 (not aligned)"].iloc[-1] == pytest.approx(means["fr"])
