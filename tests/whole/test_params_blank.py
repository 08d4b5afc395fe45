"""A text in params that shows nothing is refused, wherever a text may stand."""

import re

import pytest
from edited_params import GIVEN, edited

from pipeline.common.errors import PipelineError
from pipeline.fetch.addresses import parse_address
from stages.params import load_params


def texts(content, key=""):
    """The keys of all texts in params.yaml, and of what may be a text and is null."""
    if isinstance(content, dict):
        inner = ((f"{key}.{name}" if key else name, value) for name, value in content.items())
        return [text for path, value in inner for text in texts(value, path)]
    return [key] if content is None or isinstance(content, str) else []


@pytest.mark.parametrize("key", texts(GIVEN))
def test_a_blank_text_is_refused_by_the_name_of_its_key(key, tmp_path):
    for blank in ("", " ", "\t\n", "\u00a0", "\u200b"):
        with pytest.raises(PipelineError, match=r" must ") as error:
            load_params(edited(tmp_path, key, blank))
        assert all(re.search(rf"\b{name}\b", str(error.value)) for name in key.split("."))


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("aligner.repository", " ", "aligner.repository"),
        ("languages.de.gold", ["data/gold/de.txt", "\u200b"], "languages.de.gold.1"),
        (
            "languages.de.gold",
            {"links": "a", "source": "", "english": " "},
            "languages.de.gold.source",
        ),
    ],
)
def test_blank_texts_in_lists_and_blocks_are_named(key, value, named, tmp_path):
    with pytest.raises(PipelineError, match=rf"\b{named} must not be blank: give a value, or null"):
        load_params(edited(tmp_path, key, value))


def test_a_tagger_needs_name_and_version(tmp_path):
    assert load_params(edited(tmp_path, "analyses.tagger", "my taggers/de==1")).analyses.tagger
    for half in (" ==1", "de== ", "==", "de"):
        with pytest.raises(PipelineError, match="it must be NAME==VERSION"):
            load_params(edited(tmp_path, "analyses.tagger", half))


@pytest.mark.parametrize(
    "address",
    [
        "https://host/a.tsv#sha256=",
        "s3://bucket/a.tsv#endpoint=%20",
        "file:a.tsv#source=&english=b",
    ],
)
def test_an_option_without_a_value_is_refused(address):
    with pytest.raises(PipelineError, match=r"= has no value: give one, or delete the option"):
        parse_address(address, "corpus", ["source", "english"])
    with pytest.raises(PipelineError, match="is not file:"):
        parse_address("file: ", "corpus", [])
