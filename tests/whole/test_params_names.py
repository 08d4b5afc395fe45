"""Names and lists of params that become files, folders and stages."""

import copy

import pytest
import yaml
from clones import ROOT

from pipeline.common.errors import PipelineError
from stages.params import parse_params

GIVEN = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))


def edited(**values):
    """The text of params with some values changed; __ stands for the dot of a key."""
    content = copy.deepcopy(GIVEN)
    for key, value in values.items():
        *path, last = key.split("__")
        block = content
        for name in path:
            block = block[name]
        block[last] = value
    return yaml.safe_dump(content)


def refused(text):
    with pytest.raises(PipelineError) as error:
        parse_params(text, "params.yaml")
    return str(error.value)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("xnli.seeds", [1, 1], "xnli.seeds is [1, 1], it must not have 1 twice: delete one"),
        ("xnli.seeds", [], "xnli.seeds is [], it must have at least 1 item"),
        ("xnli.seeds", [2**31], "xnli.seeds.0 is 2147483648, it must be less than 2147483648"),
        ("xnli.seeds", [True], "xnli.seeds.0 is True, it must be a valid integer"),
        ("xnli.seeds", ["1"], "xnli.seeds.0 is '1', it must be a valid integer"),
        ("xnli.translate_train", ["de", "de"], "xnli.translate_train is ['de', 'de'], it must not"),
        ("xnli.continual", ["l2", "l2"], "xnli.continual is ['l2', 'l2'], it must not have l2 tw"),
        ("methods", [], "methods is [], it must have at least 1 item"),
        ("methods", ["base", "base"], "methods is ['base', 'base'], it must not have base twice"),
        ("methods", [1], "methods.0 is 1, it must be a valid string"),
        ("retrieval.layers", [8, 8], "retrieval.layers is [8, 8], it must not have 8 twice"),
        ("align.l2.layers", [8, 8], "align.l2.layers is [8, 8], it must not have 8 twice"),
        (
            "languages.bg.corpus",
            ["bible", "bible"],
            "languages.bg.corpus is ['bible', 'bible'], it",
        ),
        (
            "languages.bg.corpus",
            ["software", {"name": "software", "share": 0.5}],
            "languages.bg.corpus is ['software', {'name': 'software', 'share': 0.5}], it must not",
        ),
        ("align.l2.regularizer_weight", float("inf"), "align.l2.regularizer_weight is inf, it"),
        ("xnli.alignment_weight", float("nan"), "xnli.alignment_weight is nan, it must be a finit"),
        ("nli.hub.dataset", "../xnli", "nli.hub.dataset is '../xnli', it must be ORG/NAME"),
    ],
)
def test_a_value_that_cannot_become_files_is_refused(key, value, message):
    text = edited(**{key.replace(".", "__"): value})
    assert refused(text).startswith(f"params.yaml: {message}")


# Words of the shell, of paths, of options, of YAML and of dots in keys among them.
BAD = "l2.frozen|a/b|a b|..|.||base.json|-x|_x|1|é|a\n|a;b|$x|*|a:b|~"


@pytest.mark.parametrize("name", [*BAD.split("|"), "x" * 65])
def test_a_method_that_cannot_be_a_file_and_a_stage_is_refused(name):
    text = edited(**{f"align__{name}": {"objective": "l2"}, "methods": [name]})
    rule = "it must be a letter, then up to 63 letters, digits, - or _: rename it"
    expected = f"params.yaml: align.{name} is {name!r}, {rule}"
    assert refused(text).startswith(expected.replace("\n", " "))


@pytest.mark.parametrize("name", ["frozen", "l2-frozen", "l2_10k", "L2", "on", "x" * 64])
def test_other_methods_are_taken(name):
    text = edited(
        **{f"align__{name}": {"objective": "l2"}, "methods": [name], "release__method": name}
    )
    assert parse_params(text, "params.yaml").methods == [name]


@pytest.mark.parametrize("name", ["words", "Layer", "continual", "translate-train"])
def test_a_method_may_not_have_the_name_of_something_beside_it(name):
    line = refused(edited(**{f"align__{name}": {"objective": "l2"}}))
    assert f"must not name {name}, which is a" in line
    assert line.endswith(": give another name")


def test_methods_that_differ_in_case_only_are_refused():
    text = edited(align__L2={"objective": "l2"}, methods=["base", "l2", "L2"])
    assert refused(text).endswith("it must not have both l2 and L2: rename one")
