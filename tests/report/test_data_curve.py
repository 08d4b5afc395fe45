"""The curve drawn of experiments."""

import json

import pandas as pd
import pytest
import vl_convert
from shown_experiments import FILES, experiment, read, shown, sized

from pipeline.common.errors import PipelineError
from pipeline.report import paper_numbers as paper
from pipeline.report.data_curve import (
    curve_chart,
    curve_table,
    read_curve,
    read_paper,
    with_paper,
)
from stages.curve import main


def accuracies(rows):
    keys = ["measure", "language", "series", "sentences"]
    return {
        tuple(row[key] for key in keys): round(row["accuracy"], 6)
        for row in rows.to_dict("records")
    }


def test_a_sweep_of_sizes_is_one_series_from_the_unmodified_encoder():
    rows = read_curve(
        shown(experiment(sized(800), gain=0.1), experiment(sized(50), gain=0.05)), "artifacts", read
    )
    found = accuracies(rows)
    assert {key: value for key, value in found.items() if key[1] == "de"} == {
        ("retrieval", "de", "l2", 0): 0.2,
        ("retrieval", "de", "l2", 50): 0.25,
        ("retrieval", "de", "l2", 800): 0.3,
        ("inference", "de", "l2", 0): 0.615,
        ("inference", "de", "l2", 50): 0.665,
        ("inference", "de", "l2", 800): 0.715,
    }
    seeds = rows[(rows["measure"] == "inference") & (rows["language"] == "de")]
    assert set(seeds["runs"]) == {2}
    # Two seeds that differ by 0.01.
    assert seeds["deviation"].tolist() == pytest.approx([0.01 / 2**0.5] * 3)


def test_methods_of_several_sizes_in_one_run_are_the_same_series():
    def edit(params):
        params["methods"] = ["base", "small", "l2"]
        params["align"]["small"] = {"objective": "l2", "sentences": 50}

    found = accuracies(read_curve(shown(experiment(edit, gain=0.1)), "artifacts", read))
    assert {key[2:] for key in found} == {("l2", 0), ("l2", 50), ("l2", 800)}


def test_what_differs_names_the_series():
    def frozen(params):
        params["methods"] = ["base", "l2", "frozen", "contrastive"]
        params["align"]["frozen"] = {"objective": "l2", "target": "frozen"}

    def europarl(params):
        params["languages"]["de"] = {"corpus": "europarl"}

    found = read_curve(shown(experiment(frozen), experiment(europarl)), "artifacts", read)
    assert set(found["series"]) == {
        "l2, target live, corpus.de software",
        "l2, target frozen, corpus.de software",
        "contrastive, corpus.de software",
        "l2, target live, corpus.de europarl",
    }
    assert set(found[found["sentences"] == 0]["series"]) == set(found["series"])


def test_the_experiment_shown_first_counts_and_unfinished_ones_do_not():
    rows = read_curve(
        shown(
            experiment(gain=0.7, state="running"),
            {"name": "y", "executor": {"state": "failed"}, "revs": [{"rev": "3", "data": None}]},
            {"name": "z", "executor": None, "revs": [{"rev": "3", "data": None}]},
            experiment(gain=0.1, state=None),
            experiment(gain=0.5),
        ),
        "artifacts",
        read,
    )
    assert accuracies(rows)["retrieval", "fr", "l2", 800] == 0.4


def on_paper_data(params):
    """German and French as in the paper, and Russian."""
    params["languages"] = {
        "de": {"corpus": "europarl"},
        "fr": {"corpus": [{"name": "europarl", "max_pairs": 400_000}]},
        "ru": {"corpus": "software"},
    }
    params["nli"]["source"] = "xnli"


def curve(*experiments):
    """The rows of experiments and of the paper."""
    given = shown(*experiments)
    return with_paper(read_curve(given, "artifacts", read), read_paper(given))


def with_russian(edit, gain=0.1):
    run = experiment(edit, gain=gain)
    for method, figure in (("base", 0.1), ("l2", 0.9)):
        path = f"artifacts/retrieval/{method}/ru/summary.json"
        FILES[run["revs"][0]["rev"]][path] = {"mean": figure}
    return run


def test_the_papers_points_are_added_where_it_has_them():
    rows = curve(with_russian(on_paper_data))
    theirs = rows[rows["series"] == "the paper (mBERT)"]
    assert set(theirs["language"]) == {"de", "fr", "en", "mean of de, fr"}
    found = accuracies(rows)
    assert found["retrieval", "de", "the paper (mBERT)", 250_000] == 0.513
    assert found["retrieval", "ru", "l2", 800] == 0.9
    assert found["retrieval", "mean of de, fr", "the paper (mBERT)", 0] == (0.261 + 0.283) / 2
    assert found["inference", "mean of de, fr", "the paper (mBERT)", 10_000] == (0.718 + 0.741) / 2
    assert found["retrieval", "mean of de, fr", "l2", 800] == 0.35
    assert rows["language"].iloc[0] == "mean of de, fr"


def test_other_data_are_not_in_one_chart_with_the_papers():
    """The text and the examples of each measure and language, in all experiments."""

    def points(*edits):
        rows = curve(*(experiment(edit, gain=0.1) for edit in edits))
        theirs = rows[rows["series"] == "the paper (mBERT)"]
        single = theirs[~theirs["language"].str.startswith("mean")]
        return {tuple(row) for row in single[["measure", "language"]].to_numpy()}

    def also(edit):
        def both(params):
            on_paper_data(params)
            edit(params)

        return both

    retrieval = {("retrieval", "de"), ("retrieval", "fr")}
    inference = {("inference", language) for language in ("en", "de", "fr")}
    assert points(lambda _: None) == set()
    assert points(on_paper_data) == retrieval | inference
    sample = also(lambda params: params["nli"].update(source="sample"))
    assert points(sample) == points(on_paper_data, sample) == retrieval
    other = also(lambda params: params["nli"]["hub"].update(revision="0" * 40))
    assert points(other) == retrieval | inference  # the hub is not the source
    hub = also(lambda params: params["nli"].update(source="hub"))
    assert points(hub) == retrieval | inference
    mixed = also(lambda params: params["languages"].update(de={"corpus": ["europarl", "bible"]}))
    assert points(on_paper_data, mixed) == inference | {("retrieval", "fr")}


def test_a_language_that_was_not_aligned_has_a_panel_of_its_own():
    def unaligned(params):
        on_paper_data(params)
        params["languages"]["fr"]["align"] = False

    run, other = with_russian(unaligned), with_russian(on_paper_data, gain=0.2)
    found = accuracies(curve(run))
    assert found["retrieval", "fr (not aligned)", "l2", 800] == 0.4
    assert found["inference", "fr (not aligned)", "l2", 800] == 0.8
    assert ("retrieval", "fr", "the paper (mBERT)", 0) not in found
    assert not any("fr" in key[1] for key in found if key[1].startswith("mean"))
    series = set(curve(run, other)["series"])
    assert len({name for name in series if name.startswith("l2")}) == 2


def test_the_papers_figures_are_shares_and_alignment_gains_in_all_its_languages():
    rows = read_paper(shown(experiment(on_paper_data)))
    assert rows["accuracy"].between(0.1, 0.9).all()
    for table in (paper.RETRIEVAL, paper.ZERO_SHOT):
        before, after = table[paper.BASE], table[paper.FULL_SIZE]
        assert before.keys() == after.keys()
        assert all(after[each] > before[each] for each in before if each != "en")


def test_the_table_and_the_chart_hold_every_point():
    rows = curve(experiment(on_paper_data, gain=0.1))
    table = curve_table(rows)
    head, line = table.splitlines()[0], table.splitlines()[2]
    assert [cell.strip() for cell in head.strip("|").split("|")][3:5] == ["0", "800"]
    assert [cell.strip() for cell in line.strip("|").split("|")][2:5] == ["l2", "25.0", "35.0"]
    assert "61.5 ± 0.7" in table
    chart = curve_chart(rows)
    assert len(chart["data"]["values"]) == len(rows)
    svg = vl_convert.vegalite_to_svg(chart)
    for text in ("retrieval: mean of de, fr", "the paper (mBERT)", "sentence pairs per language"):
        assert text in svg
    assert svg.count("point symbol") + svg.count('aria-roledescription="point"') >= len(rows)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not what `dvc exp show --json` prints"),
        ("[1]", "is not what `dvc exp show --json` prints"),
        (json.dumps(shown()), "has no finished experiment: run some"),
    ],
)
def test_other_content_is_refused(tmp_path, content, message):
    file = tmp_path / "shown.json"
    file.write_text(content)
    with file.open() as opened, pytest.raises(PipelineError, match=message):
        main(opened, tmp_path / "curve")
    assert not (tmp_path / "curve").exists()


def test_the_command_writes_three_files(tmp_path, monkeypatch):
    monkeypatch.setattr("stages.curve.read_json", read)
    file = tmp_path / "shown.json"
    file.write_text(json.dumps(shown(experiment(gain=0.1))))
    with file.open() as opened:
        main(opened, tmp_path / "curve")
    names = sorted(path.name for path in (tmp_path / "curve").iterdir())
    assert names == ["curve.csv", "curve.md", "curve.svg"]
    assert len(pd.read_csv(tmp_path / "curve" / "curve.csv").columns) == 7
