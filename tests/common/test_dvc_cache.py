"""Damaged files in the cache are found, deleted and fetched again from the remote."""

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
    """Flip one bit, as a failing disk does: size, time and mode are unchanged."""
    status = path.stat()
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    path.chmod(0o444)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_finds_files_whose_hash_differs_from_their_name(tmp_path):
    files = [write_object(tmp_path, bytes([byte]) * 9) for byte in range(20)]
    listing = write_object(tmp_path, b'[{"md5": "0"}]', ".dir")
    (tmp_path / "files" / "md5" / "ab").mkdir()
    (tmp_path / "files" / "md5" / "ab" / "half-written.tmp").touch()
    cached = cached_files(tmp_path)
    assert cached == sorted([*files, listing])
    assert damaged(cached) == []
    for path in (files[3], listing):
        damage(path)
    assert damaged(cached) == sorted([files[3], listing])


def test_verify_deletes_a_damaged_file_and_repro_pulls_it_again(finished, tmp_path):
    project = copied(finished, tmp_path / "project")
    done(project, "dvc", "remote", "add", "--default", "team", str(tmp_path / "remote"))
    done(project, "dvc", "push", "--run-cache")
    verify = (sys.executable, "-m", "stages", "verify")
    assert "are intact" in done(project, *verify)
    (out, _) = yaml.safe_load((project / "dvc.lock").read_text())["stages"]["nli"]["outs"][:2]
    path = project / ".dvc" / "cache" / "files" / "md5" / out["md5"][:2] / out["md5"][2:]
    damage(path)
    failed = run(project, *verify)
    assert failed.returncode == 1
    assert f"{path}: damaged, deleted" in failed.stdout
    assert failed.stderr.splitlines()[-1].startswith("error: verify: 1 of ")

    for name in ("artifacts", "data"):
        shutil.rmtree(project / name)
    assert ran(done(project, "dvc", "repro", "--pull")) == []
    for file in (path, project / out["path"]):
        assert hashlib.md5(file.read_bytes()).hexdigest() == out["md5"]
    assert "up to date" in done(project, "dvc", "status")
    assert "are intact" in done(project, *verify)
