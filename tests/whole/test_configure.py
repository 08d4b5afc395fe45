"""configure on params.yaml that a user has changed: what is the user's own stays."""

import json
import shutil
from pathlib import Path

import pytest
from clones import ROOT, commit, done, edit_params

from stages.configure import main
from stages.params import load_params
from stages.yaml_reader import load_yaml

PAPER, XLMR, CURVE = (Path(f"configs/{name}.yaml") for name in ("paper", "xlmr", "curve"))


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A fresh clone, as far as configure looks at it."""
    shutil.copy(ROOT / "params.yaml", tmp_path)
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    (tmp_path / ".gitignore").write_text("/.dvc/tmp\n")
    done(tmp_path, "git", "init", "--quiet")
    commit(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def replace(clone, old, new):
    """Edit params.yaml as with an editor."""
    text = (clone / "params.yaml").read_text("utf-8")
    assert text.count(old) == 1
    (clone / "params.yaml").write_text(text.replace(old, new), "utf-8")


def content(clone):
    return load_yaml((clone / "params.yaml").read_text("utf-8"), "params.yaml")


def kept(capsys):
    """Keys and values that configure says it kept."""
    lines = [line for line in capsys.readouterr().out.splitlines() if ", not " in line]
    return [line.strip() for line in lines if line.startswith("  ")]


def test_a_killed_run_goes_on_with_what_the_user_changed_since(clone, capsys):
    main([PAPER])
    assert kept(capsys) == []
    replace(clone, "batch_tokens: 512 ", "batch_tokens: 256 ")  # as in the default params
    replace(clone, "seeds: [1, 2, 3]", "seeds: [1]")
    before = (clone / "params.yaml").read_bytes()
    for _ in range(2):
        main([PAPER])
        printed = capsys.readouterr().out
        assert "  align.defaults.batch_tokens: 256, not 512\n" in printed
        assert "  xnli.seeds: [1], not [1, 2, 3]\n" in printed
        assert "python -m stages configure --force configs/paper.yaml\n" in printed
        assert (clone / "params.yaml").read_bytes() == before
    main([PAPER], force=True)
    assert kept(capsys) == []
    assert content(clone)["align"]["defaults"]["batch_tokens"] == 512


def test_the_change_stays_when_it_is_committed_or_the_comments_are_lost(clone, capsys):
    main([PAPER])
    edit_params(clone, lambda params: params["align"]["defaults"].update(batch_tokens=256))
    commit(clone)
    main([PAPER])
    assert kept(capsys) == ["align.defaults.batch_tokens: 256, not 512"]


def test_without_the_record_the_likeliest_start_is_taken(clone, capsys):
    main([PAPER])
    replace(clone, "batch_tokens: 512 ", "batch_tokens: 256 ")
    shutil.rmtree(".dvc")
    main([PAPER])
    assert kept(capsys) == ["align.defaults.batch_tokens: 256, not 512"]


def test_on_another_known_config_everything_is_applied(clone, capsys):
    main([XLMR])
    shutil.rmtree(".dvc")
    main([PAPER])
    assert kept(capsys) == []
    assert load_params().encoder.name == "google-bert/bert-base-multilingual-cased"


def test_a_second_config_is_applied_on_purpose_and_so_is_the_first_one_again(clone, capsys):
    main([PAPER])
    replace(clone, "batch_tokens: 512 ", "batch_tokens: 128 ")
    main([XLMR])
    assert load_params().encoder.name == "FacebookAI/xlm-roberta-base"
    assert kept(capsys) == []
    main([PAPER])
    assert load_params().encoder.name == "google-bert/bert-base-multilingual-cased"
    assert kept(capsys) == ["align.defaults.batch_tokens: 128, not 512"]


def test_what_was_changed_in_a_fresh_clone_stays_and_the_rest_is_applied(clone, capsys):
    replace(clone, "seeds: [1] ", "seeds: [4, 5] ")
    replace(clone, "resamples: 10000", "resamples: 500")
    replace(clone, "de: {corpus: software", "de: {corpus: file:own.tsv")
    main([PAPER])
    params = load_params()
    assert params.xnli.seeds == [4, 5]
    assert params.analyses.resamples == 500
    assert params.languages["de"].corpus[0].name == "file:own.tsv"
    assert params.encoder.name == "google-bert/bert-base-multilingual-cased"
    printed = capsys.readouterr().out
    assert "  xnli.seeds: [4, 5], not [1, 2, 3]\n" in printed
    assert '  languages.de.corpus: "file:own.tsv", not "europarl"\n' in printed


def test_after_an_undo_everything_is_applied_again(clone, capsys):
    main([PAPER])
    done(clone, "git", "checkout", "--quiet", "params.yaml")
    replace(clone, "resamples: 10000", "resamples: 500")
    main([PAPER])
    assert kept(capsys) == []
    assert load_params().xnli.seeds == [1, 2, 3]


def test_a_config_that_changes_is_applied_again(clone, capsys):
    own = Path("own.yaml")
    for size in (64, 32):
        own.write_text(f"align: {{defaults: {{batch_tokens: {size}}}}}\n")
        main([own])
        assert load_params().method("l2").batch_tokens == size
    assert kept(capsys) == []


def test_a_removed_block_stays_removed(clone, capsys):
    main([CURVE])
    edit_params(clone, lambda params: params["align"].pop("l2_10k"))
    edit_params(clone, lambda params: params["methods"].remove("l2_10k"))
    main([CURVE])
    assert kept(capsys) == [
        'methods: ["base", "l2_50k", "l2_250k"], not ["base", "l2_10k", "l2_50k", "l2_250k"]',
        'align.l2_10k.objective: absent, not "l2"',
        "align.l2_10k.sentences: absent, not 10000",
    ]
    assert "l2_10k" not in content(clone)["align"]


@pytest.mark.parametrize("damage", ["", "{}", "[]", '{"params": [1, 2]}', '{"params": [{}'])
def test_a_damaged_record_is_none(clone, damage, capsys):
    Path(".dvc/tmp").mkdir(parents=True)
    Path(".dvc/tmp/configured.json").write_text(damage)
    main([PAPER])
    assert kept(capsys) == []
    assert json.loads(Path(".dvc/tmp/configured.json").read_text())["params"]


def test_without_git_a_config_is_applied(clone, capsys):
    shutil.rmtree(".git")
    main([PAPER])
    assert load_params().xnli.seeds == [1, 2, 3]


def test_the_command_has_the_option(clone):
    command = ("python", "-m", "stages", "configure", "--force", "configs/paper.yaml")
    environment = {"PYTHONPATH": str(ROOT)}
    assert "params.yaml is changed" in done(clone, *command, **environment)
