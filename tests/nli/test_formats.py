import gzip
import json
import zipfile

import pandas as pd
import pytest

from pipeline.common.errors import PipelineError
from pipeline.nli.examples import read_examples
from pipeline.nli.formats import Layout, has_member, read_rows

EXAMPLES = [('He "left', "It's, well, so.", "neutral"), ("a\u2028b", "n/a", "entailment")]
NAMED = Layout("p", "h", "y")


def as_csv(rows):
    quoted = [[f'"{cell}"' for cell in (row[0].replace('"', '""'), *row[1:])] for row in rows]
    return "\ufeffp,h,y\r\n" + "".join(",".join(row) + "\r\n" for row in quoted)


CONTENT = {
    ".tsv": "p\th\ty\n" + "".join("\t".join(row) + "\n" for row in EXAMPLES),
    ".csv": as_csv(EXAMPLES),
    ".jsonl": "".join(json.dumps(dict(zip("phy", row, strict=True))) + "\n" for row in EXAMPLES),
}


def read(path, layout=NAMED):
    frame = read_examples(path, layout, "en").frame
    return list(zip(frame.premise, frame.hypothesis, frame.label, strict=True))


@pytest.mark.parametrize("ending", CONTENT)
def test_one_example_a_row(tmp_path, ending):
    """Quotes are quotes in TSV; only newlines end a line; n/a is a text."""
    content = CONTENT[ending].encode()
    (tmp_path / f"a{ending}").write_bytes(content)
    (tmp_path / f"b{ending}.gz").write_bytes(gzip.compress(content))
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr(f"folder/a{ending}", content)
    assert read(tmp_path / f"a{ending}") == EXAMPLES
    assert read(tmp_path / f"b{ending}.gz") == EXAMPLES
    assert read(tmp_path / "c.zip", Layout("p", "h", "y", member=f"folder/a{ending}")) == EXAMPLES


def test_parquet_of_text_or_numbers(tmp_path):
    frame = pd.DataFrame(EXAMPLES, columns=["p", "h", "y"])
    frame.to_parquet(tmp_path / "a.parquet")
    frame.assign(y=[1, 0]).to_parquet(tmp_path / "b.parquet")
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.write(tmp_path / "b.parquet", "b.parquet")
    assert read(tmp_path / "a.parquet") == EXAMPLES
    assert read(tmp_path / "b.parquet") == EXAMPLES
    assert read(tmp_path / "c.zip", Layout("p", "h", "y", member="b.parquet")) == EXAMPLES


def test_a_file_without_a_header_and_one_with_other_columns(tmp_path):
    (tmp_path / "a.tsv").write_text("1\tneutral\tx\ty\n2\tcontradictory\tz\t\n")
    layout = Layout("p", "h", "y", header=("n", "y", "p", "h"))
    assert read(tmp_path / "a.tsv", layout) == [("x", "y", "neutral"), ("z", "", "contradiction")]


def test_the_line_of_a_row_is_the_file_s(tmp_path):
    (tmp_path / "a.tsv").write_text(CONTENT[".tsv"])
    (tmp_path / "a.csv").write_text('p,h,y\n"two\nlines",h,neutral\nq,h,neutral\n')
    assert [line for line, _ in read_rows(tmp_path / "a.tsv", NAMED)] == [2, 3]
    assert [line for line, _ in read_rows(tmp_path / "a.csv", NAMED)] == [3, 4]


def test_one_language_of_a_file_of_several(tmp_path):
    lines = ["l\tp\th\ty", "en\ta\tb\tneutral", "de\tc\td\t-", "de\te\tf\tentailment"]
    (tmp_path / "a.tsv").write_text("\n".join(lines) + "\n")
    german = read_examples(tmp_path / "a.tsv", Layout("p", "h", "y", language="l"), "de")
    assert german.undecided == 1
    assert german.frame.to_dict("list") == {
        "id": [1],
        "language": ["de"],
        "premise": ["e"],
        "hypothesis": ["f"],
        "label": ["entailment"],
        "key": [""],
    }


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.tsv", "p\th\n", "a.tsv: has no column 'y', but p, h: name them"),
        ("a.tsv", "p\th\ty\na\tb\n", "a.tsv:2: 2 fields, but 3 columns"),
        ("a.tsv", "p\th\ty\na\tb\t\n", "a.tsv:2: has no label: give the data set with its labels"),
        ("a.tsv", "p\th\ty\na\tb\tmaybe\n", "a.tsv:2: unknown label 'maybe': write one of entail"),
        ("a.csv", "p,h\na,b\n", "a.csv: has no column 'y'"),
        ("a.csv", "p,h,y\na,b\n", "a.csv:2: different numbers of fields"),
        ("a.csv", "p,h,y\na,b,neutral,c\n", "a.csv:2: different numbers of fields"),
        ("a.csv", 'p,h,y\n"a,b,neutral\n', "a.csv:2: not UTF-8 CSV"),
        ("a.jsonl", '{"p": "a", "h": "b"}\n', "a.jsonl:1: has no column 'y'"),
        ("a.jsonl", '{"p": 1, "h": "b", "y": "neutral"}\n', "a.jsonl:1: p is 1, not text"),
        ("a.jsonl", '{"p": "\\ud800", "h": "b", "y": "neutral"}\n', "a.jsonl:1: p is .*not text"),
        ("a.jsonl", '{"p": "a", "h": "b", "y": null}\n', "a.jsonl:1: has no label"),
        ("a.jsonl", '{"p": "a", "h": "b", "y": -1}\n', "a.jsonl:1: has no label"),
        ("a.jsonl", "[]\n", "a.jsonl:1: not a JSON object"),
        ("a.jsonl", "{\n", "a.jsonl:1: not JSON"),
        ("a.parquet", "PAR1", "a.parquet: not Parquet"),
        ("a.tsv.gz", "p\th\ty\n", "a.tsv.gz: not a whole file"),
        ("a.zip", "PK", "a.zip: not a whole zip"),
        ("a.txt", "", "a.txt: unknown ending"),
        ("b/a.tsv", "", "a.tsv: no such file"),
    ],
)
def test_faulty_files_are_one_line(tmp_path, name, content, message):
    layout = Layout("p", "h", "y", member="a.tsv" if name == "a.zip" else None)
    path = tmp_path / name
    if path.parent == tmp_path:
        path.write_text(content)
    with pytest.raises(PipelineError, match=message) as error:
        read_examples(path, layout, "en")
    assert "\n" not in str(error.value)


def test_text_that_is_not_utf_8_names_its_line(tmp_path):
    (tmp_path / "a.tsv").write_bytes(b"p\th\ty\na\t\xff\tneutral\n")
    with pytest.raises(PipelineError, match=r"a.tsv:2: not UTF-8 .*: convert it"):
        read(tmp_path / "a.tsv")


def test_a_compressed_file_cut_short_is_one_line(tmp_path):
    packed = gzip.compress((CONTENT[".tsv"] * 500).encode())
    (tmp_path / "a.tsv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(PipelineError, match="not a whole file"):
        list(read_rows(tmp_path / "a.tsv.gz", NAMED))


def test_members_are_whole_names(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("x/._a.tsv", "")
    assert not has_member(tmp_path / "a.zip", "a.tsv")
    assert has_member(tmp_path / "a.zip", "x/._a.tsv")
