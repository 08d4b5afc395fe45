"""Languages of every kind of code: planned by DVC, and run from text to word pairs."""

import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from clones import ROOT, copy_project, done, edit_params, run_step
from dvc.repo import Repo
from dvc.utils.hydra import apply_overrides
from dvc.utils.serialize import load_yaml as load_as_dvc

from pipeline.common.errors import PipelineError
from stages.corpora import main as corpora
from stages.params import load_params
from stages.release import main as release
from stages.yaml_reader import load_yaml

CODES = ["no", "na", "nan", "nul", "sr-Latn", "pt-BR", "zh-Hant-HK", "es-419", "ca-valencia", "yue"]
SHIPPED = (ROOT / "params.yaml").read_text("utf-8")
FLOW = {  # a language, and the tokens of its first sentence: The dog sleeps under the old table.
    "sr-Latn": "Pas spava ispod starog stola .",
    "pt-BR": "O cachorro dorme embaixo da mesa velha .",
    "ja": "犬 は 古い 机 の 下 で 眠っ て い ます 。",
    "no": "Hunden sover under det gamle bordet .",
    "nan": "狗仔 佇舊 桌仔跤 睏 。",
    "ko": "개는 낡은 탁자 아래에서 잔다 .",
}


def with_languages(lines):
    """The shipped params with more languages, in lines as a user writes them."""
    return SHIPPED.replace("languages:\n", "languages:\n" + "".join(lines))


def read_by_both(text):
    Path("params.yaml").write_text(text, "utf-8")
    content = load_yaml(text, "params.yaml")
    assert load_as_dvc("params.yaml") == content
    return content


@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_codes_are_planned_as_they_are_written(shipped, quote):
    lines = [f"  {quote}{code}{quote}: {{corpus: opus:TED2020@v1}}\n" for code in CODES]
    content = read_by_both(with_languages(lines))
    assert list(content["languages"]) == [*CODES, "bg", "de", "el", "es", "fr"]
    assert list(load_params().languages) == list(content["languages"])
    with Repo() as repo:
        plan = {
            stage.addressing: stage for stage in repo.reproduce(dry=True, force_downstream=True)
        }
    for code in CODES:
        steps = ("download", "tokenize", "word_align", "pairs", "judge", "analyses")
        for name in (f"{step}@{code}" for step in steps):
            assert name in plan
        assert plan[f"judge@{code}"].cmd == f"python -m stages judge {code}"
        assert [str(out) for out in plan[f"pairs@{code}"].outs] == [f"artifacts/pairs/{code}"]


def test_codes_are_set_by_dvc(shipped):
    sets = [f"+languages.{code}.corpus=opus:TED2020@v1" for code in CODES]
    apply_overrides("params.yaml", [*sets, "xnli.translate_train=[no,de]"])
    content = read_by_both((shipped / "params.yaml").read_text("utf-8"))
    params = load_params()
    assert set(CODES) < set(params.languages)
    assert params.xnli.translate_train == content["xnli"]["translate_train"] == ["no", "de"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("sr-latn: {corpus: bible}", "languages.sr-latn is 'sr-latn', it must be a code (language"),
        ("klingon: {corpus: bible}", "'klingon': write tlh)"),
        ("de_AT: {corpus: bible}", "'de_AT': write de-AT)"),
        ("xx-123: {corpus: bible}", "'xx-123': not in the registry of BCP 47"),
        ("on: {corpus: bible}", "'on': not in the registry"),
        ("en: {corpus: bible}", "'en': English is the other side"),
        ("1: {corpus: bible}", "languages.1 is 1, it must be a valid string"),
        ("~: {corpus: bible}", "languages.None is None, it must be a valid string"),
        ("sr: {corpus: opus:TED2020}", "write opus:CORPUS@VERSION"),
    ],
)
def test_other_keys_are_one_line(shipped, line, message):
    read_by_both(with_languages([f"  {line}\n"]))
    with pytest.raises(PipelineError) as error:
        load_params()
    assert message in str(error.value)
    assert str(error.value).isprintable()


def test_translate_train_outside_xnli_is_refused_before_anything_runs(shipped):
    edit_params(
        shipped,
        lambda params: (
            params["languages"].update(no={"corpus": "opus:TED2020@v1"}),
            params["nli"].update(source="hub"),
            params["nli"]["hub"].update(translated=True),
            params["xnli"].update(translate_train=["de", "no"]),
        ),
    )
    with pytest.raises(PipelineError, match="it must be without no, which nli"):
        load_params()


@pytest.fixture(scope="module")
def flow(tmp_path_factory, encoder_folder, warm):
    """A project in which the languages of FLOW have run from text to word pairs."""
    folder = copy_project(tmp_path_factory.mktemp("flow"), encoder_folder)

    def edit(params):
        params["languages"] = {code: {"corpus": f"file:own/{code}.tsv"} for code in FLOW}
        params["pairs"] |= {"test": 2, "dev": 2}
        params["xnli"] |= {"translate_train": [], "continual": []}

    edit_params(folder, edit)
    done(folder, "dvc", "pull", "data")
    said = {}
    steps = [
        (step, code) for step in ("download", "tokenize", "word_align", "pairs") for code in FLOW
    ]
    for words in [("own",), ("encoder",), ("aligner",), *steps]:
        result = run_step(folder, warm, *words)
        assert result.returncode == 0, result.stderr
        said[words] = result.stdout
    return folder, said


@pytest.mark.parametrize("code", FLOW)
def test_text_becomes_word_pairs_in_any_language(flow, code):
    folder, said = flow
    text = (folder / "artifacts" / "tokenize" / code / "source.txt").read_text("utf-8").splitlines()
    assert text[0] == FLOW[code]
    assert len(text) == 8
    for split in ("test", "dev", "train"):
        pairs = pq.read_table(
            folder / "artifacts" / "pairs" / code / f"{split}.parquet"
        ).to_pylist()
        assert pairs
        for pair in pairs:
            assert pair["source_word"] in text[pair["line"]].split(" ")
    used = json.loads((folder / "artifacts" / "tokenize" / f"{code}.json").read_text())["tokenizer"]
    for value in used.values():
        assert value in said["tokenize", code]
    segmenters = {"ja": "SudachiPy", "nan": "rjieba"}
    assert used["segmenter"].startswith(segmenters.get(code, "none"))


def test_a_language_without_inference_examples_is_reported(flow, warm):
    folder, _ = flow
    result = run_step(folder, warm, "nli")
    for code in FLOW:
        assert f"nli: no test examples in {code}: it is left out" in result.stderr


def test_a_language_called_nan_is_on_the_model_card(shipped):
    read_by_both(with_languages(["  nan: {corpus: opus:TED2020@v1}\n"]))
    aligned, report = Path("artifacts/align/l2"), Path("artifacts/report")
    for folder in (aligned, report):
        folder.mkdir(parents=True)
    (aligned / "config.json").write_text("{}")
    retrieval = {"pairs": "agreed", "words": 9, "accuracy": 0.5, "low": 0.4, "high": 0.6}
    inference = {"examples": 9, "accuracy": 0.5}
    gain = {"difference": 0.1, "difference_low": 0.0, "difference_high": 0.2, "p": 0.5}
    for name, row, keys in (
        ("retrieval", retrieval, {"query": "nan → en", "language": "nan"}),
        ("nli_summary", inference, {"language": "nan"}),
    ):
        rows = [{**keys, "method": "base", **row}, {**keys, "method": "l2", **row, **gain}]
        pd.DataFrame(rows).to_csv(report / f"{name}.csv", index=False)
    release()
    card = Path("artifacts/release/README.md").read_text("utf-8")
    assert "- nan\n" in card
    assert "| nan → en | 9 | 50.0 [40.0, 60.0] |" in " ".join(card.split())
    assert "| nan | 9 | 50.0 [" in " ".join(card.split())


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("sr", "sr: the catalogue has no corpus: name one of OPUS, as in opus:CORPUS@VERSION, or"),
        ("pt-BR", "pt-BR: the catalogue has no corpus: name one of OPUS"),
        ("klingon", "language 'klingon': write tlh"),
        ("en", "English is the other side"),
    ],
)
def test_a_language_that_the_catalogue_does_not_have_has_other_sources(code, message):
    with pytest.raises(PipelineError, match=message):
        corpora(code)


def test_the_catalogue_is_listed_by_language(capsys):
    corpora("sw")
    rows = capsys.readouterr().out.splitlines()[2:]
    assert len(rows) > 3
    assert all(row.startswith("| sw ") for row in rows)
