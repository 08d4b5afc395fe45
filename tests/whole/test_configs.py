"""configs/: each is put into params.yaml, is valid there, and plans the stages that it should."""

import re
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
import yaml
from clones import ROOT, done
from dvc.repo import Repo

from pipeline.common.errors import PipelineError
from stages.configure import main
from stages.params import load_params

CONFIGS = sorted(path.name for path in (ROOT / "configs").iterdir())
PAPER = ["bg", "de", "el", "es", "fr"]
XNLI = ["ar", "bg", "de", "el", "es", "fr", "hi", "ru", "sw", "th", "tr", "ur", "vi", "zh"]
# Steps with a network; they come first, so that no training is lost for a host that is down.
FETCHING = {"encoder", "download", "aligner", "nli"}
TEXT = ("tokenize", "word_align", "pairs", "judge")
COMPUTING = {*TEXT, "align", "retrieval", "xnli", "translate_train"}
SIZES = ["base", "l2_10k", "l2_50k", "l2_250k"]
# Languages, methods, seeds, and languages of translate-train, by the configs that are put together.
PLANS = {
    "paper.yaml": (PAPER, ["base", "l2", "frozen"], [1, 2, 3], PAPER),
    "languages15.yaml": (XNLI, ["base", "l2"], [1], []),
    "xlmr.yaml": (PAPER, ["base", "l2"], [1], []),
    "quick.yaml": (["de", "fr"], ["base", "l2"], [1], []),
    "curve.yaml": (PAPER, SIZES, [1], []),
    "paper.yaml languages15.yaml": (XNLI, ["base", "l2", "frozen"], [1, 2, 3], PAPER),
    "paper.yaml xlmr.yaml": (PAPER, ["base", "l2", "frozen"], [1, 2, 3], PAPER),
    "paper.yaml curve.yaml": (PAPER, SIZES, [1, 2, 3], PAPER),
}


def configure(configs: str) -> None:
    main([Path("configs") / name for name in configs.split()])


def stages(languages, methods, seeds, translated):
    """All stages, by name."""
    single = ["own", "encoder", "aligner", "nli", "report", "release"]
    chain = product(["download", *TEXT, "analyses"], languages)
    names = [f"{step}@{language}" for step, language in chain]
    names += [f"{step}@{method}" for step, method in product(["align", "retrieval"], methods)]
    names += [f"xnli@{method}-{seed}" for method, seed in product(methods, seeds)]
    names += [f"translate_train@{each}-{seed}" for each, seed in product(translated, seeds)]
    return sorted([*single, *names])


def test_every_config_has_a_plan():
    assert sorted(name for name in PLANS if " " not in name) == CONFIGS


@pytest.mark.parametrize("configs", PLANS)
def test_a_config_plans_exactly_its_stages(shipped, configs):
    configure(configs)
    load_params(shipped / "params.yaml")
    with Repo() as repo:
        plan = [stage.addressing for stage in repo.reproduce(dry=True, force_downstream=True)]
    assert sorted(plan) == stages(*PLANS[configs])
    steps = [stage.partition("@")[0] for stage in plan]
    last_fetched = max(number for number, step in enumerate(steps) if step in FETCHING)
    assert not set(steps[: last_fetched + 1]) & COMPUTING


@pytest.mark.parametrize("configs", PLANS)
def test_a_config_changes_what_it_names_and_nothing_else(shipped, configs, capsys):
    before = (shipped / "params.yaml").read_text("utf-8")
    configure(configs)
    shown, after = capsys.readouterr().out, (shipped / "params.yaml").read_text("utf-8")
    expected = yaml.safe_load(before)
    for name in configs.split():
        text = (ROOT / "configs" / name).read_text("utf-8")
        assert text.split("\n")[0].removeprefix("# ") in shown
        config = yaml.safe_load(text)
        expected |= {"languages": config.pop("languages", expected["languages"])}
        for path, value in leaves(config):
            block = expected
            for key in path[:-1]:
                block = block.setdefault(key, {})
            block[path[-1]] = value
    assert yaml.safe_load(after) == expected
    for comment in re.findall(r"(?m)#.*$", before):
        assert comment in after


def leaves(block, path=()):
    for key, value in block.items():
        if isinstance(value, dict):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


def test_the_papers_run_has_the_papers_settings(shipped):
    configure("paper.yaml")
    params = load_params(shipped / "params.yaml")
    l2, frozen = params.method("l2"), params.method("frozen")
    assert (l2.target, frozen.target) == ("live", "frozen")
    assert replace(l2, target="frozen") == frozen
    assert (l2.sentences, l2.epochs, l2.learning_rate, l2.warmup) == (250_000, 1, 5e-5, 0.1)
    assert l2.dropout
    assert l2.special_tokens
    assert (params.tokenize.min_characters, params.tokenize.max_characters) == (100, 2000)
    enough = params.pairs.test + params.pairs.dev + params.pairs.train
    assert params.download.max_pairs > enough
    assert params.nli.located is not None
    assert params.nli.located.translated


def test_what_is_not_changed_stays_byte_by_byte(shipped):
    (shipped / "same.yaml").write_text("# Nothing new.\nxnli: {seeds: [1]}\n")
    before = (shipped / "params.yaml").read_bytes()
    result = done(shipped, "python", "-m", "stages", "configure", "same.yaml")
    assert result == "Nothing new.\n\nparams.yaml has these settings already.\n"
    assert (shipped / "params.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("align: {defaults: {lr: 1}}", "faulty.yaml: align.defaults.lr is not a known key"),
        ("release: {method: magic}", "faulty.yaml: release is {'method': 'magic', 'licence': "),
        ("methods: [base]", "it must have as method one of methods: base"),
        ("a: [", "faulty.yaml: cannot be read ("),
        ("", "faulty.yaml: must be blocks of params.yaml"),
    ],
)
def test_a_faulty_config_is_told_in_one_line_and_changes_nothing(shipped, content, message):
    (shipped / "faulty.yaml").write_text(content)
    before = (shipped / "params.yaml").read_bytes()
    for paths in ([Path("configs/xlmr.yaml"), Path("faulty.yaml")], [Path("faulty.yaml")]):
        with pytest.raises(PipelineError) as error:
            main(paths)
        assert "\n" not in str(error.value)
        assert (shipped / "params.yaml").read_bytes() == before
    assert message in str(error.value)
