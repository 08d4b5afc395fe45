"""What the tests share: the tiny encoder, a browser, and a clone in which the pipeline has run."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

# Tiny models gain nothing from threads, which wait for each other where tests run side by side.
os.environ["OMP_NUM_THREADS"] = "1"

import clones
import pytest
from clones import commit, copy_project, done
from filelock import FileLock
from warm import WarmShell

if TYPE_CHECKING:  # slow to load, and the process that starts the others needs none of it
    from playwright.sync_api import Browser
    from transformers import BertModel

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LONG = ("test_loop.py", "test_stages.py", "test_fine_tuning.py", "test_obtain.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that use `finished` come first, so that both processes end at about the same time.

    A long one of the other files comes second: it runs while the first one builds `finished`. Its
    like come before the short ones.
    """
    users = {item.path for item in items if "finished" in getattr(item, "fixturenames", ())}
    files = dict.fromkeys(item.path for item in items)
    whole, others = ([path for path in files if (path in users) == one] for one in (True, False))
    others.sort(key=lambda path: LONG.index(path.name) if path.name in LONG else len(LONG))
    order = [*whole[:1], *others[:1], *whole[1:], *others[1:]]
    items.sort(key=lambda item: order.index(item.path))


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tiny import make_encoder

    return make_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture
def encoder(encoder_folder: Path) -> "BertModel":
    from pipeline.encoder.load import load_encoder

    return load_encoder(encoder_folder)


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """A headless browser; tests are skipped where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api")
    path = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if path is None:
        pytest.skip("no browser: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def _deterministic() -> Iterator[None]:
    import torch

    torch.manual_seed(0)
    yield
    torch.use_deterministic_algorithms(False)


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Variables with which `dvc` runs stages in processes that have their libraries already.

    From here on `dvc` itself runs so, see `clones.run`.
    """
    shell = WarmShell(tmp_path_factory.mktemp("warm"))
    clones.WARM.append(str(shell.program))
    yield {"SHELL": str(shell.program)}
    clones.WARM.clear()
    shell.stop()


@pytest.fixture(scope="session")
def finished(
    tmp_path_factory: pytest.TempPathFactory, encoder_folder: Path, warm: dict[str, str]
) -> Path:
    """A clone in which the whole pipeline has run, committed. Tests work on copies of it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # it runs once for all processes of pytest
    folder = shared / "finished"
    with FileLock(shared / "finished.lock"):
        if not (shared / "finished.done").exists():  # what failed in one fails in the other
            shutil.rmtree(folder, ignore_errors=True)
            copy_project(folder, encoder_folder)
            done(folder, "dvc", "pull", "data")
            done(folder, "dvc", "repro", **warm)
            commit(folder)
            (shared / "finished.done").touch()
    return folder
