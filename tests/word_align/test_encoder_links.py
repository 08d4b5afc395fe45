"""The encoder as backend of word_align: its links, and what another encoder runs."""

import json
import shutil

import pytest
import torch
from clones import copied, done, edit_params, ran, run
from tiny import make_encoder, make_tokenizer, read_text

from pipeline.common.errors import PipelineError
from pipeline.encoder.load import load_encoder, save_encoder
from pipeline.word_align.encoder_aligner import align_words, open_aligner
from pipeline.word_align.encoder_links import encoder_links_with_gold
from pipeline.word_align.gold import Gold
from pipeline.word_align.links import from_pairs, to_pharaoh


def split(lines):
    return [line.split(" ") for line in lines]


def test_each_sentence_has_the_links_that_it_has_alone(encoder_folder):
    aligner = open_aligner(encoder_folder, "itermax", layer=1)
    text, gold_text = (read_text("de")[part] for part in (slice(0, 8), slice(8, 11)))
    nothing = from_pairs([set()] * 3)
    gold = Gold([*gold_text.source], [*gold_text.english], nothing, nothing)
    links, of_gold = encoder_links_with_gold(
        [*text.source], [*text.english], {"a": gold, "b": gold}, aligner
    )
    for found, part in ((links, text), (of_gold["a"], gold_text), (of_gold["b"], gold_text)):
        alone = [
            to_pharaoh(align_words([source], [english], aligner))[0]
            for source, english in zip(split(part.source), split(part.english), strict=True)
        ]
        assert to_pharaoh(found) == alone
        assert all(alone)


def test_lines_that_did_not_come_from_tokenize_are_refused(encoder_folder):
    with pytest.raises(PipelineError, match="line 2 is empty, or has"):
        encoder_links_with_gold(["a b", "a  b"], ["a", "b"], {}, open_aligner(encoder_folder))


@pytest.fixture(scope="module")
def project(finished, tmp_path_factory):
    return copied(finished, tmp_path_factory.mktemp("links") / "project")


def change_encoder(folder):
    """Another encoder under the same name: with other weights."""
    model = load_encoder(folder)
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(0.9)
    save_encoder(model, make_tokenizer(), folder)


def repro(project, warm):
    """The stages that ran when word_align@de was asked for."""
    return ran(done(project, "dvc", "repro", "word_align@de", **warm))


def test_another_encoder_aligns_words_again_only_where_it_is_the_aligner(project, warm):
    change_encoder(project / "own" / "tiny")
    assert repro(project, warm) == ["own", "encoder", "aligner"]
    edit_params(project, lambda params: params["word_align"].update(backend="encoder"))
    assert repro(project, warm) == ["aligner", "word_align@de"]
    change_encoder(project / "own" / "tiny")
    assert repro(project, warm) == ["own", "encoder", "aligner", "word_align@de"]
    shutil.rmtree(project / "own" / "tiny")
    make_encoder(project / "own" / "tiny")


def test_the_step_writes_the_links_of_its_settings(project, warm):
    settings = {"backend": "encoder", "method": "softmax", "layer": 0}
    settings |= {"unit": "subwords", "threshold": 0.2}
    edit_params(project, lambda params: params["word_align"].update(settings))
    assert "word_align@de" in repro(project, warm)
    artifacts = project / "artifacts"
    sides = (
        split((artifacts / "tokenize" / "de" / f"{side}.txt").read_text("utf-8").splitlines())
        for side in ("source", "english")
    )
    aligner = open_aligner(
        artifacts / "encoder", "softmax", layer=0, unit="subwords", threshold=0.2
    )
    links = (artifacts / "word_align" / "de.txt").read_text().splitlines()
    assert links == to_pharaoh(align_words(*sides, aligner))
    assert json.loads((artifacts / "aligner" / "aligner.json").read_text()) == {
        "provider": "encoder"
    }
    edit_params(project, lambda params: params["word_align"].update(layer=3))
    failed = run(project, "dvc", "repro", "word_align@de", **warm)
    assert failed.returncode != 0
    assert "layer 3: the encoder has the layers 0 to 2" in failed.stdout + failed.stderr
