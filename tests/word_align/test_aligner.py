"""The aligner for Python: texts and lists of words, offsets, and the example in the README."""

import dataclasses
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from clones import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import read_text

from pipeline.common.errors import PipelineError
from pipeline.tokenize.cleaning import Cleaning
from pipeline.tokenize.tokenize import tokenize
from pipeline.word_align.aligner import AlignedPair, Aligner, Link, Tokens
from pipeline.word_align.encoder_aligner import align_words, scored_links
from pipeline.word_align.links import to_pharaoh


@pytest.fixture(scope="module")
def aligner(encoder_folder):
    return Aligner.load(encoder_folder, language="de", layer=1)


BITEXT = read_text("de").head(20)
PAIRS = list(zip(BITEXT.source, BITEXT.english, strict=True))
TEXT = "Das Haus, sagt er, ist rot. Sonst (heute)\tnichts\u200b!"
WORDS = ["Das", "Haus", ",", "sagt", "er", ",", "ist", "rot", ".", "Sonst", "(", "heute", ")"]
WORDS += ["nichts", "!"]


def test_lists_of_words_have_the_links_of_align_words(aligner):
    pairs = [(source.split(), english.split()) for source, english in PAIRS]
    found = aligner.align(pairs)
    expected = align_words(*zip(*pairs, strict=True), aligner.encoder)
    assert [pair.pharaoh for pair in found] == to_pharaoh(expected)
    assert [list(pair.source.words) for pair in found] == [source for source, _ in pairs]
    assert all(pair.source.offsets is None is pair.english.offsets for pair in found)
    assert {link.probability for pair in found for link in pair.links} == {None}


def test_scores_are_the_probabilities_of_the_links(aligner):
    pairs = [(source.split(), english.split()) for source, english in PAIRS]
    expected = scored_links(*zip(*pairs, strict=True), aligner.encoder).by_sentence()
    for pair, links in zip(aligner.align(pairs, scores=True), expected, strict=True):
        assert pair.links == tuple(Link(i, j, p) for (i, j), p in links.items())
        assert all(0 < link.probability <= 1 for link in pair.links)


def test_texts_have_the_words_of_the_step_tokenize(aligner):
    raw = pd.DataFrame([*PAIRS, (TEXT, "It's red, Mr. Smith said.")], columns=["source", "english"])
    folder = ROOT / "data" / "abbreviations"
    tokens, _ = tokenize(raw, "de", Cleaning(0, 9999, 1), folder)
    found = dataclasses.replace(aligner, abbreviations=folder).align(
        list(zip(raw.source, raw.english, strict=True))
    )
    for side in ("source", "english"):
        assert [" ".join(getattr(pair, side).words) for pair in found] == list(tokens[side])
    assert len(tokens) == len(raw)


def test_offsets_are_those_of_the_words_in_their_text(aligner):
    (pair,) = aligner.align([(TEXT, ["the", "house"])])
    assert list(pair.source.words) == WORDS
    assert [TEXT[start:end] for start, end in pair.source.offsets] == WORDS
    assert pair.english == Tokens(("the", "house"))
    (pair,) = aligner.align([("der\x01\x02Hund", "")])
    assert (pair.source.words, pair.source.offsets) == (("derHund",), ((0, 9),))
    assert pair == AlignedPair(pair.source, Tokens((), ()), ())


@settings(deadline=None)  # the dictionary of a language is read once
@given(
    text=st.text(max_size=40),
    language=st.sampled_from(["de", "en", "fr", "zh", "th", "bg"]),
)
def test_offsets_of_any_text_are_in_order_and_leave_out_nothing_visible(text, language):
    found = Aligner(None, language)._tokens([text], language)[0]
    assert len(found.words) == len(found.offsets)
    end = 0
    for word, (start, stop) in zip(found.words, found.offsets, strict=True):
        assert end <= start < stop
        assert re.sub(r"[\x00-\x1f]", "", text[start:stop]) == word
        assert not re.search(r"[^\W_]", text[end:start])
        end = stop
    assert not re.search(r"[^\W_]", text[end:])


def test_a_text_that_the_tokeniser_would_change_is_refused(aligner):
    with pytest.raises(PipelineError, match="'DOTMULTI': the tokeniser changes its characters"):
        aligner.align([("DOTMULTI", "dots")])


def test_each_side_may_be_a_text_or_words(aligner):
    source, english = "der rote Hund schläft", "the red dog sleeps"
    sides = [(source, english), (source.split(), english), (source, english.split())]
    links = {pair.pharaoh for pair in aligner.align(sides)}
    assert links == {aligner.align([(source.split(), english.split())])[0].pharaoh}
    assert links != {""}
    assert aligner.align([]) == []


def test_texts_need_a_language_and_words_do_not(encoder_folder):
    aligner = Aligner.load(str(encoder_folder))
    assert aligner.align([(["der", "Hund"], "the dog")])[0].links
    with pytest.raises(PipelineError, match="'der Hund': is a text, and its language is not known"):
        aligner.align([("der Hund", "the dog")])


def test_texts_without_spaces_between_words_need_a_segmenter(aligner):
    tibetan = "བོད་ཀྱི་སྐད་ཡིག་ནི་བོད་ཡུལ་གྱི་སྐད་ཡིག་ཡིན།"
    with pytest.raises(PipelineError, match="1 of 1 lines are in Tibetan script without spaces"):
        aligner.align([(tibetan, ["Tibetan", "is", "the", "language", "of", "Tibet"])])
    (pair,) = dataclasses.replace(aligner, language="zh").align([("我喜欢音乐", "I like music")])
    assert pair.source.words == ("我", "喜欢", "音乐")
    assert pair.source.offsets == ((0, 1), (1, 3), (3, 5))


def test_the_encoder_is_opened_as_asked_for(encoder_folder):
    options = {"method": "softmax", "layer": -1, "unit": "subwords", "threshold": 0.2}
    encoder = Aligner.load(encoder_folder, **options, device="cpu").encoder
    assert {name: getattr(encoder, name) for name in options} == {**options, "layer": 2}
    with pytest.raises(PipelineError, match=r"has no config\.json: give the folder"):
        Aligner.load(encoder_folder.parent)


def test_the_example_in_the_readme_runs(encoder_folder, tmp_path, monkeypatch, capsys):
    readme = (ROOT / "README.md").read_text("utf-8")
    section = readme.split("## Python: ")[1].split("\n## ")[0]
    code = "\n".join(line[4:] for line in section.splitlines() if line.startswith("    "))
    assert "from contextual_alignment." in code
    shutil.copytree(encoder_folder, tmp_path / "artifacts" / "release")
    monkeypatch.chdir(tmp_path)
    # Under its other name the package is that of an installation, which may be another checkout.
    exec(code.replace("contextual_alignment", "pipeline"), {})
    printed = capsys.readouterr().out.splitlines()
    assert printed
    assert all(re.fullmatch(r"\S+ \S+ [01]\.\d+", line) for line in printed)
    assert Path("artifacts/release").is_dir()
