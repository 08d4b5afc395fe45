"""Damaged files of the cache are found, and mended from the remote."""

import hashlib
import os
import shutil
import sys
from pathlib import Path

import yaml
from clones import copied, done, ran, run

from pipeline.common.dvc_cache import cached_files, damaged


def write_object(cache: Path, content: bytes, suffix: str = "") -> Path:
    name = hashlib.md5(content).hexdigest()
    path = cache / "files" / "md5" / name[:2] / (name[2:] + suffix)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def damage(path: Path) -> None:
    """Turn one bit, as a disk does: size, time and mode stay."""
    status = path.stat()
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    path.chmod(0o444)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_finds_files_that_are_not_what_their_names_say(tmp_path):
    whole = [write_object(tmp_path, bytes([k]) * 9) for k in range(20)]
    listing = write_object(tmp_path, b'[{"md5": "0"}]', ".dir")
    (tmp_path / "files" / "md5" / "ab").mkdir()
    (tmp_path / "files" / "md5" / "ab" / "half-written.tmp").touch()
    files = cached_files(tmp_path)
    assert files == sorted([*whole, listing])
    assert damaged(files) == []
    for path in (whole[3], listing):
        damage(path)
    assert damaged(files) == sorted([whole[3], listing])


def test_a_damaged_file_is_named_and_comes_back_from_the_remote(finished, tmp_path):
    project = copied(finished, tmp_path / "project")
    done(project, "dvc", "remote", "add", "--default", "team", str(tmp_path / "remote"))
    done(project, "dvc", "push", "--run-cache")
    verify = (sys.executable, "-m", "stages", "verify")
    assert "are whole" in done(project, *verify)
    (out, _) = yaml.safe_load((project / "dvc.lock").read_text())["stages"]["nli"]["outs"][:2]
    path = project / ".dvc" / "cache" / "files" / "md5" / out["md5"][:2] / out["md5"][2:]
    damage(path)
    found = run(project, *verify)
    assert found.returncode == 1
    assert f"{path}: damaged, deleted" in found.stdout
    assert found.stderr.splitlines()[-1].startswith("error: verify: 1 of ")

    for name in ("artifacts", "data"):
        shutil.rmtree(project / name)
    assert ran(done(project, "dvc", "repro", "--pull")) == []
    for each in (path, project / out["path"]):
        assert hashlib.md5(each.read_bytes()).hexdigest() == out["md5"]
    assert "up to date" in done(project, "dvc", "status")
    assert "are whole" in done(project, *verify)
