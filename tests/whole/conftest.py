"""What tests of the whole pipeline share."""

import shutil
from pathlib import Path

import pytest
from clones import ROOT, copy_project, done


@pytest.fixture(scope="module")
def project_with_data(tmp_path_factory: pytest.TempPathFactory, encoder_folder: Path) -> Path:
    folder = copy_project(tmp_path_factory.mktemp("project"), encoder_folder)
    done(folder, "dvc", "pull", "data")
    return folder


@pytest.fixture
def shipped(project_with_data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project with the params as shipped, as current folder."""
    shutil.copy(ROOT / "params.yaml", project_with_data)
    monkeypatch.chdir(project_with_data)
    return project_with_data
