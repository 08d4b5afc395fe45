"""Params that the encoder cannot satisfy are refused before the step that would fail for them."""

import pytest
from clones import copied, edit_params, run_step

STEPS = (
    ("encoder",),
    ("pairs", "de"),
    ("align", "l2"),
    ("retrieval", "base"),
    ("xnli", "base", "1"),
    ("translate_train", "de", "1"),
    ("continual", "l2", "1"),
)
WRONG = {
    "align.l2.layers": ("align", {"l2": {"objective": "l2", "layers": [-5]}}, "no layer -5"),
    "retrieval.layers": ("retrieval", {"layers": [0, 8]}, "no layer 8"),
    "pairs.max_subwords": ("pairs", {"max_subwords": 129}, "reads at most 128 subwords"),
    "xnli.tuning.max_subwords": ("xnli.tuning", {"max_subwords": 300}, "lower it to 128"),
}


@pytest.fixture(scope="module")
def project(finished, tmp_path_factory):
    return copied(finished, tmp_path_factory.mktemp("limits") / "project")


@pytest.mark.parametrize("key", WRONG)
def test_every_step_that_reads_the_encoder_refuses_what_it_lacks(key, project, warm):
    block, changes, reason = WRONG[key]
    given = (project / "params.yaml").read_bytes()

    def edit(params):
        for part in block.split("."):
            params = params[part]
        params |= changes

    edit_params(project, edit)
    # Every step refuses the first fault; the others differ only in what they read.
    for step in STEPS if key == "retrieval.layers" else STEPS[:1]:
        result = run_step(project, warm, *step)
        lines = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
        assert result.returncode == 1
        assert len(lines) == 1
        assert f"error: {key} is " in lines[0]
        assert reason in lines[0]
    (project / "params.yaml").write_bytes(given)
