import bz2
import gzip
import io
import lzma
import tarfile

import pytest

from pipeline.common.errors import PipelineError
from pipeline.fetch.text_lines import text_lines

LINES = ["größer\n", "a\u2028b\x85c\x0bd\r\n", "NUL\0 here\n", "\n", "no end"]
GERMAN = "Füße\tfeet\nTür\tdoor\nHaus\thouse\n"


def read(content):
    return list(text_lines(io.BytesIO(content), "a.tsv"))


def fault(content):
    with pytest.raises(PipelineError) as error:
        read(content)
    assert str(error.value).isprintable()
    return str(error.value)


def test_lines_are_as_they_are_without_a_byte_order_mark():
    content = "".join(LINES).encode()
    assert read(content) == [line.encode() for line in LINES]
    assert read(b"\xef\xbb\xbf" + content) == [line.encode() for line in LINES]
    assert read(b"") == []


@pytest.mark.parametrize("text", [GERMAN, "Привет\thello\n" * 3, "你好\thello\n我\tI\n", "a\tb\n"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_are_named(text, encoding):
    message = fault(text.encode(encoding))
    assert message.startswith(f"a.tsv: not UTF-8 but {encoding[:6].upper()}")
    name = message.partition("iconv -f ")[2].split()[0]
    assert text.encode(encoding).decode(name) == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(GERMAN, "latin-1"), ("„Tür“\tdoor\n", "cp1252"), ("Площадь\tarea\n", "cp1251")],
)
def test_one_byte_encodings_are_named(text, encoding):
    message = "a.tsv:1001: not UTF-8 but perhaps Latin-1 (ISO-8859-1, Windows-1252): convert it, as"
    content = "".join(["Haus\thouse\n" * 1000, text * 1000]).encode(encoding)
    assert fault(content).startswith(message)
    assert read(b"a\n" * 600_000 + content)  # an ASCII beginning: `text_rules` counts the lines


def test_single_lines_that_are_not_utf_8_are_for_the_reader():
    line = "Füße\tfeet\n".encode()
    content = line * 60 + b"F\xfc\xdfe\n" + line * 39
    assert read(content)[60] == b"F\xfc\xdfe\n"
    assert len(read(b"cafe\n" * 99 + b"caf\xe9\n")) == 100


def tar():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo("a.tsv")
        info.size = 4
        archive.addfile(info, io.BytesIO(b"a\tb\n"))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            gzip.compress(b"a\tb\n", mtime=0),
            "a.tsv: not text, but compressed by gzip: let its name end",
        ),
        (bz2.compress(b"a\tb\n"), "a.tsv: not text, but compressed by bzip2: decompress it"),
        (lzma.compress(b"a\tb\n"), "a.tsv: not text, but compressed by xz: decompress it"),
        (b"PK\x03\x04abc", "a.tsv: not text, but a zip: let its name end in .zip"),
        (b"PAR1abc", "a.tsv: not text, but Parquet: let its name end in .parquet"),
        (tar(), "a.tsv: not text, but a tar archive: unpack it"),
        (b"\n<!DOCTYPE html><html>", "a.tsv: not text, but a web page: check the address"),
        (b"version https://git-lfs.github.com/spec/v1\noid x\n", "a.tsv: not text, but a pointer"),
        (b"a\tb\rc\td\r", "a.tsv: its lines end in CR: let them end in a newline"),
    ],
)
def test_other_types_of_files_are_named(content, message):
    assert fault(content).startswith(message)
