"""The time that the models of stages take on this machine, by params."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.align.objectives import OBJECTIVES
from pipeline.encoder.devices import default_device
from pipeline.needs.space import Run
from pipeline.needs.time import (
    EXAMPLE,
    SAMPLE_EXAMPLE,
    Reading,
    aligned_subwords,
    continued_subwords,
    pair_subwords,
    time_lines,
    tuned_subwords,
)
from pipeline.obtain.e5_packages import CONFIG
from pipeline.obtain.hub import hub_config
from pipeline.obtain.names import EMBEDDED
from stages import ARTIFACTS
from stages.params import Params


def expected_time(params: Params, run: Run) -> list[str]:
    """A line for each step with models, and one on the speed that was measured."""
    readings = [reading for stage in run.stages if (reading := _reading(params, run, stage))]
    if not readings:
        return ["no model runs"]
    return time_lines(readings, _config(params, run.stages), default_device())


def _reading(params: Params, run: Run, stage: str) -> Reading | None:
    """What the models of a stage read; None for steps without models."""
    step, _, name = stage.partition("@")
    nli, tuning, languages = params.nli, params.xnli.tuning, params.aligned
    if step == "align" and OBJECTIVES[params.align[name].objective].trains:
        settings = params.align[name]
        pairs = [run.pairs[code] for code in languages]
        return Reading(step, aligned_subwords(settings, pairs), settings.precision)
    if step in ("xnli", "translate_train", "continual"):
        test = run.tested if step != "translate_train" else nli.test
        length = EXAMPLE if nli.located else SAMPLE_EXAMPLE
        subwords = tuned_subwords(tuning, length, nli.train, nli.dev, test)
        if step == "continual":
            method = params.align[name.rpartition("-")[0]]
            subwords += continued_subwords(method, tuning, nli.train, len(languages))
        return Reading(step, subwords, tuning.precision)
    if step == "word_align" and run.links:
        return Reading(step, pair_subwords(run.pairs[name]), "float32")
    if step == "retrieval":
        of_language = params.pairs.test + params.retrieval.type_sentences
        sentences = len(params.languages) * of_language
        return Reading(step, pair_subwords(sentences), "float32")
    return None


def _config(params: Params, stages: Sequence[str]) -> Mapping[str, Any]:
    """The configuration of the encoder, which the step encoder may still have to fetch."""
    name, revision = params.encoder.name, params.encoder.revision
    folder = Path(name) if "encoder" in stages else ARTIFACTS / "encoder"
    if "encoder" in stages and revision is not None:
        return hub_config(name, revision)
    if "encoder" in stages and name == EMBEDDED:
        return CONFIG
    content: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
    return content
