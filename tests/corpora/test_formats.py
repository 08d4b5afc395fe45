import gzip
import io
import json
import zipfile

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.common.errors import PipelineError
from pipeline.corpora.formats import read_file, read_two
from pipeline.corpora.names import Columns
from pipeline.corpora.text_rules import Tidy

PAIRS = [("der Hund", "the dog"), ("die „Katze“, ja", "the cat, yes")]
TMX = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header/><body>
<tu><tuv xml:lang="en"><seg>the dog</seg></tuv><tuv xml:lang="de-AT"><seg>der Hund</seg></tuv></tu>
<tu><tuv xml:lang="EN"><seg>the <bpt i="1"/>cat, yes</seg></tuv>
<tuv xml:lang="de"><seg>die „Katze“, ja</seg></tuv><tuv xml:lang="fr"><seg>le chat</seg></tuv></tu>
</body></tmx>
"""


def text(pairs):
    """Decoded and stripped: the readers give lines as they are."""
    decoded = (
        tuple(side.decode() if isinstance(side, bytes) else side for side in pair) for pair in pairs
    )
    return [(source.strip(), english.strip()) for source, english in decoded]


def write_moses(path, sides, more=()):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (("LICENSE", b"free"), ("README", b""), *more):
            archive.writestr(name, content)
        for code, lines in sides.items():
            archive.writestr(f"Europarl.de-en.{code}", lines)
        archive.writestr("Europarl.de-en.xml", "<links/>")


def zipped(members, encoding="utf-8"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content.encode(encoding))
    return buffer.getvalue()


@pytest.mark.parametrize("packed", [False, True])
def test_tsv_csv_and_tmx_plain_and_packed(tmp_path, packed):
    contents = {
        "a.tsv": "".join(f"{s}\t{e}\n" for s, e in PAIRS),
        "a.csv": pd.DataFrame(PAIRS, columns=["source", "english"]).to_csv(index=False),
        "a.tmx": TMX,
    }
    for name, content in contents.items():
        path = tmp_path / (f"{name}.gz" if packed else name)
        path.write_bytes(gzip.compress(content.encode()) if packed else content.encode())
        columns = Columns("de", "en") if name == "a.tmx" else Columns()
        assert text(read_file(path, columns)) == PAIRS


def test_named_columns_of_csv_and_parquet_and_fields_of_structs(tmp_path):
    frame = pd.DataFrame(PAIRS, columns=["de", "en"]).assign(other=1)
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_parquet(tmp_path / "a.parquet")
    for name in ("a.csv", "a.parquet"):
        assert list(read_file(tmp_path / name, Columns("de", "en"))) == PAIRS
    hub = pd.DataFrame({"translation": [{"de": s, "en": e} for s, e in PAIRS]})
    hub.to_parquet(tmp_path / "hub.parquet")
    columns = Columns("translation.de", "translation.en")
    assert list(read_file(tmp_path / "hub.parquet", columns)) == PAIRS
    lines = [json.dumps({"translation": {"de": s, "en": e}}) for s, e in PAIRS]
    (tmp_path / "hub.jsonl").write_text("\n".join(lines))
    assert list(read_file(tmp_path / "hub.jsonl", columns)) == PAIRS


def test_a_tsv_has_a_header_if_its_columns_are_named(tmp_path):
    """By default it has two columns, and perhaps a header with their names."""
    path = tmp_path / "a.tsv"
    path.write_text("id\ten\tde\n1\tthe dog\tder Hund\n")
    assert list(read_file(path, Columns("de", "en"))) == [("der Hund", "the dog")]
    path.write_text("english\tid\tsource\nthe dog\t1\tder Hund\n")
    assert list(read_file(path, Columns())) == [("der Hund", "the dog")]
    path.write_text("1\tder Hund\t2\tthe dog\n")
    columns = Columns("de", "en", header=("n", "de", "m", "en"))
    assert list(read_file(path, columns)) == [("der Hund", "the dog")]


def test_nulls_are_empty_and_bytes_are_for_the_text_rules(tmp_path):
    table = {"source": pa.array(["a", None, "b"]), "english": pa.array([b"x", b"y", b"\xff"])}
    pq.write_table(pa.table(table), tmp_path / "a.parquet")
    pairs = [("a", b"x"), ("", b"y"), ("b", b"\xff")]
    assert list(read_file(tmp_path / "a.parquet", Columns())) == pairs
    structs = pa.array([{"de": "a", "en": "x"}, None, {"de": None, "en": "y"}])
    pq.write_table(pa.table({"t": structs}), tmp_path / "b.parquet")
    pairs = [("a", "x"), ("", ""), ("", "y")]
    assert list(read_file(tmp_path / "b.parquet", Columns("t.de", "t.en"))) == pairs


def test_a_line_of_a_tsv_that_is_not_utf_8_is_dropped_and_counted(tmp_path):
    lines = [f"Tür {n}\tdoor {n}\n".encode() for n in range(50)]
    lines[9] = b"T\xfcr\tdoor\n"
    (tmp_path / "a.tsv").write_bytes(b"".join(lines))
    tidy = Tidy()
    assert len(list(tidy(read_file(tmp_path / "a.tsv", Columns())))) == 49
    assert tidy.counts["dropped: not UTF-8"] == 1


def test_members_of_a_zip_that_is_not_moses(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("x/a.tmx", TMX)
        archive.writestr("x/a.tsv", "".join(f"{s}\t{e}\n" for s, e in PAIRS))
    assert list(read_file(tmp_path / "a.zip", Columns("de", "en", member="a.tmx"))) == PAIRS
    assert list(read_file(tmp_path / "a.zip", Columns(member="x/a.tsv"))) == PAIRS


def test_two_text_files(tmp_path):
    (tmp_path / "a.de").write_text("".join(f"{s}\n" for s, _ in PAIRS))
    english = "\n".join(e for _, e in PAIRS)  # no newline at the end
    (tmp_path / "a.en.gz").write_bytes(gzip.compress(english.encode()))
    assert text(read_two(tmp_path / "a.de", tmp_path / "a.en.gz")) == PAIRS


def test_a_zip_in_the_layout_of_opus(tmp_path):
    sides = {"de": "\n".join(s for s, _ in PAIRS), "en": "\n".join(e for _, e in PAIRS)}
    write_moses(tmp_path / "a.zip", sides)
    assert text(read_file(tmp_path / "a.zip", Columns("de", "en"))) == PAIRS


def test_a_zip_as_macos_packs_it_and_codes_in_another_form(tmp_path):
    sides = {"zh_CN": "\n".join(s for s, _ in PAIRS), "EN": "\n".join(e for _, e in PAIRS)}
    more = [(f"__MACOSX/._Europarl.de-en.{code}", b"Mac OS X") for code in sides]
    write_moses(tmp_path / "a.zip", sides, more=[*more, ("__MACOSX/._a", b""), (".DS_Store", b"")])
    assert text(read_file(tmp_path / "a.zip", Columns("zh-cn", "en"))) == PAIRS


def test_sides_of_unequal_length_stop_before_the_first_pair(tmp_path):
    write_moses(tmp_path / "a.zip", {"de": "eins\nzwei\n", "en": "one\ntwo\nthree\n"})
    with pytest.raises(PipelineError, match="2 source lines, but 3 English lines"):
        next(read_file(tmp_path / "a.zip", Columns("de", "en")))


def test_only_newlines_end_a_line(tmp_path):
    write_moses(tmp_path / "a.zip", {"de": "a\u2028b\x0bc\rd\n", "en": "e\x85f\n"})
    assert len(list(read_file(tmp_path / "a.zip", Columns("de", "en")))) == 1


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil", "C:\\evil", "..\\evil"])
def test_members_that_leave_the_zip_are_refused(tmp_path, name):
    write_moses(tmp_path / "a.zip", {"de": "a\n", "en": "b\n"}, more=[(name, b"x")])
    with pytest.raises(PipelineError, match="lies outside the zip"):
        list(read_file(tmp_path / "a.zip", Columns("de", "en")))


def test_zip_bombs_are_refused(tmp_path):
    write_moses(tmp_path / "a.zip", {"de": b"0" * 10_000_000, "en": "b\n"})
    with pytest.raises(PipelineError, match="a zip bomb"):
        list(read_file(tmp_path / "a.zip", Columns("de", "en")))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.zip", b"PK damaged", "not a whole zip"),
        ("a.tmx", b"<tmx><tu>", "not TMX"),
        ("a.tmx", b'<!DOCTYPE x [<!ENTITY a "b">]><tmx>&a;</tmx>', "not TMX"),
        ("a.csv", b"de,en\nx,y\n", "has no column 'source', but de, en"),
        ("a.csv", b"source,english\nx,y\n\xff,z\n", "a.csv:3: not UTF-8"),
        ("a.tsv", b"a\tb\nc\n", r"a.tsv:2: 1 fields, but 2 columns"),
        ("a.docx", b"", "unknown ending: use one of .tsv, .csv, .jsonl, .parquet, .tmx, .zip"),
        ("a.tsv", "größer\tmore\n".encode("utf-16"), "a.tsv: not UTF-8 but UTF-16: convert it"),
        ("a.csv", "source,english\ngrößer,more\n".encode("latin-1"), "a.csv:2: not UTF-8 but per"),
        (
            "a.jsonl",
            b'{"source": "a", "english": ["b"]}',
            r"a.jsonl:1: english is \['b'\], not text",
        ),
        ("a.zip", zipped({"a.tsv": "a\tb\n"}), "has 0 members that end in .de, not one, but a.tsv"),
        ("a.zip", zipped({"a.de": "a\xff\n", "x/a.de": ""}), "has 2 members that end in .de, not"),
        ("a.zip", zipped({"a.de": "é\n", "a.en": "x\n"}, "latin-1"), "a.zip, de:1: not UTF-8 but"),
    ],
)
def test_faulty_files_are_one_line(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PipelineError, match=message) as error:
        list(read_file(tmp_path / name, Columns("de", "en") if name == "a.zip" else Columns()))
    assert str(error.value).isprintable()


def test_a_column_that_is_not_text_is_named(tmp_path):
    pd.DataFrame({"source": ["x", "y"], "english": [1, 2]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(PipelineError, match=r"a.parquet:1: english is 1, not text: fix the file"):
        list(read_file(tmp_path / "a.parquet", Columns()))


def test_one_column_cannot_be_both_sides(tmp_path):
    with pytest.raises(PipelineError, match="both sides are 'en': name two of them"):
        list(read_file(tmp_path / "a.parquet", Columns("en", "en")))


def test_two_texts_in_another_encoding_are_named(tmp_path):
    (tmp_path / "a.de").write_bytes("größer\n".encode("utf-16"))
    (tmp_path / "a.en").write_text("more\n")
    with pytest.raises(PipelineError, match=r"a.de: not UTF-8 but UTF-16"):
        list(read_two(tmp_path / "a.de", tmp_path / "a.en"))
    with pytest.raises(PipelineError, match=r"a.fr: no such file"):
        list(read_two(tmp_path / "a.en", tmp_path / "a.fr"))


def test_a_parquet_without_the_column_names_those_there_are(tmp_path):
    pd.DataFrame({"de": ["x"], "en": ["y"]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(PipelineError, match="no column 'source', but de, en: name two of them"):
        list(read_file(tmp_path / "a.parquet", Columns()))
