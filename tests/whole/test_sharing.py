"""Two teammates: what one has run, the other has, without running it again."""

import filecmp
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from clones import commit, copied, done, edit_params, ran
from s3_store import s3_store
from warm import WarmShell

from pipeline.common.dvc_cache import cached_files, damaged

LOCAL = {"usage", "live"}  # folders of artifacts that no remote has
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrEXAMPLE"}
# Root may write to everything, unless it gives that up; others cannot in the first place.
MORTAL = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
MORTAL = MORTAL if os.geteuid() == 0 else []


@pytest.fixture
def endpoint(monkeypatch, tmp_path):
    """A store on this machine with one empty bucket."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    for name, value in {**KEYS, "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "empty").touch()
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "empty"))
    with s3_store("team") as endpoint:
        yield endpoint


def cloned(project: Path, folder: Path) -> Path:
    """A clone with an empty cache and no artifacts."""
    done(project, "git", "clone", "--quiet", str(project), str(folder))
    return folder


def assert_same(one: Path, two: Path) -> None:
    """The same artifacts under the same hashes; each machine has its own usage and live curves."""
    assert (one / "dvc.lock").read_bytes() == (two / "dvc.lock").read_bytes()
    names = [
        {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
        for folder in (one / "artifacts", two / "artifacts")
    ]
    shared = [{name for name in each if name.parts[0] not in LOCAL} for each in names]
    assert shared[0] == shared[1] != set()
    _, different, errors = filecmp.cmpfiles(
        one / "artifacts", two / "artifacts", shared[0], shallow=False
    )
    assert different == errors == []


def assert_takes_all(folder: Path) -> None:
    """Everything comes from the remote, and no stage runs: each would write what it took."""
    usage = folder / "artifacts" / "usage"
    shutil.rmtree(usage, ignore_errors=True)
    assert ran(done(folder, "dvc", "repro", "--pull")) == []
    assert not usage.exists()
    assert "up to date" in done(folder, "dvc", "status")
    assert done(folder, "git", "status", "--short") == ""


def fewer_steps(params):
    del params["languages"]["fr"]
    params["methods"] = ["base"]
    params["release"]["method"] = "base"
    params["xnli"] |= {"translate_train": [], "continual": []}


def fewer_pairs(params, language="fr"):
    corpus = {"name": f"file:own/{language}.tsv", "max_pairs": 30}
    params["languages"][language]["corpus"] = corpus


def test_teammates_share_through_s3(finished, endpoint, tmp_path, warm):
    first = copied(finished, tmp_path / "first")
    edit_params(first, fewer_steps)
    done(first, "dvc", "repro", **warm)
    done(first, "dvc", "remote", "add", "--default", "team", "s3://team/store")
    done(first, "dvc", "remote", "modify", "team", "endpointurl", endpoint)
    commit(first)
    done(first, "dvc", "push", "--run-cache")
    second = cloned(first, tmp_path / "elsewhere" / "second")
    assert_takes_all(second)
    assert_same(first, second)
    assert "in sync" in done(second, "dvc", "status", "--cloud")

    edit_params(second, partial(fewer_pairs, language="de"))
    assert "download@de" in ran(done(second, "dvc", "repro", **warm))
    commit(second)
    done(second, "dvc", "push", "--run-cache")
    done(first, "git", "pull", "--quiet", str(second))
    assert_takes_all(first)
    assert_same(first, second)
    assert "in sync" in done(first, "dvc", "status", "--cloud")
    push_at_once(first, second, tmp_path / "third", warm)


def push_at_once(first: Path, second: Path, third: Path, warm: dict[str, str]) -> None:
    """Two results that nobody else has go to the remote together; a third teammate gets both."""
    for seed, folder in enumerate((first, second), 2):
        edit_params(folder, lambda params, seed=seed: params["analyses"].update(seed=seed))
        assert ran(done(folder, "dvc", "repro", **warm)) == ["analyses@de", "report"]
        commit(folder)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda folder: done(folder, "dvc", "push", "--run-cache"), (first, second)))
    cloned(first, third)
    assert_takes_all(third)
    assert_same(first, third)
    done(third, "git", "fetch", "--quiet", str(second))
    done(third, "git", "checkout", "--quiet", "FETCH_HEAD")
    assert_takes_all(third)
    assert_same(second, third)


@pytest.fixture
def group_cache(tmp_path):
    """A cache folder as an administrator makes it, and users who let their group write."""
    umask = os.umask(0o002)
    folder = tmp_path / "cache"
    folder.mkdir()
    folder.chmod(0o2775)  # what is made in it is of its group
    yield folder
    os.umask(umask)


@pytest.fixture
def mortal(tmp_path):
    """The shell of a user who may not write to everything."""
    shell = WarmShell(tmp_path, *MORTAL)
    yield str(shell.program)
    shell.stop()


def test_teammates_share_through_a_folder_and_one_cache(finished, group_cache, mortal, tmp_path):
    first = copied(finished, tmp_path / "first")
    remote = tmp_path / "remote"
    done(first, "dvc", "remote", "add", "--default", "team", str(remote))
    done(first, "dvc", "push", "--run-cache")
    for key, value in {"dir": group_cache, "type": "symlink", "shared": "group"}.items():
        done(first, "dvc", "config", f"cache.{key}", str(value))
    commit(first)

    second = cloned(first, tmp_path / "second")
    assert_takes_all(second)
    assert_same(first, second)
    assert (second / "artifacts" / "align" / "l2" / "model.safetensors").is_symlink()
    assert "in sync" in done(second, "dvc", "status", "--cloud")

    shutil.rmtree(remote)  # the cache alone has everything
    third = cloned(first, tmp_path / "third")
    done(third, "dvc", "checkout", "--quiet")
    assert ran(done(third, "dvc", "repro")) == []
    assert_same(first, third)
    chain = [f"{step}@fr" for step in ("download", "tokenize", "word_align", "pairs")]
    change_and_take(third, second, fewer_pairs, ["own", *chain, "align@l2"], mortal)
    without = ["own", "align@l2"]
    change_and_take(third, second, lambda params: params["languages"].pop("fr"), without, mortal)
    assert_cache_is_whole(group_cache)


def change_and_take(
    one: Path, other: Path, edit: Callable[[Any], Any], stages: list[str], shell: str
) -> None:
    """One teammate runs a change up to the aligned encoder, the other one takes it."""
    repro = (shell, "dvc", "repro", "align@l2")
    edit_params(one, edit)
    assert ran(done(one, *repro, SHELL=shell)) == stages
    commit(one)
    done(other, "git", "pull", "--quiet", str(one))
    done(other, shell, "python", "-m", "stages", "prune")
    assert ran(done(other, *repro, SHELL=shell)) == []
    assert (one / "dvc.lock").read_bytes() == (other / "dvc.lock").read_bytes()


def assert_cache_is_whole(cache: Path) -> None:
    """Nobody wrote through a link; the group may add, and nobody may change a file."""
    assert damaged(cached_files(cache)) == []
    for path in cache.rglob("*"):
        mode = path.stat().st_mode & 0o7777
        if path.is_dir():
            assert mode & 0o2070 == 0o2070, (path, oct(mode))
    assert {path.stat().st_mode & 0o777 for path in cached_files(cache)} == {0o444}
