import os
import resource
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from pipeline.common.errors import PipelineError
from pipeline.common.files import atomic, copy_folder, read_lines, remove, write_json, write_lines
from pipeline.common.parquet import write_parquet
from pipeline.encoder.load import load_encoder, save_encoder


def test_atomic_replaces_a_file_and_a_folder(tmp_path):
    for name in ("file", "folder"):
        for content in ("old", "new"):
            with atomic(tmp_path / name) as temporary:
                if name == "folder":
                    temporary.mkdir()
                    (temporary / content).touch()
                else:
                    temporary.write_text(content)
    assert (tmp_path / "file").read_text() == "new"
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["new"]


def test_atomic_keeps_the_old_file_when_the_write_fails(tmp_path):
    (tmp_path / "file").write_text("old")
    with pytest.raises(ZeroDivisionError), atomic(tmp_path / "file") as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "old"


def test_atomic_leaves_the_temporary_file_of_the_next_writer(tmp_path, monkeypatch):
    replace = Path.replace

    def replaced(self, target):
        replace(self, target)
        self.write_text("of the next writer")  # who waited for this moment

    monkeypatch.setattr(Path, "replace", replaced)
    with atomic(tmp_path / "out") as temporary:
        temporary.touch()
    assert (tmp_path / ".out.tmp").read_text() == "of the next writer"


def test_atomic_removes_what_a_killed_run_left(tmp_path):
    (tmp_path / ".out.tmp").mkdir()
    (tmp_path / ".out.tmp" / "half").touch()
    with atomic(tmp_path / "out") as temporary:
        temporary.write_text("whole")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_only_newlines_separate_lines(tmp_path):
    lines = ["a\u2028b", "c\x0bd\x85e", "", "f"]
    write_lines(tmp_path / "text", lines)
    assert read_lines(tmp_path / "text") == lines
    write_lines(tmp_path / "text", [])
    assert read_lines(tmp_path / "text") == []


def test_same_content_same_bytes(tmp_path):
    frame = pd.DataFrame({"text": ["ä", "b"], "ids": [[1, 2], [3]]})
    for name in ("one", "two"):
        write_parquet(tmp_path / f"{name}.parquet", frame)
        write_json(tmp_path / f"{name}.json", {"b": 1, "a": "ä"})
    for suffix in (".parquet", ".json"):
        one, two = ((tmp_path / name).with_suffix(suffix) for name in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_a_copy_of_links_to_read_only_files_is_writable(tmp_path):
    for name in ("cache", "model"):
        (tmp_path / name).mkdir()
    (tmp_path / "cache" / "1f").write_text("weights")
    (tmp_path / "cache" / "1f").chmod(0o444)
    (tmp_path / "model" / "weights").symlink_to(tmp_path / "cache" / "1f")
    copy_folder(tmp_path / "model", tmp_path / "copy")
    copied = tmp_path / "copy" / "weights"
    assert not copied.is_symlink()
    assert copied.read_text() == "weights"
    assert copied.stat().st_mode & 0o200


def test_remove_does_not_follow_links(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    remove(tmp_path / "link")
    remove(tmp_path / "absent")
    assert (tmp_path / "folder" / "file").exists()
    assert not (tmp_path / "link").exists()


def test_a_written_file_replaces_a_link_but_not_its_target(tmp_path):
    (tmp_path / "cached").write_text("old")
    (tmp_path / "out").symlink_to(tmp_path / "cached")
    write_lines(tmp_path / "out", ["new"])
    assert (tmp_path / "cached").read_text() == "old"
    assert read_lines(tmp_path / "out") == ["new"]


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 64 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def small_files():
    """Limit the files of this process to 32 KiB."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**15, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def write_large(name: str, path: Path, encoder: Path) -> None:
    """Write more than 64 KiB of incompressible data with the named library."""
    noise = os.urandom(2**16)
    if name == "text":
        write_lines(path, [noise.hex()])
    elif name == "json":
        write_json(path, {"noise": noise.hex()})
    elif name == "parquet":
        write_parquet(path, pd.DataFrame({"noise": [noise]}))
    elif name == "csv":
        with atomic(path) as folder:
            folder.mkdir()
            pd.DataFrame({"noise": [noise.hex()]}).to_csv(folder / "table.csv")
    else:
        model = load_encoder(encoder)
        model.resize_token_embeddings(2**11)
        with atomic(path) as folder:
            save_encoder(model, None, folder)


WRITERS = ["text", "json", "parquet", "csv", "encoder"]


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_is_a_one_line_error_and_keeps_the_old_file(name, small_disk, encoder_folder):
    write_lines(small_disk / "out", ["old"])
    with pytest.raises(PipelineError) as error:
        write_large(name, small_disk / "out", encoder_folder)
    remedy = "not written, no space left on device: free some space, then run it again"
    assert str(error.value) == f"{small_disk / 'out'}: {remedy}"
    assert read_lines(small_disk / "out") == ["old"]
    assert [path.name for path in small_disk.iterdir()] == ["out"]


@pytest.mark.usefixtures("small_files")
@pytest.mark.parametrize("name", WRITERS)
def test_a_file_size_limit_is_a_one_line_error_and_keeps_the_old_file(
    name, tmp_path, encoder_folder
):
    write_lines(tmp_path / "out", ["old"])
    with pytest.raises(PipelineError, match=r"^\S+/out: not written, file too large: free some"):
        write_large(name, tmp_path / "out", encoder_folder)
    assert read_lines(tmp_path / "out") == ["old"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_other_write_errors_are_not_translated(tmp_path):
    with pytest.raises(PermissionError), atomic(tmp_path / "out"):
        raise PermissionError(13, "Permission denied")
