"""What `dvc repro` plans after an edit: the stages that must run, and no others."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from clones import copied, done, edit_params, ran
from dvc.repo import Repo
from plan_tables import DATA, FILES, LEFT, MESSAGES, NO_DEPENDENCY, OWN, PARAMS
from plans import expanded, fingerprints_restored, planned, with_value

from pipeline.common.files import remove


@pytest.fixture(scope="module")
def project(finished, tmp_path_factory):
    return copied(finished, tmp_path_factory.mktemp("plans") / "project")


@pytest.fixture(autouse=True)
def _in_project(project, warm, monkeypatch):
    monkeypatch.chdir(project)  # DVC takes the dvc.yaml of the current folder
    monkeypatch.setenv("SHELL", warm["SHELL"])
    with fingerprints_restored(project):
        yield


@pytest.mark.parametrize(("key", "value", "steps"), PARAMS)
def test_a_param_runs_what_it_reaches(key, value, steps, project):
    given = (project / "params.yaml").read_bytes()
    edit_params(project, with_value(key, value))
    found = planned()
    (project / "params.yaml").write_bytes(given)
    assert found == expanded(steps)


@contextmanager
def commented(project: Path, names: list[str]) -> Iterator[None]:
    """Files with a comment at their end, which goes after the block."""
    given = {project / name: (project / name).read_bytes() for name in names}
    for path, content in given.items():
        path.write_bytes(content + b"# a comment\n")
    yield
    for path, content in given.items():
        path.write_bytes(content)


@pytest.mark.parametrize(("name", "steps"), FILES + OWN)
def test_a_file_runs_what_it_is_in(name, steps, project):
    with commented(project, [name]):
        plan = planned()
    assert plan == expanded(steps)


def test_files_that_are_no_dependency_run_nothing(project):
    with commented(project, NO_DEPENDENCY):
        plan = planned()
    assert plan == []


@pytest.mark.parametrize(("name", "steps"), DATA)
def test_a_file_of_data_runs_what_reads_it(name, steps, project):
    given = {path: path.read_bytes() for path in (project / name, project / "data.dvc")}
    (project / name).write_bytes(given[project / name] + b"# a comment\n")
    with Repo() as repo:
        repo.add(["data"])
    found = planned()
    for path, content in given.items():
        path.write_bytes(content)
    assert found == expanded(steps)


def test_a_change_of_messages_or_of_reading_packages_trains_nothing(project):
    """Only what depends on the file itself runs, since its outputs stay the same."""
    with commented(project, MESSAGES), Repo() as repo:
        stages = repo.reproduce(dry=True)
    assert {stage.addressing.partition("@")[0] for stage in stages} == {
        "encoder",
        "download",
        "nli",
    }


def test_what_tools_leave_in_a_room_is_no_change(project):
    rooms = [path for path in (project / "pipeline").iterdir() if path.is_dir()]
    left = [room / name for room in rooms for name in LEFT]
    for path in left:
        path.parent.mkdir(exist_ok=True)
        path.write_text("left")
    with Repo() as repo:
        assert repo.status() == {}
    for path in left:
        path.unlink()


def test_every_room_is_in_the_table(project):
    rooms = {path.name for path in (project / "pipeline").iterdir() if path.is_dir()}
    tried = {name.split("/")[1] for name, _ in FILES if name.startswith("pipeline/")}
    assert rooms - {"__pycache__"} == tried


def test_what_a_killed_write_leaves_runs_nothing(project):
    left = project / "artifacts" / "pairs" / ".de.tmp"
    left.mkdir()
    (left / "half").touch()
    found = planned()
    remove(left)
    assert found == []


def test_every_block_of_params_is_in_the_table(project):
    blocks = set(yaml.safe_load((project / "params.yaml").read_text("utf-8")))
    assert {key.split(".")[0] for key, _, _ in PARAMS} == blocks


def test_the_command_plans_the_same_and_without_an_edit_nothing(project):
    command = ("dvc", "repro", "--dry", "--force-downstream")
    assert ran(done(project, *command)) == []
    edit_params(project, with_value("analyses.seed", 2))
    assert ran(done(project, *command)) == ["analyses@de", "analyses@fr", "report", "release"]
    done(project, "git", "checkout", "params.yaml")
