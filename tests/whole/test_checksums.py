"""checksums.yaml in the project: in an experiment, in a clone without it, and a mismatch."""

import shutil

import pytest
import yaml
from clones import ROOT, commit, copied, done, edit_params, run
from fault_server import Served, serve

DATA = (ROOT / "tests" / "text" / "de.tsv").read_bytes()


@pytest.fixture
def project(project_with_data, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return copied(project_with_data, tmp_path / "project")


def listed(project):
    return yaml.safe_load((project / "checksums.yaml").read_text("utf-8")) or {}


def test_the_default_run_has_no_line():
    assert listed(ROOT) == {}


@pytest.mark.slow
def test_an_experiment_brings_its_lines_and_a_run_without_the_file_makes_it(project):
    with serve(Served(DATA)) as server:
        address = f"{server.url}/de.tsv"
        edit_params(project, lambda params: params["languages"]["de"].update(corpus=address))
        commit(project)
        done(project, "dvc", "exp", "run", "--temp", "--name", "elsewhere", "download@de")
        assert listed(project) == {}
        run(project, "dvc", "exp", "apply", "elsewhere")  # its other stages did not run
        before = listed(project)
        assert list(before) == [address]
        assert done(project, "dvc", "status", "download@de").strip().endswith("up to date.")
        server.served.data, server.served.etag = DATA.replace(b"e", b"a"), '"2"'
        result = run(project, "python", "-m", "stages", "download", "de")
        assert result.returncode == 1
        message = result.stderr.splitlines()[-1]
        assert before[address] in message
        (project / "checksums.yaml").write_text(message.rpartition("there instead: ")[2] + "\n")
        done(project, "python", "-m", "stages", "download", "de")
        accepted = listed(project)
        assert accepted != before
        (project / "checksums.yaml").unlink()
        shutil.rmtree(project / "artifacts")
        done(project, "python", "-m", "stages", "download", "de")
        assert listed(project) == accepted


def test_a_malformed_file_is_one_line_and_only_where_it_is_read(project):
    (project / "checksums.yaml").write_text("- https://host\n")
    done(project, "python", "-m", "stages", "download", "de")  # a file of this machine
    edit_params(
        project, lambda params: params["languages"]["de"].update(corpus="https://host/a.tsv")
    )
    result = run(project, "python", "-m", "stages", "download", "de")
    assert result.returncode == 1
    assert result.stderr == (
        "error: checksums.yaml: not lines of ADDRESS: sha256, one for each address (line 1): "
        "correct it, or restore it with git\n"
    )
