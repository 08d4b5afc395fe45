"""The model card: its figures against the tables, its code run as a reader would run it."""

import re
import shutil

import numpy as np
import pandas as pd
import pytest
from huggingface_hub import ModelCard
from tiny import TRAINING, build, read_text, train_split

from pipeline.corpora.catalogue import CATALOGUE
from pipeline.encoder.load import load_encoder
from pipeline.encoder.rotation import rotations, save_rotations
from pipeline.encoder.word_vectors import pair_vectors
from pipeline.release.model_card import (
    Facts,
    card_inference_table,
    card_retrieval_table,
    corpora_table,
    model_card,
    rotated_layers,
)

CHANGE = ("difference_low", "difference_high", "p")
RETRIEVAL = pd.DataFrame(
    [
        ("base", "de → en", 1200, 0.5, 0.48, 0.52, None, None, None, None),
        ("l2", "de → en", 1200, 0.75, 0.73, 0.77, 0.25, 0.22, 0.28, 0.0002),
        ("other", "de → en", 1200, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1),
        ("base", "en → de", 1200, 0.3, 0.28, 0.32, None, None, None, None),
        ("l2", "en → de", 1200, 0.4, 0.38, 0.42, 0.1, 0.07, 0.13, 0.03),
    ],
    columns=["method", "query", "words", "accuracy", "low", "high", "difference", *CHANGE],
).assign(language="de", pairs="agreed")
INFERENCE = pd.DataFrame(
    [
        ("en", 400, "base", 0.5, None, None, None, None),
        ("en", 400, "l2", 0.8, 0.3, 0.25, 0.35, 0.0002),
        ("en", 400, "translate-train", 0.9, None, None, None, None),
        ("mean", 400, "base", 0.45, None, None, None, None),
        ("mean", 400, "l2", 0.55, 0.1, -0.01, 0.21, 0.07),
    ],
    columns=["language", "examples", "method", "accuracy", "difference", *CHANGE],
)


def facts(**changes):
    given = {
        "encoder": "e5-small",
        "revision": None,
        "licence": None,
        "corpora": {"de": ["software", "europarl"], "fr": ["software", "file:own.tsv"]},
        "method": "l2",
        "settings": {"objective": "l2", "sentences": 800},
        "pooling": "last",
        "inference": "the hand-written sample (not XNLI)",
    }
    return Facts(**(given | changes))


def rows(table):
    """The cells of a Markdown table, by row, without its head."""
    lines = [line.strip("|").split("|") for line in table.splitlines()]
    return [[cell.strip() for cell in line] for line in lines[2:]]


def test_figures_have_their_intervals():
    to_english, from_english, mean = rows(card_retrieval_table(RETRIEVAL, "l2"))
    assert to_english[:3] == ["de → en", "1,200", "50.0 [48.0, 52.0]"]
    assert to_english[3:] == ["75.0 [73.0, 77.0]", "25.0 [22.0, 28.0], p < 0.001"]
    assert from_english[2:] == [
        "30.0 [28.0, 32.0]",
        "40.0 [38.0, 42.0]",
        "10.0 [7.0, 13.0], p = 0.030",
    ]
    assert mean == ["mean", "", "40.0", "57.5", ""]
    assert rows(card_inference_table(INFERENCE, "l2")) == [
        # 1.96 √(0.5 · 0.5 / 400) = 0.049 and 1.96 √(0.8 · 0.2 / 400) = 0.0392
        ["en", "400", "50.0 [45.1, 54.9]", "80.0 [76.1, 83.9]", "30.0 [25.0, 35.0], p < 0.001"],
        ["mean", "400", "45.0", "55.0", "10.0 [-1.0, 21.0], p = 0.070"],
    ]


def test_the_first_method_itself_has_no_difference():
    assert rows(card_retrieval_table(RETRIEVAL, "base"))[0] == [
        "de → en",
        "1,200",
        "50.0 [48.0, 52.0]",
    ]
    assert rows(card_inference_table(INFERENCE, "base"))[1] == ["mean", "400", "45.0"]


def test_each_corpus_has_its_licence_once():
    software, europarl, own = rows(corpora_table(facts().corpora))
    assert software[:2] == ["software", "de, fr"]
    assert software[3] == CATALOGUE["software"].licence
    assert europarl[1:4] == ["de", "v8", CATALOGUE["europarl"].licence]
    assert own == ["file:own.tsv", "fr", "", "own file", ""]


@pytest.mark.parametrize(
    ("changes", "licence", "base"),
    [
        ({}, "mit", "intfloat/multilingual-e5-small"),
        ({"encoder": "my/folder"}, "unknown", None),
        ({"encoder": "org/model", "revision": "a" * 40}, "unknown", "org/model"),
        ({"encoder": "org/model", "revision": "a" * 40, "licence": "mit"}, "mit", "org/model"),
    ],
)
def test_the_hub_reads_its_metadata(changes, licence, base):
    card = ModelCard(model_card(facts(**changes), RETRIEVAL, INFERENCE))
    assert card.data.language == ["en", "de", "fr"]
    assert (card.data.license, card.data.base_model) == (licence, base)
    assert card.data.tags[-1] == "l2"
    assert ("licence is not known" in card.text) == (licence == "unknown")
    assert "not XNLI" in card.text
    assert f"at commit `{'a' * 40}`" in card.text or not changes.get("revision")


def run_code(card, folder, monkeypatch):
    """What its blocks of Python define."""
    monkeypatch.chdir(folder)
    (folder / "README.md").write_text(card, "utf-8")
    names: dict = {}
    for block in re.findall(r"```python\n(.*?)```", card, re.DOTALL):
        exec(block, names)
    return names


@pytest.mark.parametrize("pooling", ["last", "first", "mean"])
def test_its_code_gives_the_vectors_of_the_pipeline(
    pooling, encoder, encoder_folder, tmp_path, monkeypatch
):
    folder = shutil.copytree(encoder_folder, tmp_path / "release")
    card = model_card(facts(pooling=pooling), RETRIEVAL, INFERENCE)
    vectors = run_code(card, folder, monkeypatch)["word_vectors"]
    split, pairs = build("de", pooling=pooling)["train"]
    table, expected = pairs.to_pandas(), pair_vectors(encoder, split)[0]
    text = list(read_text("de").source)
    for line in table["line"].unique()[:5]:
        of_line = table["line"] == line
        words = text[line].split()
        found = vectors(words).numpy()
        assert found.shape == (len(words), encoder.config.hidden_size)
        paired = found[table["source_index"][of_line]]
        np.testing.assert_allclose(paired, expected[of_line.to_numpy()], atol=1e-5)


def test_its_code_rotates(encoder, encoder_folder, tmp_path, monkeypatch):
    folder = shutil.copytree(encoder_folder, tmp_path / "release")
    maps = rotations(encoder, {"de": train_split("de")}, TRAINING.layers)
    save_rotations(maps, folder)
    assert rotated_layers(folder) == [2]
    given = facts(settings={"objective": "rotation"}, method="rotation", rotations=[2])
    card = model_card(
        given, RETRIEVAL.replace("l2", "rotation"), INFERENCE.replace("l2", "rotation")
    )
    names = run_code(card, folder, monkeypatch)
    words = ["Das", "ist", "ein", "Haus"]
    expected = names["word_vectors"](words).numpy() @ maps["de.2"]
    np.testing.assert_allclose(names["rotated"](words, "de").numpy(), expected, atol=1e-5)
    assert rotated_layers(encoder_folder) == []


def test_the_folder_is_an_encoder(encoder_folder, tmp_path):
    folder = shutil.copytree(encoder_folder, tmp_path / "release")
    (folder / "README.md").write_text(model_card(facts(), RETRIEVAL, INFERENCE), "utf-8")
    assert load_encoder(folder).config.hidden_size == 16


@pytest.mark.parametrize(("pairs", "name"), [("agreed", "agreed pairs"), ("all", "all pairs (the")])
def test_the_card_says_of_which_pairs_its_retrieval_is(pairs, name):
    text = model_card(facts(), RETRIEVAL.assign(pairs=pairs), INFERENCE)
    assert f"Contextual word retrieval, {name}" in text


def test_languages_that_were_not_aligned_are_named_and_their_figures_apart():
    russian = RETRIEVAL.assign(
        language="ru",
        query=RETRIEVAL["query"].str.replace("de", "ru") + " (not aligned)",
        accuracy=RETRIEVAL["accuracy"] - 0.1,
    )
    retrieval = pd.concat([RETRIEVAL, russian])
    inference = pd.concat([INFERENCE.head(3), INFERENCE.head(2).assign(language="ru")])
    given = facts(corpora={"de": ["europarl"], "ru": ["software"]}, unaligned=["ru"])
    text = model_card(given, retrieval, inference)
    card = ModelCard(text)
    assert card.data.language == ["en", "de"]
    assert "English was aligned with:\nde." in text
    assert "It was not trained on text in ru" in text
    trained, tested = text.split("The text comes from:")[1].split("languages that were not aligned")
    assert ("europarl" in trained, "software" in trained) == (True, False)
    assert "| software | ru" in re.sub(" +", " ", tested)
    assert "ru → en (not aligned)" in text
    means = rows(card_retrieval_table(retrieval, "l2", ["ru"]))[-2:]
    assert means == [
        ["mean of aligned languages", "", "40.0", "57.5", ""],
        ["mean of languages that were not aligned", "", "30.0", "47.5", ""],
    ]
    assert rows(card_inference_table(inference, "l2", ["ru"]))[-1][0] == "ru (not aligned)"
    assert "not aligned" not in model_card(facts(), RETRIEVAL, INFERENCE)


def test_its_rotations_are_those_of_aligned_languages():
    corpora = {"de": ["europarl"], "fr": ["software"]}
    settings = {"objective": "rotation"}
    given = facts(corpora=corpora, unaligned=["de"], settings=settings, rotations=[12])
    assert "# named as in fr.12" in model_card(given, RETRIEVAL, INFERENCE)
