"""The figures of a run, computed again from its params."""

import pytest
import torch
from clones import copied
from hub import Hub, serve
from hub_files import new_home, set_endpoint
from safetensors.torch import load_file, save_file

from pipeline.corpora.names import CorpusShare
from pipeline.encoder.load import load_encoder, save_encoder
from pipeline.needs.space import Run, hub_encoder_size, saved_size, wanted_pairs
from pipeline.obtain.hub import hub_snapshot
from pipeline.obtain.tokenizer_files import published_tokenizer

E = 700_000_000


def test_an_encoder_of_the_hub_in_half_precision_is_saved_in_float32(
    encoder_folder, tmp_path, monkeypatch
):
    new_home(tmp_path / "home", monkeypatch)
    half = copied(encoder_folder, tmp_path / "half")
    weights = load_file(half / "model.safetensors")
    halved = {name: weight.to(torch.bfloat16) for name, weight in weights.items()}
    save_file(halved, half / "model.safetensors", {"format": "pt"})
    count = sum(weight.numel() for weight in weights.values())
    with serve(Hub, folder=half) as hub:
        set_endpoint(monkeypatch, hub.url)
        before = hub_encoder_size("team/tiny", Hub.commit, 1000)
        hub_snapshot("team/tiny", Hub.commit)
    assert before == 4 * count
    others = sum(path.stat().st_size for path in half.glob("*.json"))
    assert hub_encoder_size("team/tiny", Hub.commit, 1000) == 4 * count + others  # offline
    assert hub_encoder_size("team/absent", Hub.commit, 1000) == 1000


def run(*stages, pairs=None, trained=("l2",), links=False):
    pairs = pairs or {"de": 1000, "fr": 10}
    return Run(stages, pairs, E, trained, examples=9000, tested=600, links=links)


def test_an_encoder_is_written_for_each_method_and_the_release():
    whole = run("encoder", "align@base", "align@l2", "release")
    assert whole.artifacts() == 4 * E
    assert whole.distinct() == 2 * E  # base has the encoder's weights, the release those of l2
    assert run("aligner", links=True).artifacts() == E
    assert run("aligner", links=True).distinct() == 0  # a copy of the encoder
    assert run("align@base").checkpoints() == 0
    assert whole.checkpoints() == run("xnli@base-1").checkpoints() == 6 * E


def test_text_counts_by_language_and_inference_by_run():
    text = ("download@de", "tokenize@de", "word_align@de", "pairs@de", "download@fr")
    assert run(*text).artifacts() == 1000 * (80 + 215 + 66 + 460) + 10 * 80
    assert run(*text).distinct() == run(*text).artifacts()
    assert run("nli").artifacts() == 9000 * 150
    tests = run("xnli@base-1", "translate_train@de-1", "continual@l2-1")
    assert tests.artifacts() == 3 * 600 * 60
    assert run("aligner").artifacts() == 0
    assert run("retrieval@base").artifacts() == 2 * 1_000_000  # both languages


def test_memory_is_that_of_the_largest_language_as_measured():
    pairs = {"de": 25_000, "fr": 261_171}
    both = run("word_align@de", "word_align@fr", "pairs@fr", "pairs@de", pairs=pairs)
    small = run("word_align@de", "tokenize@de", "pairs@de", pairs=pairs)
    # Measured: MB at 25,000 and 261,171 pairs.
    assert small.memory("word_align") == pytest.approx(654e6, rel=0.03)
    assert both.memory("word_align") == pytest.approx(5.8e9, rel=0.03)
    assert small.memory("pairs") == pytest.approx(557e6, rel=0.03)
    assert both.memory("pairs") == pytest.approx(1.3e9, rel=0.03)
    assert small.memory("tokenize") == pytest.approx(285e6, rel=0.03)
    assert both.memory("tokenize") == 0


@pytest.mark.parametrize(
    ("corpora", "language", "expected"),
    [
        ([CorpusShare("europarl")], "bg", 395_000),  # the catalogue has no more
        ([CorpusShare("europarl")], "de", 400_000),
        ([CorpusShare("software")], "bg", 14_000),
        ([CorpusShare("software"), CorpusShare("europarl", max_pairs=500)], "bg", 14_500),
        ([CorpusShare("software"), CorpusShare("europarl", share=0.1)], "bg", 54_000),
        ([CorpusShare("file:a.tsv")], "bg", 400_000),
        ([CorpusShare("file:a.tsv"), CorpusShare("software")], "bg", 400_000),
    ],
)
def test_pairs_wanted(corpora, language, expected):
    assert wanted_pairs(corpora, language, 400_000) == expected


def test_the_size_of_a_saved_encoder_is_that_of_float32(encoder_folder, tmp_path):
    tokenizer = published_tokenizer(encoder_folder)
    save_encoder(load_encoder(encoder_folder), tokenizer, tmp_path / "saved")
    saved = sum(path.stat().st_size for path in (tmp_path / "saved").iterdir())
    assert saved_size(encoder_folder) == pytest.approx(saved, abs=5000)
    weights = load_file(tmp_path / "saved" / "model.safetensors")
    half = {name: weight.to(torch.bfloat16) for name, weight in weights.items()}
    before = saved_size(tmp_path / "saved")
    save_file(half, tmp_path / "saved" / "model.safetensors", {"format": "pt"})
    assert saved_size(tmp_path / "saved") == before
