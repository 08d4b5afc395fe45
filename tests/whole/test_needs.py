"""The command `needs`: it asks all hosts before anything is fetched, and its figures are right."""

import gzip
import re
import subprocess
from pathlib import Path

import pytest
from clones import ROOT, copied, edit_params, run
from fault_server import Served, serve
from nli_data import write_multinli, write_xnli

from stages.__main__ import HELPERS


@pytest.fixture
def project(project_with_data, tmp_path):
    return copied(project_with_data, tmp_path / "project")


def needs(project: Path, cache: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    variables = {"XDG_CACHE_HOME": str(cache), "NO_PROXY": "127.0.0.1", **environment}
    return run(project, "python", "-m", "stages", "needs", **variables)


def bytes_of(text: str) -> float:
    number, unit = re.match(r"\s*([\d.]+) ([MG])B", text).groups()
    return float(number) * {"M": 1e6, "G": 1e9}[unit]


CORPUS = gzip.compress(bytes(range(256)) * 20_000, 0)  # 5.1 MB


def test_one_dead_host_among_several_stops_before_anything_is_fetched(project, tmp_path):
    with serve(Served(b"Hund\tdog\n")) as good, serve(Served(b"")) as other:
        pass

    def edit(params):
        params["languages"]["de"]["corpus"] = f"{alive.url}/de.tsv"
        params["languages"]["fr"]["corpus"] = f"{good.url}/fr.tsv"
        params["nli"]["source"] = "xnli"
        params["nli"]["xnli"] = {
            "test": f"{other.url}/XNLI-1.0.zip",
            "train": f"{alive.url}/multinli_1.0.zip",
            "translated": None,
        }
        params["xnli"]["translate_train"] = []

    with serve(Served(b"Hund\tdog\n")) as alive:
        edit_params(project, edit)
        result = needs(project, tmp_path / "cache")
        assert [range_ for _, range_ in alive.served.requests] == ["bytes=0-0"] * 2
    assert result.returncode == 1
    assert result.stdout == ""
    *faults, last = result.stderr.splitlines()
    assert last == (
        "error: needs: 2 of 4 files cannot be fetched, see the lines above: correct these first"
    )
    starts = (f"{good.url}/fr.tsv:", f"{other.url}/XNLI")
    for fault, start in zip(faults, starts, strict=True):
        assert fault.startswith(f"needs: {start}")
    assert not (tmp_path / "cache").exists()
    assert list((project / "artifacts").rglob("*.parquet")) == []


def test_the_figures_are_those_of_the_files(project, tmp_path):
    multinli = write_multinli(tmp_path / "multinli.zip").read_bytes()
    xnli = write_xnli(tmp_path / "xnli.zip").read_bytes()
    with (
        serve(Served(CORPUS)) as one,
        serve(Served(CORPUS, ranges=False, chunked=True)) as two,
        serve(Served(xnli)) as three,
        serve(Served(multinli)) as four,
    ):

        def edit(params):
            params["languages"]["de"]["corpus"] = f"{one.url}/de.tsv.gz"
            params["languages"]["fr"]["corpus"] = f"{two.url}/fr.tsv.gz"
            params["download"]["max_pairs"] = 1_000_000
            params["nli"] |= {"source": "xnli", "train": 300_000}
            archives = {
                "test": f"{three.url}/XNLI-1.0.zip",
                "train": f"{four.url}/multinli_1.0.zip",
            }
            params["nli"]["xnli"] |= archives
            params["xnli"]["translate_train"] = []

        edit_params(project, edit)
        result = needs(project, tmp_path / "cache")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    shown = {line.split()[-1]: bytes_of(line) for line in lines if f"{one.url}/" in line}
    assert shown == {f"{one.url}/de.tsv.gz": pytest.approx(len(CORPUS), abs=5e4)}
    (total,) = (line for line in lines if "in all" in line)
    assert bytes_of(total) == pytest.approx(len(CORPUS) + len(xnli) + len(multinli), abs=5e4)
    assert total.endswith(f"of unknown size: {two.url}/fr.tsv.gz")
    text = 2 * 1_000_000 * (80 + 215 + 66 + 460) + 150 * (300_000 + 3 * (24 + 48))
    (disk,) = (line for line in lines if "free at" in line)
    parts = {part.split(" ", 2)[2]: bytes_of(part) for part in disk.split(": ", 1)[1].split(", ")}
    assert text - 1e8 < parts["artifacts"] < text + 1.3e8  # with retrieval, analyses and report
    second = parts.get("the second copy in DVC's cache")
    assert second is None or second == pytest.approx(parts["artifacts"], abs=2e8)
    memory = {line.split(":")[0].strip(): line for line in lines if " of " in line and ": " in line}
    assert bytes_of(memory["word_align"].split(":")[1]) == pytest.approx(21.9e9, rel=0.02)
    assert bytes_of(memory["pairs"].split(":")[1]) == pytest.approx(3.6e9, rel=0.02)


def test_when_everything_is_up_to_date_no_host_is_asked(finished, tmp_path):
    project = copied(finished, tmp_path / "project")
    result = needs(project, tmp_path / "cache", PIP_INDEX_URL="http://127.0.0.1:9/")
    assert result.stdout == "needs: all stages are up to date, nothing is fetched\n"
    assert result.returncode == 0, result.stderr


def test_make_asks_before_it_runs():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    recipe = re.search(r"(?m)^repro:.*\n((?:\t.*\n)+)", makefile)[1].splitlines()
    assert recipe.index("\tpython -m stages needs") == recipe.index("\tdvc repro") - 1
    assert "needs" in HELPERS
