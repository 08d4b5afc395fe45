import zipfile
import zlib

import pytest

from pipeline.common.errors import PipelineError
from pipeline.fetch.archives import has_member, open_archive, open_member


@pytest.fixture
def archive(tmp_path):
    """A zip as macOS makes it, with folders."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.mkdir("x")
        file.writestr("x/a.tsv", "text of a\n" * 9)
        file.writestr("__MACOSX/x/._a.tsv", "Mac OS X")
        file.writestr("x/train/b.tsv", "train")
        file.writestr("x/test/b.tsv", "test")
    return path


def content(path, name):
    with open_archive(path) as file, open_member(path, file, name) as member:
        return member.read()


def fault(path, name):
    with pytest.raises(PipelineError) as error:
        content(path, name)
    assert str(error.value).isprintable()
    return str(error.value).removeprefix(f"{path.parent}/")


def test_members_are_found_by_the_end_of_their_path(archive):
    assert content(archive, "a.tsv") == content(archive, "x/a.tsv") == b"text of a\n" * 9
    assert content(archive, "test/b.tsv") == b"test"
    assert has_member(archive, "a.tsv")
    assert not has_member(archive, ".tsv")
    assert has_member(archive, "x/._a.tsv")


def test_several_members_and_none_are_listed(archive):
    message = "a.zip: has 2 members that end in b.tsv, not one, but x/train/b.tsv, x/test/b.tsv: "
    assert fault(archive, "b.tsv") == f"{message}name one of them in params.yaml"
    message = "a.zip: has 0 members that end in c, not one, but x/a.tsv, x/train/b.tsv, x/test/"
    assert fault(archive, "c").startswith(message)


def with_bytes(path, offset_in_local, offset_in_directory, value):
    """Change a field of the member a.tsv in both of its headers."""
    raw = bytearray(path.read_bytes())
    local = raw.index(b"x/a.tsv") - 30
    directory = raw.rindex(b"x/a.tsv", 0, raw.rindex(b"__MACOSX")) - 46
    raw[local + offset_in_local] = raw[directory + offset_in_directory] = value
    path.write_bytes(raw)


def test_encrypted_members_and_unknown_compression_are_named(archive):
    with_bytes(archive, 6, 8, 1)
    assert fault(archive, "a.tsv") == (
        "a.zip: member 'x/a.tsv' is encrypted: pack it without a password"
    )
    assert content(archive, "test/b.tsv") == b"test"
    with_bytes(archive, 6, 8, 0)
    with_bytes(archive, 8, 10, 9)  # Deflate64, as Windows packs large files
    assert fault(archive, "a.tsv").startswith("a.zip: cannot be read (That compression method")


def test_damaged_data_of_a_member_is_one_line(archive):
    raw = bytearray(archive.read_bytes())
    start = raw.index(b"x/a.tsv") + len(b"x/a.tsv")
    raw[start : start + 4] = b"\xff\xff\xff\xff"
    archive.write_bytes(raw)
    message = fault(archive, "a.tsv")
    assert message.startswith("a.zip: not a whole zip (")
    with pytest.raises(zlib.error), zipfile.ZipFile(archive) as file:
        file.read("x/a.tsv")


def test_zip64(tmp_path):
    with (
        zipfile.ZipFile(tmp_path / "a.zip", "w") as file,
        file.open("a.tsv", "w", force_zip64=True) as member,
    ):
        member.write(b"text")
    assert content(tmp_path / "a.zip", "a.tsv") == b"text"
