"""The command that measures the links of any aligner."""

import csv
import io
import json

import pytest
from clones import ROOT, run, run_step

SOURCE = ["das alte Haus", "ja , gern ."]
ENGLISH = ["the old house", "yes , please ."]
NAACL = "".join(f"<s snum={n}> {{}} </s>\n" for n in (7, 9))
# Of 5 links 4 are possible and 3 of 4 sure ones are found.
PHARAOH, AER, PRECISION, RECALL = "0-0 1-2 2-2\n0-0 1-3\n", 1 - (3 + 4) / (5 + 4), 4 / 5, 3 / 4
F1 = 2 * PRECISION * RECALL / (PRECISION + RECALL)
FILES = {
    "columns": "das alte Haus ||| the old house ||| 0-0 1?2 2-2\n"
    "ja , gern . ||| yes , please . ||| 0-0 3-3\n",
    "columns_1": "das alte Haus ||| the old house ||| 1-1 2?3 3-3\n"
    "ja , gern . ||| yes , please . ||| 1-1 4-4\n",
    "naacl": "7 1 1 S\n7 3 2 P\n7 3 3 S\n9 1 1\n9 4 4 S\n",
    "source": NAACL.format(*SOURCE),
    "english": NAACL.format(*ENGLISH),
    "xl_wa": "the old house\tdas alte Haus\t0-0 2-2\nyes , please .\tja , gern .\t0-0 3-3\n",
    "links": PHARAOH,
    "links_naacl": "9 4 2 S 0.5\n7 1 1\n7 3 2\n7 3 3\n9 1 1\n",  # English first, from 1
    "all": "0-0 2-2\n0-0 3-3\n",
    "short": "0-0\n",
}
THREE = ["--gold", "naacl", "--source", "source", "--english", "english", "--english-first"]


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def evaluated(folder, warm, *options):
    """The result of the command; words that are files of the folder get its path."""
    words = [str(folder / word) if word in FILES else word for word in options]
    return run_step(ROOT, warm, "evaluate-links", *words)


@pytest.mark.parametrize(
    "options",
    [
        ["links", "--gold", "columns"],
        ["links", "--gold", "columns_1", "--one-based"],
        ["links", *THREE],
        ["links_naacl", "--links-english-first", *THREE],
    ],
)
def test_rates_are_equal_in_each_format(folder, warm, options):
    result = evaluated(folder, warm, *options, "--json")
    assert result.returncode == 0, result.stderr
    (row,) = json.loads(result.stdout)
    rates = [row[name] for name in ("aer", "precision", "recall", "f1")]
    assert rates == pytest.approx([AER, PRECISION, RECALL, F1], rel=1e-12)
    numbers = {name: row[name] for name in ("sentences", "sure", "possible", "links")}
    assert numbers == {"sentences": 2, "sure": 4, "possible": 5, "links": 5}
    assert row["file"].endswith(f"/{options[0]}")
    # The two sentences alone: 3 of 3 possible and 2 of 2 sure; 1 of 2 and 1 of 2.
    assert (row["aer_low"], row["aer_high"]) == pytest.approx((0, 1 - 2 / 4))


def test_a_table_of_several_files_is_printed_without_options(folder):
    words = [str(folder / word) if word in FILES else word for word in ("links", "all", *THREE)]
    result = run(ROOT, "python", "-m", "stages", "evaluate-links", *words)
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    header, *rows = ([cell.strip() for cell in line.split("|")[1:-1]] for line in lines[:4])
    assert header == ["links", "AER", "precision", "recall", "F1", "number"]
    assert [row[0] for row in rows[1:]] == words[:2]
    for row, rates in zip(rows[1:], ((AER, PRECISION, RECALL, F1), (0, 1, 1, 1)), strict=True):
        assert [cell.split(" [")[0] for cell in row[1:5]] == [f"{100 * rate:.1f}" for rate in rates]
    assert rows[1][1].endswith(" [0.0, 50.0]")  # of the two sentences alone
    assert lines[-1].endswith("2 sentence pairs, 5 links, 4 of them sure.")


def test_csv_has_the_figures_of_json(folder, warm):
    words = ["links", "links", "--gold", "xl_wa"]
    (expected,) = json.loads(evaluated(folder, warm, *words, "--json").stdout)
    (row,) = csv.DictReader(io.StringIO(evaluated(folder, warm, *words, "--csv").stdout))
    assert row.keys() == expected.keys()
    for name, value in expected.items():
        assert row[name] == value if isinstance(value, str) else float(row[name]) == value
    assert expected["precision"] == 3 / 5  # XL-WA has no possible links


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (["links", "--gold", "columns_1"], "columns_1: line 1: a link of sentence 1 is past the "),
        (["links", "--gold", "columns", "--links-one-based"], "links: line 1: '0-0' counts tokens"),
        (["short", "--gold", "columns"], "short: 1 lines of links for 2 sentences: write one lin"),
        (["links", "--gold", "naacl"], "naacl: line 1 is not source ||| english ||| links, nor E"),
        (["links", "--gold", "naacl", "--source", "source"], "source: has one side: name source "),
        (["nowhere", "--gold", "columns"], "nowhere: cannot be read"),
        (["links", "--gold", "columns", "--json", "--csv"], "evaluate-links: --json and --csv ex"),
    ],
)
def test_a_fault_is_one_line(folder, warm, options, fault):
    result = evaluated(folder, warm, *options)
    assert (result.returncode, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    assert line.replace(f"{folder}/", "").startswith(f"error: {fault}")
