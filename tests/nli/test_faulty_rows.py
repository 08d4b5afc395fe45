"""Odd rows of the official archives, which users cannot correct: a few are skipped."""

import json
import zipfile

import pytest
from nli_data import ALL, HEADER, LABELS, multinli_line, own

from pipeline.common.errors import PipelineError
from pipeline.nli.reading import load_splits
from pipeline.nli.sources import official

SIZES = {"train": 9999, "dev": 9999, "test": 9999}


def xnli_lines(language, examples):
    """Lines of xnli.dev.tsv: `examples` premises with three hypotheses each."""
    lines = []
    for number in range(examples * 3):
        label, texts = LABELS[number % 3], [f"{language} {number}.", f"{language} so {number}."]
        fields = dict(zip(("sentence1", "sentence2"), texts, strict=True))
        fields |= {"language": language, "gold_label": label, "pairID": str(number + 1)}
        lines.append("\t".join(fields.get(name, "") for name in HEADER))
    return lines


def archives(folder, change=None, examples=200):
    """The three archives, after `change` of their members' lines."""
    languages = ("de", "en", "fr")
    header = "\t".join(HEADER)
    heldout = {
        split: [header, *(line for code in languages for line in xnli_lines(code, size))]
        for split, size in (("dev", examples), ("test", examples + 100))
    }
    train = [
        multinli_line(n, f"train {n}", f"so {n}", LABELS[n % 3]).rstrip("\n")
        for n in range(examples * 9)
    ]
    translated = ["premise\thypo\tlabel"]
    translated += [f"Satz {n}\tso {n}\t{LABELS[n % 3]}" for n in range(examples * 9)]
    members = {
        "XNLI-1.0/xnli.dev.tsv": heldout["dev"],
        "XNLI-1.0/xnli.test.tsv": heldout["test"],
        "multinli_1.0/multinli_1.0_train.jsonl": train,
        "XNLI-MT-1.0/multinli/multinli.train.de.tsv": translated,
    }
    (change or (lambda members: None))(members)
    paths = [folder / name for name in ("XNLI-1.0.zip", "multinli_1.0.zip", "XNLI-MT-1.0.zip")]
    for path in paths:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, lines in members.items():
                if name.startswith(path.stem):
                    content = b"\n".join(
                        line if isinstance(line, bytes) else line.encode() for line in lines
                    )
                    archive.writestr(name, content)
    return official(*(f"file:{path}" for path in paths))


def keys(frame, language):
    return frame.loc[frame.language == language, "premise"].str.extract(r"(\d+)")[0].tolist()


def change_line(name, number, new):
    def change(members):
        (member,) = (lines for path, lines in members.items() if path.endswith(name))
        member[number - 1] = new(member[number - 1])

    return change


@pytest.mark.parametrize("language", ["de", "en", "fr"])
@pytest.mark.parametrize("new", [lambda line: f"{line}\t", lambda line: f"{line}\tx\ty"])
def test_a_row_of_xnli_with_a_field_too_many_is_left_out_in_all_languages(
    tmp_path, capsys, language, new
):
    row = {"de": 2, "en": 602, "fr": 1202}[language] + 4
    files = archives(tmp_path, change_line("xnli.dev.tsv", row, new))
    splits, left_out = load_splits(files, ["de", "fr"], SIZES, tmp_path)
    for code in ("de", "en", "fr"):
        assert keys(splits["dev"], code) == [str(n) for n in range(600) if n != 4]
        ids = splits["dev"].id[splits["dev"].language == code]
        assert list(ids) == [n for n in range(600) if n != 4]
        assert keys(splits["test"], code) == [str(n) for n in range(900)]
    assert left_out["dev"] == {"no gold label": 0, "faulty row": 1}
    assert left_out["test"] == {"no gold label": 0}
    printed = capsys.readouterr().err.splitlines()
    assert len(printed) == 1
    assert printed[0].startswith("nli: 1 faulty row skipped, the first: ")
    assert f"XNLI-1.0.zip, xnli.dev.tsv:{row}: 2" in printed[0]


@pytest.mark.parametrize(
    "new",
    [
        lambda line: line[:-1],
        lambda line: "[]",
        lambda line: json.dumps({"sentence1": "a"}),
        lambda line: line.replace('"gold_label": "', '"gold_label": "x'),
        lambda line: line.replace('"sentence2": "', '"sentence2": "\\ud800'),
        lambda line: line.replace("train", "tr\0in").encode("utf-16-le")[1:].replace(b"\n", b""),
    ],
)
def test_a_row_of_multinli_is_skipped(tmp_path, capsys, new):
    files = archives(tmp_path, change_line("train.jsonl", 7, new))
    splits, left_out = load_splits(files, [], SIZES, tmp_path)
    assert keys(splits["train"], "en") == [str(n) for n in range(1800) if n != 6]
    assert left_out["train"]["faulty row"] == 1
    assert "multinli_1.0_train.jsonl:7: " in capsys.readouterr().err


def test_a_row_of_translated_training_data_is_skipped(tmp_path, capsys):
    files = archives(tmp_path, change_line("train.de.tsv", 9, lambda line: f"{line}\t"))
    splits, left_out = load_splits(files, ["de"], SIZES, tmp_path)
    assert keys(splits["train"], "de") == [str(n) for n in range(1800) if n != 7]
    assert left_out["train"]["faulty row"] == 1
    assert "multinli.train.de.tsv:9: 4 fields, but 3 columns" in capsys.readouterr().err


def test_more_than_one_in_a_thousand_are_refused(tmp_path):
    def change(members):
        lines = members["multinli_1.0/multinli_1.0_train.jsonl"]
        lines[3] = lines[30] = "{"

    message = r"train.jsonl:4: not JSON .*so are 2 of 1800 rows, at most 0.1% may be"
    with pytest.raises(PipelineError, match=message) as error:
        load_splits(archives(tmp_path, change), [], SIZES, tmp_path)
    assert str(error.value).isprintable()


def test_files_of_users_are_strict(tmp_path):
    lines = ["\t".join(HEADER), *xnli_lines("en", 2000)]
    lines[5] += "\t"
    texts = dict.fromkeys(("train", "dev", "test"), "\n".join(lines))
    with pytest.raises(PipelineError, match=r"dev.tsv:6: 20 fields, but 19 columns"):
        load_splits(own(tmp_path, **texts), [], ALL, tmp_path)
