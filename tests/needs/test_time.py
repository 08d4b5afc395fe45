"""The time of models, against counted weights and plain formulas."""

import json
from dataclasses import replace

import pytest
import torch
from clones import ROOT
from transformers import AutoConfig, AutoModel

from pipeline.common.errors import PipelineError
from pipeline.needs.space import Run
from pipeline.needs.time import (
    EFFICIENCY,
    EXAMPLE,
    SENTENCE,
    Reading,
    aligned_subwords,
    continued_subwords,
    layer_weights,
    matrix_speed,
    seconds,
    time_lines,
    tuned_subwords,
)
from stages.params import load_params
from stages.timed import expected_time

CPU = torch.device("cpu")
SIZES = {
    "bert": {"hidden_size": 32, "num_hidden_layers": 3, "intermediate_size": 64},
    "distilbert": {"dim": 32, "n_layers": 2, "hidden_dim": 64},
    "xlm-roberta": {"hidden_size": 16, "num_hidden_layers": 5, "intermediate_size": 48},
}


@pytest.mark.parametrize("kind", SIZES)
def test_weights_of_layers_are_those_of_the_matrices_in_the_model(kind):
    heads = {"num_attention_heads": 2} if kind != "distilbert" else {"n_heads": 2}
    model = AutoModel.from_config(AutoConfig.for_model(kind, vocab_size=9, **SIZES[kind], **heads))
    layers = (weight for name, weight in model.named_parameters() if "layer." in name)
    matrices = sum(weight.numel() for weight in layers if weight.dim() == 2)
    assert layer_weights(model.config.to_dict()) == matrices


@pytest.fixture(scope="module")
def params():
    return load_params(ROOT / "params.yaml")


def test_alignment_reads_both_sides_three_times_and_english_again_where_it_is_frozen(params):
    live = replace(params.align["l2"], sentences=100, epochs=2, target="live", regularizer="none")
    pairs = {"de": 60, "fr": 1000}  # the second has more than is trained on
    once = 2 * (60 + 100) * SENTENCE
    assert aligned_subwords(live, pairs.values()) == 2 * 3 * once
    for frozen in (replace(live, target="frozen"), replace(live, regularizer="output")):
        assert aligned_subwords(frozen, pairs.values()) == 2 * (3 * once + once / 2)


def test_fine_tuning_trains_on_train_and_reads_dev_in_each_epoch_and_test_once(params):
    tuning = replace(params.xnli.tuning, epochs=3, batch=10)
    assert tuned_subwords(tuning, EXAMPLE, 100, 20, 50) == EXAMPLE * (3 * 3 * 100 + 3 * 20 + 50)
    method = replace(params.align["l2"], batch_tokens=256)
    assert continued_subwords(method, tuning, 100, 5) == 30 * 3 * 5 * 256


def test_lines_add_the_stages_of_a_step():
    config = SIZES["bert"]
    speed = matrix_speed(CPU, torch.float32)
    hour = 3600 * EFFICIENCY * speed / (2 * layer_weights(config))
    assert seconds(hour, layer_weights(config), speed) == pytest.approx(3600)
    readings = [Reading(step, hour / 16, "float32") for step in ("align", "xnli") * 2]
    *lines, last = time_lines(readings, config, CPU)
    minutes = {line.split(": ")[0]: float(line.split(": ")[1].split()[0]) for line in lines}
    assert minutes == pytest.approx(
        dict.fromkeys(("align", "xnli"), 7.5), rel=0.7
    )  # it measures anew
    assert "on one cpu" in last


def test_sizes_under_names_that_we_do_not_know_are_no_estimate():
    readings = [Reading("align", 1e6, "float32")]
    unknown = ["not known for an encoder with this configuration"]
    assert time_lines(readings, {"model_type": "other"}, CPU) == unknown


def test_a_hub_is_not_asked_for_an_encoder_that_is_here(params, tmp_path, monkeypatch):
    """With no network: the step encoder has run, or its result was pulled."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    encoder = params.encoder.model_copy(update={"name": "team/absent", "revision": "0" * 40})
    absent = params.model_copy(update={"encoder": encoder})
    (tmp_path / "artifacts" / "encoder").mkdir(parents=True)
    (tmp_path / "artifacts" / "encoder" / "config.json").write_text(json.dumps(SIZES["bert"]))
    run = Run(["align@l2"], dict.fromkeys(params.languages, 9), 0, ["l2"], 0, 0)
    assert expected_time(absent, run)[0].startswith("align: ")
    with pytest.raises(PipelineError, match="team/absent"):
        expected_time(absent, replace(run, stages=["encoder", "align@l2"]))
