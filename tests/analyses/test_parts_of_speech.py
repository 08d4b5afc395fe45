import sys

import numpy as np
import pandas as pd
import pytest

from pipeline.analyses.parts_of_speech import parts_of_speech
from pipeline.common.errors import PipelineError

SENTENCES = {
    "They watch the dog": ["PRON", "VERB", "DET", "NOUN"],
    "The watch stopped": ["DET", "NOUN", "VERB"],
    "We dog them": ["PRON", "VERB", "PRON"],
    "The dog stopped": ["DET", "NOUN", "VERB"],
}
LINES = [*SENTENCES, "never read", "The watch stopped"]
PAIRS = pd.DataFrame(
    [(1, 1), (0, 1), (0, 3), (2, 1), (5, 2), (1, 0)], columns=["line", "english_index"]
)


def example(nlp, sentence, tags):
    from spacy.tokens import Doc
    from spacy.training import Example

    words = sentence.split(" ")
    return Example.from_dict(Doc(nlp.vocab, words), {"words": words, "pos": tags})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A pipeline of spaCy that knows four sentences by heart."""
    import spacy  # slow to load

    spacy.util.fix_random_seed(1)
    nlp = spacy.blank("en")
    nlp.add_pipe("morphologizer")
    examples = [example(nlp, sentence, tags) for sentence, tags in SENTENCES.items()]
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(40):
        nlp.update(examples, sgd=optimizer)
    nlp.meta["version"] = "1.2.3"
    path = tmp_path_factory.mktemp("tagger")
    nlp.to_disk(path)
    return path


def test_a_word_has_the_part_of_speech_of_its_sentence(folder):
    found = parts_of_speech(PAIRS, LINES, f"{folder}==1.2.3")
    assert found.tolist() == ["noun", "verb", "noun", "verb", "verb", "determiner"]


def test_no_pairs_have_no_parts_of_speech(folder):
    found = parts_of_speech(PAIRS.head(0), LINES, f"{folder}==1.2.3")
    assert found.dtype == np.dtype(object)
    assert found.tolist() == []


def test_a_missing_tagger_is_reported_with_its_remedy(folder):
    with pytest.raises(PipelineError, match=r"python -m spacy download --direct en_none-1\.0\.0$"):
        parts_of_speech(PAIRS, LINES, "en_none==1.0.0")
    with pytest.raises(PipelineError, match=r"has version 1\.2\.3, not 1\.2\.4$"):
        parts_of_speech(PAIRS, LINES, f"{folder}==1.2.4")


def test_a_pipeline_without_a_tagger_is_refused(tmp_path):
    import spacy

    nlp = spacy.blank("en")
    nlp.meta["version"] = "1.0.0"
    nlp.to_disk(tmp_path / "blank")
    with pytest.raises(PipelineError, match=r"blank==1\.0\.0 does not tag every word's part"):
        parts_of_speech(PAIRS, LINES, f"{tmp_path / 'blank'}==1.0.0")


def test_without_spacy_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(PipelineError, match=r"pip install .* '\.\[tagger\]'$"):
        parts_of_speech(PAIRS, LINES, "en_core_web_sm==3.8.0")
