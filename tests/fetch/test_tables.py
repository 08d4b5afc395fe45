import gzip
import io
import json
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.common.errors import PipelineError
from pipeline.fetch.packed import PackedFile
from pipeline.fetch.tables import RowFaults, Table, read_table, text_cell

ROWS = [('He "left", ja', "n/a"), ("a\u2028b\x85c", ""), (" spaced ", "\ufeff\u00a0x")]
CONTENT = {
    ".tsv": "p\tother\th\n" + "".join(f"{p}\t\t{h}\n" for p, h in ROWS),
    ".csv": pd.DataFrame(ROWS, columns=["p", "h"]).to_csv(index=False),
    ".jsonl": "".join(json.dumps({"p": p, "h": h, "n": [1]}) + "\n" for p, h in ROWS),
}


def table(path, columns=("p", "h"), member=None, **rest):
    return Table(PackedFile(Path(path), member), columns, "name them", **rest)


def read(path, columns=("p", "h"), **rest):
    rows = [row for _, row in read_table(table(path, columns, **rest))]
    return [tuple(row[column] for column in columns) for row in rows]


def fault(path, content=None, columns=("p", "h"), **rest):
    """The one line with which a file is refused."""
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(PipelineError) as error:
        read(path, columns, **rest)
    assert str(error.value).isprintable()
    return str(error.value).removeprefix(f"{path.parent}/")


def parquet(**columns):
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("ending", CONTENT)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_rows_of_text_plain_packed_and_in_a_zip(tmp_path, ending, line_end, mark):
    """Quotes are text in TSV; only newlines end a line; cells keep their spaces and marks."""
    content = (mark + CONTENT[ending].replace("\n", line_end)).encode()
    (tmp_path / f"A{ending.upper()}").write_bytes(content)
    (tmp_path / f"a{ending}.gz").write_bytes(gzip.compress(content))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(f"folder/deep/a{ending}", content)
        archive.writestr(f"folder/a{ending}.gz", gzip.compress(content))
        archive.writestr(f"__MACOSX/folder/deep/._a{ending}", b"Mac OS X")
    assert read(tmp_path / f"A{ending.upper()}") == ROWS
    assert read(tmp_path / f"a{ending}.gz") == ROWS
    for member in (f"deep/a{ending}", f"a{ending}.gz"):
        assert read(tmp_path / "a.zip", member=member) == ROWS


def test_rows_have_the_last_line_of_theirs_in_the_file(tmp_path):
    (tmp_path / "a.tsv").write_text("p\th\n\na\tb\nc\td\n\n")
    (tmp_path / "a.csv").write_text('p,h\n\n"two\nlines",b\nc,d\n')
    assert [line for line, _ in read_table(table(tmp_path / "a.tsv"))] == [3, 4]
    assert [line for line, _ in read_table(table(tmp_path / "a.csv"))] == [4, 5]


@pytest.mark.parametrize("ending", [".tsv", ".csv"])
def test_a_given_header_is_for_files_without_one(tmp_path, ending):
    separator = {".tsv": "\t", ".csv": ","}[ending]
    path = tmp_path / f"a{ending}"
    path.write_text(f"1{separator}x{separator}y\n")
    assert read(path, header=("n", "h", "p")) == [("y", "x")]
    path.write_text(f"p{separator}h\na{separator}b\n")
    assert read(path, header=("h", "p")) == [("a", "b")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.tsv", "p\th\na\tb\t\n", "a.tsv:2: 3 fields, but 2 columns: write one row per line"),
        ("a.tsv", "p\th\na\n", "a.tsv:2: 1 fields, but 2 columns"),
        ("a.tsv", "p,h\na,b\n", "a.tsv: has no column 'p', but p,h: separate columns by tabs"),
        ("a.tsv", b"p\th\n" + b"a\tb\n" * 99 + b"a\t\xff\n", "a.tsv:101: not UTF-8 ("),
        ("a.csv", "p,h\na,b\nI am, well,c\n", "a.csv:3: 3 fields, but 2 columns: quote texts"),
        ("a.csv", "p,h\na\n", "a.csv:2: 1 fields, but 2 columns"),
        ("a.csv", "p;h\na;b\n", "a.csv: has no column 'p', but p;h: separate columns by tabs in"),
        ("a.csv", "p,h,p\na,b,c\n", "a.csv: has 2 columns 'p': rename all but one"),
        ("a.csv", "Hallo,hello\n", "a.csv: has no column 'p', but Hallo, hello: name them"),
        ("a.csv", "p,h\na,b\r\nc\rd,e\n", "a.csv:3: not CSV"),
        ("a.csv", "p,h\rx,y\r", "a.csv: its lines end in CR: let them end in a newline"),
        ("a.jsonl", '{"p": "a", "h": "b"},\n', "a.jsonl:1: not JSON (Extra data: line 1"),
        ("a.jsonl", '[{"p": "a"},\n', "a.jsonl:1: not a JSON object, but an array: write one"),
        ("a.jsonl", '{"p": "a", "h": 1}\n3\n', "a.jsonl:2: not a JSON object: write one object"),
        ("a.jsonl", '{"p": "a"}\n', "a.jsonl:1: has no column 'h', but p: name them"),
        ("a.jsonl", '{\n "p": "a",\n', "a.jsonl:1: not JSON ("),
        ("a.jsonl", '{"p":' + "[" * 99_999 + "\n", "a.jsonl:1: not JSON ("),
        ("a.jsonl", '{"p": ' + "1" * 9999 + "}\n", "a.jsonl:1: not JSON ("),
        ("a.parquet", "PAR1", "a.parquet: not Parquet ("),
        ("a.parquet", "", "a.parquet: not Parquet ("),
        ("a.parquet", parquet(de=["x"]), "a.parquet: has no column 'p', but de: name them"),
        ("a.tsv.gz", "p\th\n", "a.tsv.gz: not a whole file (Not a gzipped file"),
        ("a.txt", "p\th\n", "a.txt: unknown ending: use one of .tsv, .csv, .jsonl, .parquet"),
        ("a.tsv.xz", "p\th\n", "a.tsv.xz: unknown ending"),
        ("a.tar.gz", "p\th\n", "a.tar.gz: unknown ending"),
    ],
)
def test_a_faulty_file_is_one_line(tmp_path, name, content, message):
    assert fault(tmp_path / name, content).startswith(message)


def test_absent_files_and_folders_are_named(tmp_path):
    assert fault(tmp_path / "a.tsv").startswith("a.tsv: no such file")
    (tmp_path / "a.parquet").mkdir()
    assert fault(tmp_path / "a.parquet").startswith("a.parquet: is a folder")


def test_cells_of_json_may_be_anything_and_may_be_nested(tmp_path):
    rows = [{"t": {"de": "a", "x.y": {"z": 1}}}, {"t": None}, {"t": {"de": None, "x.y": None}}]
    rows.append({"t.de": "flat", "t": {"x.y": {"z": None}}})
    (tmp_path / "a.jsonl").write_text("\n \n".join(map(json.dumps, rows)))
    assert read(tmp_path / "a.jsonl", ("t.de", "t.x.y.z")) == [
        ("a", 1),
        (None, None),
        (None, None),
        ("flat", None),
    ]


@pytest.mark.parametrize(
    "kind",
    [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())],
)
def test_every_kind_of_text_in_parquet(tmp_path, kind):
    texts = pa.array(["ä", None, ""], pa.string()).cast(kind)
    pq.write_table(pa.table({"p": texts, "n": [1, 2, 3]}), tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet", ("p", "n")) == [("ä", 1), (None, 2), ("", 3)]


def test_fields_of_structs_and_dotted_names_in_parquet(tmp_path):
    struct = pa.array([{"de": "a", "in": {"n": "b"}}, None, {"de": None, "in": None}])
    columns = {"t": struct, "t.flat": ["x", "y", "z"], "a.b.c": ["1", "2", "3"]}
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet", ("t.de", "t.in.n", "t.flat", "a.b.c")) == [
        ("a", "b", "x", "1"),
        (None, None, "y", "2"),
        (None, None, "z", "3"),
    ]
    message = "a.parquet: has no column 't', but t.de, t.in.n, t.flat, a.b.c: name them"
    assert fault(tmp_path / "a.parquet", columns=("t",)) == message


def test_parquet_in_a_zip(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("x/a.parquet", parquet(p=["a"], h=["b"]))
    assert read(tmp_path / "a.zip", member="a.parquet") == [("a", "b")]


def test_damage_anywhere_is_one_line_or_harmless(tmp_path):
    """Cut short, or with one bit flipped: files with checksums never give other rows."""
    rows = [(f"Satz {number} „ja“", f"sentence {number}") for number in range(30)]
    text = "p\th\n" + "".join(f"{p}\t{h}\n" for p, h in rows)
    packed = tmp_path / "whole.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.tsv", text)
    contents = {
        "a.tsv.gz": gzip.compress(text.encode()),
        "a.zip": packed.read_bytes(),
        "a.parquet": parquet(p=[p for p, _ in rows], h=[h for _, h in rows]),
    }
    for name, content in contents.items():
        member = "a.tsv" if name == "a.zip" else None
        step = max(1, len(content) // 40)
        cut = [content[:size] for size in range(1, len(content), step)]
        flipped = [bytearray(content) for _ in range(0, len(content), step)]
        for number, damaged in enumerate(flipped):
            damaged[number * step] ^= 1 << number % 8
        for damaged in (*cut, *flipped):
            (tmp_path / name).write_bytes(damaged)
            try:
                result = read(tmp_path / name, member=member)
            except PipelineError as error:
                assert str(error).isprintable()
            else:
                assert name == "a.parquet" or result == rows


def test_faulty_rows_are_skipped_up_to_a_share_of_all(tmp_path):
    lines = ["p\th", *(["a\tb"] * 1997), "a\tb\t", "c\td\te", "e\tf"]
    (tmp_path / "a.tsv").write_text("\n".join(lines))
    faults = RowFaults(0.001)
    rows = [row for _, row in read_table(table(tmp_path / "a.tsv"), faults)]
    assert [row["p"] for row in rows] == ["a"] * 1997 + ["e"]
    assert [message.split(": ")[0].rpartition("/")[2] for message in faults.messages] == [
        "a.tsv:1999",
        "a.tsv:2000",
    ]
    (tmp_path / "a.tsv").write_text("\n".join([*lines, "one"]))
    with pytest.raises(PipelineError, match=r"a.tsv:1999: .*so are 3 of 2001 rows, at most 0.1%"):
        list(read_table(table(tmp_path / "a.tsv"), RowFaults(0.001)))


@pytest.mark.parametrize(
    ("value", "text"), [("a", "a"), ("ä".encode(), "ä"), (1, None), (None, None), ("\ud800", None)]
)
def test_cells_that_are_text(value, text):
    if text is not None:
        assert text_cell(value, "p", "a.jsonl:1") == text
    else:
        with pytest.raises(PipelineError, match=r"a.jsonl:1: p is .*, not text: fix the file"):
            text_cell(value, "p", "a.jsonl:1")
