"""Examples from files of each format; data sets that are refused, and examples left out."""

import gzip
import json
import zipfile

import pandas as pd
import pytest
from nli_data import ALL, own, rows, texts, xnli_tsv

from pipeline.common.errors import PipelineError
from pipeline.nli.examples import read_examples
from pipeline.nli.reading import load_splits
from pipeline.nli.sources import Layout

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
        ("a.csv", "p,h,y\na,b\n", "a.csv:2: . fields, but 3 columns"),
        ("a.csv", "p,h,y\na,b,neutral,c\n", "a.csv:2: . fields, but 3 columns"),
        ("a.csv", 'p,h,y\n"a,b,neutral\n', "a.csv:2: not CSV"),
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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.rpartition("de\t")[0], "example|not parallel, examples: 5 in de"),
        (
            lambda text: text.replace("de\tneutral", "de\tentailment", 1),
            "not parallel, example 0: label entailment in de, neutral in en",
        ),
        (
            lambda text: text.replace("\t1\tfaceto", "\t7\tfaceto", 1),
            "not parallel, example 0: key 1 in de, 7 in en",
        ),
    ],
)
def test_languages_that_are_not_parallel_are_refused(tmp_path, change, message):
    train, dev = xnli_tsv(["en"], 3, 4), xnli_tsv(["en", "de"], 0, 1)
    test = change(xnli_tsv(["en", "de"], 1, 3))
    with pytest.raises(PipelineError, match=message) as error:
        load_splits(own(tmp_path, train=train, dev=dev, test=test), ["de"], ALL, tmp_path)
    assert str(error.value).startswith(f"{tmp_path}/test.tsv: ")
    assert "\n" not in str(error.value)


def test_a_test_set_in_the_training_data_is_refused(tmp_path):
    train, dev, test = (xnli_tsv(["en"], *ends) for ends in ((2, 4), (0, 1), (1, 3)))
    message = r"train.tsv: holds 3 of the 6 examples in en of .*test.tsv: give training data"
    with pytest.raises(PipelineError, match=message):
        load_splits(own(tmp_path, train=train, dev=dev, test=test), [], ALL, tmp_path)


def test_chance_repetitions_are_left_out_of_training(tmp_path):
    """One of 300 test examples, and the dev set whole: neither trains, both are counted."""
    line = "en\t{}\t\t\t\t\tuh-huh\t{}\t1\t{}\tslate" + "\t" * 8 + "\n"
    labels = ["neutral", "contradiction", "entailment"]
    header = xnli_tsv([], 0, 0)
    test = header + "".join(line.format(labels[n % 3], f"Test {n}.", n) for n in range(300))
    dev = xnli_tsv(["en"], 0, 1)
    train = xnli_tsv(["en"], 3, 4) + dev.removeprefix(header)
    train += line.format("neutral", " Test 3. ", 9)  # white space does not make it another one
    files = own(tmp_path, train=train, dev=dev, test=test)
    splits, left_out = load_splits(files, [], ALL, tmp_path)
    assert texts(splits["train"], "en") == rows("en", 3, 4)
    assert left_out["train"] == {"no gold label": 0, "also in dev": 3, "also in test": 1}
    assert len(splits["test"]) == 300


def test_a_test_set_without_all_labels_is_refused(tmp_path):
    train, dev, test = (xnli_tsv(["en"], *ends) for ends in ((3, 4), (0, 1), (1, 3)))
    only = test.replace("en\tcontradiction", "en\tneutral")
    message = r"test.tsv: 6 examples in en, labels \['entailment', 'neutral'\]: give a file with"
    with pytest.raises(PipelineError, match=message):
        load_splits(own(tmp_path, train=train, dev=dev, test=only), [], ALL, tmp_path)
