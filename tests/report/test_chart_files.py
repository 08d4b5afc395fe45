import dataclasses
import io
import json
import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest

from pipeline.report.browser import pack, unpack
from pipeline.report.chart_files import csv_text, latex_text
from pipeline.report.charts import Chart
from pipeline.report.page import page

SPECIAL = re.compile(r"(?<!\\)[&%$#_{}~^]|[<>|]|[^ -ÿ]")


@pytest.fixture(scope="module")
def files(run):
    return run.chart_files


def read_csv(text):
    return pd.read_csv(io.StringIO(text), keep_default_na=False, na_values=[""])


def body(text):
    """The cells of the table's head and of its rows, from LaTeX."""
    assert text.count("\\begin{") == text.count("\\end{") > 0
    lines = [line for line in text.splitlines() if line.endswith(r" \\")]
    return [line.removesuffix(r" \\").split(" & ") for line in lines]


def plain(cell):
    """The cell without its LaTeX, all of which must be known."""
    for latex in (r"$\rightarrow$", r"$\pm$", "$-$", "$<$", r"\%", r"\_"):
        cell = cell.replace(latex, "")
    assert not SPECIAL.search(cell), cell
    return cell


def odd_chart(**columns):
    return Chart("odd", "100 % & more_or_less {#1}", "A note.", {}, pd.DataFrame(columns))


def test_every_chart_of_the_page_has_both_files_in_it(html, files):
    names = re.findall('data-chart="(.+?)"', html)
    assert len(names) == 18
    expected = [f"{name}.{suffix}" for name in names for suffix in ("csv", "tex")]
    assert sorted(files) == sorted(expected)
    assert re.findall(r'<a download="(.+?)">', html) == expected
    packed = re.search(r'id="chart-files">(.+?)</script>', html).group(1)
    assert unpack(packed) == files


def test_the_files_count_towards_the_limit_of_the_page(run, html, files, monkeypatch):
    packs = r'id="pack-\w+">(.+?)</script>'
    limit = sum(map(len, re.findall(packs, html)))
    monkeypatch.setattr("pipeline.report.page.LIMIT", limit)
    less = sum(map(len, re.findall(packs, page(run))))
    assert less + len(pack(files)) <= limit


def test_csv_has_what_is_drawn_in_the_same_order(html, files):
    specs = json.loads(re.search(r'id="specs">(.+?)</script>', html).group(1))
    for name, spec in specs.items():
        drawn = pd.DataFrame(spec["data"]["values"]).dropna(axis="columns", how="all")
        assert drawn.round(4).equals(drawn)  # more digits would be invisible, and swell the page
        table = read_csv(files[f"{name}.csv"])
        if "seed" in table:
            table = table.drop_duplicates(["language", "method"], ignore_index=True)
        pd.testing.assert_frame_equal(
            table[list(drawn)].round(4), drawn, check_dtype=False, atol=0.0051, obj=name
        )


def test_csv_has_full_precision_and_differences(run, files):
    rows = run.tables["retrieval"].reset_index(drop=True)
    table = read_csv(files["retrieval.csv"])
    for name in ("accuracy", "low", "high", "difference", "difference_low", "difference_high"):
        np.testing.assert_array_equal(table[name], 100 * rows[name])
    np.testing.assert_array_equal(table["p"], rows["p"])
    german = read_csv(files["analysis-class.csv"]).query("language == 'de' and bin == 'open'")
    rows = run.analyses.query("language == 'de' and bin == 'open' and direction == 'mean'")
    np.testing.assert_array_equal(german["p"], rows["p"])
    np.testing.assert_array_equal(german["difference"], 100 * rows["difference"])


def test_inference_has_a_row_per_method_language_and_seed(run, files):
    table = read_csv(files["inference.csv"])
    expected = run.tables["nli"].set_index(["language", "method", "seed"])["accuracy"]
    found = table.set_index(["language", "method", "seed"])["accuracy_of_seed"]
    assert found.index.is_unique
    np.testing.assert_array_equal(found[expected.index], 100 * expected)
    abroad = expected[["de", "fr"]].groupby(["method", "seed"]).mean()[["base", "l2"]]
    np.testing.assert_allclose(found["mean without en"][abroad.index], 100 * abroad)
    assert set(found["mean"].index.unique("method")) == {"base", "l2"}  # the ceiling: only de
    over_seeds = table.groupby(["language", "method"])[["accuracy_of_seed", "accuracy"]].mean()
    np.testing.assert_allclose(over_seeds["accuracy_of_seed"], over_seeds["accuracy"])


def test_latex_has_the_rows_of_csv_rounded_for_print(files):
    for name in (name.removesuffix(".csv") for name in files if name.endswith(".csv")):
        text, table = files[f"{name}.tex"], read_csv(files[f"{name}.csv"])
        if "seed" in table:
            table = table.drop_duplicates(["language", "method"])
        head, *rows = body(text)
        assert len(rows) == len(table)
        assert {len(row) for row in rows} == {len(head)}
        for cell in (cell for row in [head, *rows] for cell in row):
            plain(cell)
        for rule in ("top", "mid", "bottom"):
            assert text.count(f"\\{rule}rule") == 1, name
        assert text.startswith("% \\usepackage{booktabs}\n% ")
        assert f"\\label{{tab:{name}}}" in text
        for column, cells in zip(head, zip(*rows, strict=True), strict=True):
            if column.endswith(r", \%") and not column.startswith("seed"):
                found = [float(cell.split()[0]) for cell in cells]
                expected = table[column.removesuffix(r", \%")]
                assert found == pytest.approx(expected.tolist(), abs=0.0501), name


def test_latex_prints_half_intervals_levels_and_seeds(run, files):
    head, *rows = body(files["retrieval.tex"])
    assert head[2] == r"accuracy, \%"
    assert head[-2:] == ["difference, points", "p"]
    before, after = run.tables["retrieval"].to_dict("records")[:2]
    half = 50 * (after["difference_high"] - after["difference_low"])
    assert rows[1][-2:] == [
        f"{100 * after['difference']:.1f} $\\pm$ {half:.1f}", f"{after['p']:.3f}"
    ]  # fmt: skip
    assert rows[0][-2:] == ["", ""]
    half = 50 * (before["high"] - before["low"])
    assert rows[0][2] == f"{100 * before['accuracy']:.1f} $\\pm$ {half:.1f}"
    assert "% Differences are from the first method" in files["retrieval.tex"]
    head, *rows = body(files["inference.tex"])
    assert head[-2:] == [r"seed 1, \%", r"seed 2, \%"]
    base = run.tables["nli"].query("language == 'en' and method == 'base'")["accuracy"]
    assert rows[0][-2:] == [f"{100 * accuracy:.1f}" for accuracy in base]
    assert rows[0][2] == f"{100 * base.mean():.1f} $\\pm$ {100 * base.std():.1f}"


def test_latex_escapes_what_it_would_read_as_commands():
    texts = ["a_b & 5 % #{}", "~^\\$ <x> | de → en", "[CLS]", "1–5 −2"]
    text = latex_text(odd_chart(**{"the_bin": texts, "p": [1e-4, 0.25, np.nan, 1.0]}))
    assert r"\caption{100 \% \& more\_or\_less \{\#1\}}" in text
    assert "Latin-1" not in text
    head, *rows = body(text)
    assert head == ["the bin", "p"]
    assert rows == [
        [r"a\_b \& 5 \% \#\{\}", "$<$ 0.001"],
        [r"\textasciitilde{}\textasciicircum{}\textbackslash{}\$ $<$x$>$ $|$ de $\rightarrow$ en",
         "0.250"],
        ["{[}CLS]", ""],
        ["1--5 $-$2", "1.000"],
    ]  # fmt: skip


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no TeX: apt-get install texlive")
def test_latex_compiles(files, tmp_path):
    odd = odd_chart(bin=["a_b & 5 % #{} ~^\\$ <x> | → −2 ± 1–5", "[CLS]", "français"] * 99)
    texts = [text for name, text in files.items() if name.endswith(".tex")] + [latex_text(odd)]
    packages = "\\usepackage{booktabs,longtable}"
    content = "\n".join([packages, "\\begin{document}", *texts, "\\end{document}"])
    (tmp_path / "all.tex").write_text(f"\\documentclass{{article}}{content}", "utf-8")
    command = ["pdflatex", "-draftmode", "-halt-on-error", "-interaction=nonstopmode", "all.tex"]
    done = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:]


def test_latex_says_what_other_alphabets_and_many_rows_need():
    assert "% Letters outside Latin-1 need LuaLaTeX" in latex_text(odd_chart(bin=["Ελληνικά"]))
    assert "Latin-1" not in latex_text(odd_chart(bin=["français"]))
    steps = list(range(1, 42))
    short, long = (latex_text(odd_chart(step=steps[:number])) for number in (40, 41))
    assert "longtable" not in short
    assert long.startswith("% \\usepackage{booktabs,longtable}\n")
    assert "\\begin{longtable}{r}" in long


def test_numbers_are_printed_by_their_kind():
    text = latex_text(
        odd_chart(method=["a", "b"], words=[14310, 5], loss=[-0.123456, 0.00012], never=[-1.25, 3])
    )
    assert body(text)[1:] == [
        ["a", "14,310", "$-$0.1235", "$-$1.2"], ["b", "5", "0.00012", "3.0"]
    ]  # fmt: skip
    assert csv_text(odd_chart(loss=[1 / 3])) == "loss\n0.3333333333333333\n"


def test_one_method_and_one_seed_have_neither_differences_nor_seeds(run):
    one = run.tables["nli"].query("method == 'base' and seed == 1")
    summary = run.tables["nli_summary"].query("method == 'base'").assign(deviation=np.nan, runs=1)
    tables = {**run.tables, "nli": one, "nli_summary": summary}
    files = dataclasses.replace(run, tables=tables).chart_files
    assert body(files["inference.tex"])[0] == ["language", "method", r"accuracy, \%", "runs"]
    assert set(read_csv(files["inference.csv"])["seed"]) == {1}
