import json

import numpy as np
import pandas as pd
from markdown import cells

from pipeline.report.layers import group_layers, layers_table, read_layers


def test_layers_of_two_groups_are_one_table():
    first, second = (pd.DataFrame({"layer": [0, 1], "l2": [0.1 * n, 0.2 * n]}) for n in (1, 2))
    assert group_layers([first]).equals(first)
    both = group_layers([first, second])
    assert list(both.columns) == ["layer", "l2", "l2 (not aligned)"]
    assert both["l2 (not aligned)"].tolist() == second["l2"].tolist()


def test_a_group_without_gold_sets_leaves_the_other_as_it_is(tmp_path):
    (tmp_path / "l2" / "ru").mkdir(parents=True)
    figures = {"layers": {"0": {"gold": {}}, "3": {"gold": {}}}}
    (tmp_path / "l2" / "ru" / "figures.json").write_text(json.dumps(figures))
    without = read_layers(tmp_path, ["l2"], ["ru"], "gold")
    rates = pd.DataFrame({"layer": [0, 3], "l2": [0.5, 0.25]})
    for tables, present in (([rates, without], "l2"), ([without, rates], "l2 (not aligned)")):
        both = group_layers(tables)
        assert list(both.columns) == ["layer", "l2", "l2 (not aligned)"]
        assert both["layer"].tolist() == [0, 3]
        assert both[present].tolist() == [0.5, 0.25]
        (absent,) = {"l2", "l2 (not aligned)"} - {present}
        assert np.isnan(both[absent]).all()


def test_layers_are_means_over_languages_in_the_order_of_numbers(tmp_path):
    for method, gain in (("l2", 0.25), ("base", 0.0)):
        for language, means in (("el", (0.5, 0.25)), ("bg", (0.25, 0.0)), ("old", (0.9, 0.9))):
            layers = {
                number: {
                    "words": {"to_english": 1, "from_english": 0, "mean": mean + gain},
                    "sentences": {"cosine": {"mean": 1}, "margin": {"mean": mean}},
                    "gold": {"one": {"aer": 0.5}, "two": {"aer": gain}} if number == "2" else {},
                }
                for number, mean in zip(("2", "12"), means, strict=True)
            }
            file = tmp_path / method / language / "figures.json"
            file.parent.mkdir(parents=True)
            file.write_text(json.dumps({"gold": {}, "layers": layers}))
    rows, sentences, gold = (
        read_layers(tmp_path, ["l2", "base"], ["el", "bg"], kind)
        for kind in ("words", "sentences", "gold")
    )
    assert rows.to_dict("list") == {"layer": [2, 12], "l2": [0.625, 0.375], "base": [0.375, 0.125]}
    assert sentences["base"].tolist() == sentences["l2"].tolist() == [0.375, 0.125]
    assert gold.to_dict("list") == {"layer": [2], "l2": [0.375], "base": [0.25]}
    assert cells(layers_table(rows)) == [
        ["layer", "l2", "base"],
        ["2", "62.5", "37.5"],
        ["12", "37.5", "12.5"],
    ]


def test_without_gold_sets_there_are_no_error_rates_by_layer(tmp_path):
    (tmp_path / "l2" / "de").mkdir(parents=True)
    figures = {"layers": {"3": {"gold": {}}}}
    (tmp_path / "l2" / "de" / "figures.json").write_text(json.dumps(figures))
    rows = read_layers(tmp_path, ["l2"], ["de"], "gold")
    assert list(rows.columns) == ["layer", "l2"]
    assert layers_table(rows) == "There is no gold set."
