import copy

import pytest
import yaml
from clones import ROOT
from edited_params import GIVEN, edited

from pipeline.common.errors import PipelineError
from stages.params import load_params


def test_the_shipped_params_are_valid():
    assert list(load_params(ROOT / "params.yaml").languages) == ["bg", "de", "el", "es", "fr"]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (
            "languages.xx",
            {"corpus": "software"},
            "languages.xx is 'xx', it must be a code (language 'xx': not in the registry of BCP 47",
        ),
        (
            "languages.en",
            {"corpus": "software"},
            "languages.en is 'en', it must be a code (language 'en': English is the other side of",
        ),
        (
            "languages.bg.corpus",
            "europal",
            "languages.bg.corpus.0.name is 'europal', it must be a corpus",
        ),
        ("languages", {}, "languages is {}, it must"),
        ("languages.bg.align", "no", "languages.bg.align is 'no', it must be a valid boolean"),
        ("methods", ["base", "magic"], "methods is ['base', 'magic'], it must name blocks of"),
        (
            "methods",
            ["defaults"],
            "methods is ['defaults'], it must name blocks of align: base,",
        ),
        (
            "align",
            {"l2": {}},
            "align is {'l2': {}}, it must have a block defaults",
        ),
        ("align.l2", "big", "align.l2 is 'big', it must be a valid dictionary"),
        ("align.l2.epochs", "three", "align.l2.epochs is 'three', it must be a valid integer"),
        ("align.defaults.epochs", 0, "align.defaults.epochs is 0, it must be greater than 0"),
        (
            "align.defaults.learning_rate",
            True,
            "align.defaults.learning_rate is True, it must be",
        ),
        ("align.l2.target", "moving", "align.l2.target is 'moving', it must be 'frozen' or 'live'"),
        ("align.defaults.lr", 0.1, "align.defaults.lr is not a known key"),
        ("align.defaults.seed", None, "align.defaults.seed is missing"),
        ("retrieval", None, "retrieval is missing"),
        ("retrieval.layers", "last", "retrieval.layers is 'last', it must be all, or a list of"),
        ("retrieval.layers", [0, "x"], "retrieval.layers is [0, 'x'], it must be all, or a list"),
        ("retrieval.layers", [0, True], "retrieval.layers is [0, True], it must be all, or"),
        (
            "aligner.commit",
            "master",
            "aligner.commit is 'master', it must be a commit, 40 hex digits",
        ),
        ("aligner.commit", "a" * 41, "aligner.commit is 'aaa"),
        (
            "word_align.provider",
            "zip",
            "word_align.provider is 'zip', it must be 'wheel' or 'source'",
        ),
        (
            "analyses.tagger",
            "en_core_web_sm",
            "analyses.tagger is 'en_core_web_sm', it must be NAME==",
        ),
        ("nli.train", 3001, "nli.train is 3001, it must be a multiple of 3"),
        (
            "nli.source",
            "snli",
            "nli.source is 'snli', it must be 'sample', 'xnli', 'hub' or 'files'",
        ),
        ("nli.xnli.test", "XNLI-1.0.zip", "nli.xnli.test is 'XNLI-1.0.zip', it must be an address"),
        ("nli.hub.revision", "main", "nli.hub.revision is 'main', it must be a commit, 40 hex"),
        ("nli.hub.dataset", "xnli", "nli.hub.dataset is 'xnli', it must be ORG/NAME"),
        (
            "nli.files.test",
            "file:a.tsv#text=b",
            "nli.files.test is 'file:a.tsv#text=b', it must be",
        ),
        ("xnli.seeds", [], "xnli.seeds is [], it must"),
        (
            "release",
            {"licence": None, "method": "rotation"},
            "release is {'licence': None, 'method': 'rotation'}, it must have as method one of",
        ),
        (
            "xnli.tuning.precision",
            "half",
            "xnli.tuning.precision is 'half', it must be 'auto', 'float32' or 'bfloat16'",
        ),
    ],
)
def test_faults_name_the_key_the_value_and_what_is_allowed(tmp_path, key, value, message):
    file = edited(tmp_path, key, value)
    with pytest.raises(PipelineError) as error:
        load_params(file)
    assert str(error.value).startswith(f"{file}: {message}")
    assert "\n" not in str(error.value)


def test_all_faults_are_reported_at_once(tmp_path):
    changed = {**GIVEN["align"]["defaults"], "epochs": "x", "batch_tokens": -1}
    file = edited(tmp_path, "align.defaults", changed)
    with pytest.raises(PipelineError) as error:
        load_params(file)
    first, second = str(error.value).split("; ")  # once, not again with each method
    assert "align.defaults.batch_tokens is -1" in first
    assert second.startswith("align.defaults.epochs is 'x'")


def test_a_method_changes_the_defaults(tmp_path):
    file = edited(tmp_path, "align.sentence", {"objective": "sentence", "epochs": 7})
    params = load_params(edited(tmp_path, "methods", ["base", "l2", "contrastive"]))
    assert params.method("contrastive").objective == "contrastive"
    assert params.method("l2").epochs == GIVEN["align"]["defaults"]["epochs"]
    with pytest.raises(PipelineError, match="sentence: is not under methods"):
        params.method("sentence")
    assert load_params(file) is not None


@pytest.mark.parametrize("content", ["a: [", "", "- list"])
def test_a_file_without_params_is_refused(tmp_path, content):
    (tmp_path / "params.yaml").write_text(content)
    with pytest.raises(PipelineError, match=r"params.yaml: (cannot be read|the file is)"):
        load_params(tmp_path / "params.yaml")
    with pytest.raises(PipelineError, match="cannot be read"):
        load_params(tmp_path / "absent.yaml")


def test_a_language_that_is_not_in_params_is_named(tmp_path):
    with pytest.raises(PipelineError, match="ru: is not under languages"):
        load_params(ROOT / "params.yaml").language("ru")


@pytest.mark.parametrize(
    "address",
    [
        "https://ann:hunter2@host/a.tsv",
        "s3://bucket/a.tsv?X-Amz-Signature=hunter2",
        "s3://bucket/a.tsv#endpoint=https://ann:hunter2@host",
    ],
)
def test_addresses_with_secrets_are_refused_without_repeating_them(tmp_path, address):
    for corpus in (address, [address], {"name": address, "max_pairs": 0}):
        file = edited(tmp_path, "languages.bg.corpus", corpus)
        with pytest.raises(PipelineError, match="credentials or a query string") as error:
            load_params(file)
        assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("key", ["nli.xnli.train", "nli.xnli.translated", "nli.files.dev"])
def test_inference_addresses_with_secrets_are_refused_without_repeating_them(tmp_path, key):
    for address in ("https://ann:hunter2@host/a.zip", "s3://bucket/a.zip?token=hunter2"):
        with pytest.raises(PipelineError, match="credentials or a query string") as error:
            load_params(edited(tmp_path, key, address))
        assert "hunter2" not in str(error.value)


def test_own_inference_data_need_all_three_splits(tmp_path):
    with pytest.raises(PipelineError, match=r"must have files.train, files.dev and files.test"):
        load_params(edited(tmp_path, "nli.source", "files"))


def test_translate_train_needs_known_languages_and_reserves_its_name(tmp_path):
    file = edited(tmp_path, "xnli.translate_train", ["fr", "sw"])
    with pytest.raises(PipelineError, match=r"must have translate_train of languages: bg, de"):
        load_params(file)
    assert load_params(edited(tmp_path, "xnli.translate_train", ["fr"])).xnli.translate_train
    content = copy.deepcopy(GIVEN)
    content["align"]["translate_train"] = {"objective": "l2"}
    content["methods"] = ["base", "translate_train"]
    file.write_text(yaml.safe_dump(content), "utf-8")
    with pytest.raises(PipelineError, match="must not name translate_train, which is a step"):
        load_params(file)


def test_continual_needs_methods_that_train(tmp_path):
    assert load_params(edited(tmp_path, "xnli.continual", ["l2"])).xnli.continual == ["l2"]
    for name in ("base", "rotation", "contrastive"):
        with pytest.raises(PipelineError, match=r"must have continual of methods that train: l2$"):
            load_params(edited(tmp_path, "xnli.continual", [name]))


def test_a_repository_with_secrets_is_refused_without_repeating_them(tmp_path):
    for address in ("https://ann:hunter2@host/a", "https://host/a?token=hunter2"):
        file = edited(tmp_path, "aligner.repository", address)
        with pytest.raises(PipelineError, match=r"must be a git repository .*host/a") as error:
            load_params(file)
        assert "hunter2" not in str(error.value)
    for address in ("ssh://git@host/a", "git@host:a", "../a"):
        params = load_params(edited(tmp_path, "aligner.repository", address))
        assert params.aligner.repository == address


@pytest.mark.parametrize(
    "corpus",
    ["software", ["software", "bible"], {"name": "europarl", "share": 0.5}, ["file:a.tsv"]],
)
def test_a_language_may_take_one_corpus_or_several(tmp_path, corpus):
    params = load_params(edited(tmp_path, "languages.bg.corpus", corpus))
    names = [each.name for each in params.languages["bg"].corpus]
    listed = corpus if isinstance(corpus, list) else [corpus]
    assert names == [each if isinstance(each, str) else each["name"] for each in listed]
