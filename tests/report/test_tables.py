import json

import pandas as pd
from markdown import cells

from pipeline.report.tables import (
    cleaning_table,
    gold_table,
    read_cleaning,
    read_error_rates,
    read_training,
)

METHODS = ["base", "l2"]


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def test_training_of_the_methods_that_were_trained(tmp_path):
    (tmp_path / "base").mkdir()
    (tmp_path / "l2").mkdir()
    log = pd.DataFrame({"step": [1, 2], "loss": [2.0, 1.0], "regularizer": [0.0, 0.5]})
    log["dev"] = [float("nan"), 0.25]
    log.to_csv(tmp_path / "l2" / "training.csv", index=False)
    training = read_training(tmp_path, METHODS)
    assert list(training.method) == ["l2", "l2"]
    assert list(training.columns) == ["method", "step", "loss", "regularizer", "dev"]
    assert read_training(tmp_path, ["base"]).empty


def test_cleaning_by_language_without_rules_that_dropped_none(tmp_path):
    for language, dropped in (("de", (0, 0, 5)), ("bg", (1200, 0, 0)), ("fr", (7, 7, 7))):
        counts = dict(zip(("hash", "bar", "few words"), dropped, strict=True))
        write(tmp_path / f"{language}.json", {"pairs": 9, "kept": 4321, "dropped": counts})
    rows = read_cleaning(tmp_path, ["de", "bg"])
    assert cells(cleaning_table(rows)) == [
        ["fate", "de", "bg"],
        ["kept", "4,321", "4,321"],
        ["hash", "0", "1,200"],
        ["few words", "5", "0"],
    ]
    assert rows.pairs.tolist() == [4321, 0, 0, 5, 4321, 1200, 0, 0]


def test_error_rates_of_every_gold_set_by_every_aligner_and_of_none(tmp_path):
    rates = {"sentences": 48, "precision": 0.75, "recall": 0.5, "aer": 0.4}
    for language, gold in (("de", {"de": rates, "own": {**rates, "aer": 0.25}}), ("bg", {})):
        write(tmp_path / "fast" / f"{language}.json", {"gold": gold})
        better = {name: {**each, "aer": 0.125} for name, each in gold.items()}
        write(tmp_path / "l2" / f"{language}.json", {"words": 9, "gold": better})
    files = {
        aligner: {language: tmp_path / folder / f"{language}.json" for language in ("bg", "de")}
        for aligner, folder in (("word_align", "fast"), ("l2", "l2"))
    }
    rows = read_error_rates(files, ["de", "bg"])
    assert cells(gold_table(rows)) == [
        ["language", "gold", "aligner", "sentences", "precision", "recall", "aer"],
        ["de", "de", "word_align", "48", "75.0", "50.0", "40.0"],
        ["de", "own", "word_align", "48", "75.0", "50.0", "25.0"],
        ["de", "de", "l2", "48", "75.0", "50.0", "12.5"],
        ["de", "own", "l2", "48", "75.0", "50.0", "12.5"],
    ]
    assert rows.bar.nunique() == 4
    assert len(cells(gold_table(read_error_rates(files, ["bg"])))) == 1
