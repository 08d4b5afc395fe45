"""Damaged files in the cache are found, and filled from intact outputs."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from pipeline.common.dvc_cache import cached_files, damaged, holds_link, identities, refill


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


def test_a_file_that_cannot_be_read_is_damaged(tmp_path):
    path = write_object(tmp_path, b"content")
    path.unlink()
    path.symlink_to(path)  # opening it fails with an OSError, as for a bad block
    assert damaged(cached_files(tmp_path)) == [path]


def test_deleted_files_are_written_again_from_outputs(tmp_path):
    out = tmp_path / "out"
    (out / "inner").mkdir(parents=True)
    (out / "inner" / "a").write_bytes(b"one")
    (out / "b").write_bytes(b"two")
    listing = json.dumps(
        [
            {"md5": hashlib.md5(b"two").hexdigest(), "relpath": "b"},
            {"md5": hashlib.md5(b"one").hexdigest(), "relpath": "inner/a"},
        ]
    ).encode()
    cache, seed = tmp_path / "cache", tmp_path / "seed"
    objects = [write_object(folder, b"one") for folder in (cache, seed)]
    objects += [write_object(cache, listing, ".dir"), write_object(cache, b"lost")]
    for path in objects:
        path.unlink()
    written = dict(refill(objects, [tmp_path / "absent", out]))
    assert written == {
        objects[0]: out / "inner" / "a",
        objects[1]: out / "inner" / "a",
        objects[2]: out,
    }
    assert [path.exists() for path in objects] == [True, True, True, False]
    assert damaged([*cached_files(cache), *cached_files(seed)]) == []
    assert {path.stat().st_mode & 0o777 for path in written} == {0o444}


@pytest.mark.parametrize("link", ["symlink_to", "hardlink_to"])
def test_links_to_files_are_recognised(link, tmp_path):
    target, other = tmp_path / "target", tmp_path / "other"
    target.write_text("a")
    other.write_text("a")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "copy").write_text("a")
    getattr(tmp_path / "out" / "b", link)(other)
    assert not holds_link(tmp_path / "out", identities([target]))
    getattr(tmp_path / "out" / "a", link)(target)
    links = identities([target, tmp_path / "absent"])
    target.unlink()
    assert holds_link(tmp_path / "out", links)
    assert holds_link(tmp_path / "out" / "a", links)
    assert not holds_link(tmp_path / "absent", links)
