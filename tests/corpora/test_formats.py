import gzip
import zipfile

import pandas as pd
import pytest

from pipeline.common.errors import PipelineError
from pipeline.corpora.formats import read_file, read_two
from pipeline.corpora.names import Columns

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


def test_two_text_files(tmp_path):
    (tmp_path / "a.de").write_text("".join(f"{s}\n" for s, _ in PAIRS))
    english = "\n".join(e for _, e in PAIRS)  # no newline at the end
    (tmp_path / "a.en.gz").write_bytes(gzip.compress(english.encode()))
    assert text(read_two(tmp_path / "a.de", tmp_path / "a.en.gz")) == PAIRS


def test_a_zip_in_the_layout_of_opus(tmp_path):
    sides = {"de": "\n".join(s for s, _ in PAIRS), "en": "\n".join(e for _, e in PAIRS)}
    write_moses(tmp_path / "a.zip", sides)
    assert text(read_file(tmp_path / "a.zip", Columns("de", "en"))) == PAIRS


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
        ("a.csv", b"source,english\nx,y\n\xff,z\n", "not UTF-8 CSV"),
        ("a.tsv", b"a\tb\nc\n", r"a.tsv:2: 1 columns"),
        ("a.docx", b"", "unknown ending"),
    ],
)
def test_faulty_files_are_one_line(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PipelineError, match=message) as error:
        list(read_file(tmp_path / name, Columns()))
    assert "\n" not in str(error.value)


def test_a_parquet_without_the_column_names_those_there_are(tmp_path):
    pd.DataFrame({"de": ["x"], "en": ["y"]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(PipelineError, match="no column 'source', but de, en: name two of them"):
        list(read_file(tmp_path / "a.parquet", Columns()))
