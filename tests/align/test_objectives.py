"""The registry of objectives, and an objective and a param added as CONTRIBUTING describes it."""

import copy
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from typing import Annotated

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from clones import ROOT
from pydantic import BeforeValidator
from tiny import TRAINING, train_split

import stages.params
from pipeline.align.loop import align
from pipeline.align.losses import LOSSES
from pipeline.align.objectives import OBJECTIVES, Objective
from pipeline.align.settings import AlignmentSettings
from pipeline.common.constraints import Weight
from pipeline.common.errors import PipelineError
from pipeline.encoder.compact_vocabulary import CompactVocabulary
from pipeline.encoder.word_vectors import pair_vectors
from pipeline.release.model_card import Facts, model_card
from pipeline.report.data_curve import read_curve
from pipeline.report.tables import read_training
from pipeline.xnli.continual import Replay
from stages.methods import over_defaults
from stages.params import Params, parse_params
from stages.values import Settings

SENTENCE = "Training pushed aligned words to within a margin."


@dataclass(frozen=True)
class MarginSettings(AlignmentSettings):
    """The settings with a made-up param."""

    margin: Weight


def within_margin(source, english, pairs_per_process, settings):
    """Half the squared distance, where it exceeds the margin."""
    distances = (source - english).square().sum(dim=1)
    return (distances - settings.margin).clamp(min=0).sum() / sum(pairs_per_process) / 2


@pytest.fixture
def added(monkeypatch):
    """An objective `margin` and its param `margin`, added by the rows of CONTRIBUTING's table."""
    monkeypatch.setitem(OBJECTIVES, "margin", Objective("words", "within_margin", SENTENCE))
    monkeypatch.setitem(LOSSES, "within_margin", within_margin)

    class WithMargin(Params):
        align: Annotated[dict[str, Settings[MarginSettings]], BeforeValidator(over_defaults)]

    monkeypatch.setattr(stages.params, "Params", WithMargin)


def params_with(**margin_block):
    """The shipped params with the method `margin`, under continual learning too."""
    content = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
    content["align"]["defaults"]["margin"] = 0.0
    content["align"]["margin"] = {"objective": "margin", **margin_block}
    content["methods"], content["release"]["method"] = ["base", "margin"], "margin"
    content["xnli"]["continual"] = ["margin"]
    return content


def settings_of(content):
    settings = parse_params(yaml.safe_dump(content), "params.yaml").method("margin")
    # `replace` keeps the class, and so the made-up field.
    return replace(settings, **{**asdict(TRAINING), "objective": "margin"})


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_objective_is_complete(name):
    objective = OBJECTIVES[name]
    assert objective.unit in ("words", "sentences")
    assert objective.trains == (objective.loss in LOSSES)
    assert objective.card.endswith(".")


def test_every_loss_has_an_objective():
    assert {objective.loss for objective in OBJECTIVES.values()} == {None, *LOSSES}


def test_an_unknown_objective_is_refused_with_the_names_of_all():
    content = params_with()
    del content["align"]["defaults"]["margin"]
    with pytest.raises(PipelineError) as error:
        parse_params(yaml.safe_dump(content), "params.yaml")
    names = [repr(name) for name in OBJECTIVES]
    rule = f"{', '.join(names[:-1])} or {names[-1]}"
    assert f"align.margin.objective is 'margin', it must be {rule}" in str(error.value)


@pytest.mark.usefixtures("added")
def test_constraints_of_an_added_param_are_checked():
    rule = "it must be greater than or equal to 0"
    with pytest.raises(PipelineError, match=f"^params.yaml: align.margin.margin is -1, {rule}$"):
        settings_of(params_with(margin=-1))


@pytest.mark.usefixtures("added")
def test_an_added_objective_trains_and_is_reported(encoder, tmp_path):
    settings = settings_of(params_with(margin=0.25))
    assert settings.margin == 0.25
    pairs = {"de": train_split("de")}
    before = np.subtract(*pair_vectors(encoder, pairs["de"]))
    history = align(encoder, pairs, replace(settings, epochs=3, learning_rate=5e-3))
    after = np.subtract(*pair_vectors(encoder, pairs["de"]))
    assert np.square(after).sum() < 0.9 * np.square(before).sum()

    (tmp_path / "margin").mkdir()
    history.to_csv(tmp_path / "margin" / "training.csv", index=False)
    reported = read_training(tmp_path, ["base", "margin"])
    assert reported["loss"].tolist() == pytest.approx(history["loss"].tolist())


@pytest.mark.usefixtures("added")
def test_an_added_objective_continues_during_fine_tuning(encoder):
    splits = {"de": train_split("de").head(8)}
    settings = replace(settings_of(params_with(margin=0.25)), regularizer="none")
    whole_distance = replace(settings, objective="l2")
    losses = []
    for chosen in (replace(settings, margin=0.0), whole_distance):
        model = copy.deepcopy(encoder)
        replay = Replay(splits, chosen, 1.0)
        replay.begin(model, CompactVocabulary(model, replay.ids()), torch.device("cpu"))
        losses.append(replay().item())
    assert losses[0] == pytest.approx(losses[1] / 2)


@pytest.mark.usefixtures("added")
def test_an_added_objective_has_a_curve():
    content = params_with()
    files = {
        ("1", f"artifacts/retrieval/{method}/de/summary.json"): {"mean": accuracy}
        for method, accuracy in {"base": 0.2, "margin": 0.4}.items()
    }
    data = {"params": {"params.yaml": {"data": content}}}
    experiment = {"executor": {"state": "success"}, "revs": [{"rev": "1", "data": data}]}
    curve = read_curve([{"experiments": [experiment]}], "artifacts", lambda *key: files.get(key))
    assert curve[["series", "sentences", "accuracy"]].to_numpy().tolist() == [
        ["margin", content["align"]["defaults"]["sentences"], 0.4],
        ["margin", 0, 0.2],
    ]


@pytest.mark.usefixtures("added")
def test_an_added_objective_has_a_model_card():
    change = {"difference": 0.1, "difference_low": 0.0, "difference_high": 0.2, "p": 0.04}
    figures = pd.DataFrame({"method": ["base", "margin"], "accuracy": [0.5, 0.6]}).assign(**change)
    retrieval = figures.assign(language="de", query="de → en", words=9, low=0.4, high=0.7)
    retrieval = retrieval.assign(pairs="all")
    inference = figures.assign(language="mean", examples=9)
    facts = Facts(
        encoder="e5-small",
        revision=None,
        licence=None,
        corpora={"de": ["software"]},
        method="margin",
        settings=asdict(settings_of(params_with(margin=0.25))),
        pooling="last",
        inference="sample",
    )
    card = model_card(facts, retrieval, inference)
    assert SENTENCE in card
    assert "margin: 0.25" in card


def test_base_and_the_registry_load_without_torch():
    code = (
        "import sys, stages.align, pipeline.release.model_card, pipeline.report.data_curve\n"
        "print([name for name in ('torch', 'accelerate', 'transformers') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout == "[]\n"
