import pandas as pd
import pytest

from pipeline.files import (
    atomic,
    copy_folder,
    read_lines,
    remove,
    write_json,
    write_lines,
    write_parquet,
)


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


def test_atomic_keeps_the_old_content_and_leaves_nothing_when_the_write_fails(tmp_path):
    (tmp_path / "file").write_text("old")
    with pytest.raises(ZeroDivisionError), atomic(tmp_path / "file") as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "old"


def test_atomic_is_not_disturbed_by_what_a_killed_run_left(tmp_path):
    (tmp_path / ".out.tmp").mkdir()
    (tmp_path / ".out.tmp" / "half").touch()
    with atomic(tmp_path / "out") as temporary:
        temporary.write_text("whole")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_lines_are_separated_by_newlines_only(tmp_path):
    lines = ["a\u2028b", "c\x0bd\x85e", "", "f"]
    write_lines(tmp_path / "text", lines)
    assert read_lines(tmp_path / "text") == lines
    write_lines(tmp_path / "text", [])
    assert read_lines(tmp_path / "text") == []


def test_the_same_content_gives_the_same_bytes(tmp_path):
    frame = pd.DataFrame({"text": ["ä", "b"], "ids": [[1, 2], [3]]})
    for name in ("one", "two"):
        write_parquet(tmp_path / f"{name}.parquet", frame)
        write_json(tmp_path / f"{name}.json", {"b": 1, "a": "ä"})
    for suffix in (".parquet", ".json"):
        one, two = ((tmp_path / name).with_suffix(suffix) for name in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_remove_does_not_follow_links(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    remove(tmp_path / "link")
    remove(tmp_path / "absent")
    assert (tmp_path / "folder" / "file").exists()
    assert not (tmp_path / "link").exists()


def test_a_copy_of_links_to_protected_files_is_of_files_that_can_be_changed(tmp_path):
    (tmp_path / "cached").write_text("content")
    (tmp_path / "cached").chmod(0o444)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "file").symlink_to(tmp_path / "cached")
    copy_folder(tmp_path / "out", tmp_path / "copy")
    copy = tmp_path / "copy" / "file"
    assert not copy.is_symlink()
    assert copy.read_text() == "content"
    assert copy.stat().st_mode & 0o200


def test_a_file_takes_the_place_of_a_link_and_leaves_its_target(tmp_path):
    (tmp_path / "cached").write_text("old")
    (tmp_path / "out").symlink_to(tmp_path / "cached")
    write_lines(tmp_path / "out", ["new"])
    assert (tmp_path / "cached").read_text() == "old"
    assert read_lines(tmp_path / "out") == ["new"]
