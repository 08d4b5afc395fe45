"""params.yaml has one meaning: ours, DVC's, and that of what DVC and configure write."""

import datetime
import math
from pathlib import Path

import pytest
import ruamel.yaml.main
from clones import ROOT
from dvc.utils.hydra import apply_overrides
from dvc.utils.serialize import load_yaml as load_as_dvc

from pipeline.common.errors import PipelineError
from stages.configure import main
from stages.params import load_params
from stages.yaml_reader import dump_yaml, load_yaml

SHIPPED = (ROOT / "params.yaml").read_text("utf-8")
ADDRESSES = {
    "ar": "file:corpora/ar-en.tsv",
    "hi": "file:corpora/hi.txt,corpora/en.txt",
    "ru": "file:C-{language}.csv#source=deutsch&english=english",
    "sw": "https://host.org/a.zip",
    "th": "s3://bucket/a.tmx#endpoint=https://store.org",
    "tr": "hf:ORG/NAME@0123456789abcdef0123456789abcdef01234567/de.parquet",
    "ur": "package:name==1.0/member.tsv",
}


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def read(text):
    """What we read, which must be what DVC reads."""
    Path("params.yaml").write_text(text, "utf-8")
    content = load_yaml(text, "params.yaml")
    assert repr(load_as_dvc("params.yaml")) == repr(content)  # NaN differs from itself
    return content


def with_languages(lines):
    """The shipped params with more languages, in lines as a user writes them."""
    before, after = SHIPPED.split("  de: {", 1)
    return "\n".join([before + lines[0], *lines[1:], f"  de: {{{after}"])


def test_dvc_has_the_reader_that_knows_a_colon_in_a_word():
    """`pip uninstall ruamel.yaml.clib`, as `make` does: an older version had installed it."""
    assert ruamel.yaml.main.CParser is None


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *((text, 5e-5) for text in ("5e-05", "5e-5", "5E-5", "5.0e-5", "5.e-5", ".5e-4", "+5e-5")),
        *((text, 0.5) for text in (".5", "0.5", "+.5", "5e-1", "0.50")),
        *((text, 5.0) for text in ("5.", "5.0", "+5.0", "5e0", "5E+0", "0.5e1")),
        *((text, 1000.0) for text in ("1E3", "1e3", "1e+3", "1e03", "1_000.0")),
        *((text, 10) for text in ("10", "010", "0o12", "0xA", "1_0", "+10")),
        *((text, math.inf) for text in (".inf", "+.inf", ".Inf", ".INF")),
        *((text, text) for text in ("no", "No", "on", "off", "yes", "y", "n", "1:30", "0o8", "1e")),
        *((text, True) for text in ("true", "True", "TRUE")),
        *((text, None) for text in ("null", "Null", "~", "")),
        ("2020-01-02", datetime.date(2020, 1, 2)),
        ("'5e-5'", "5e-5"),
    ],
)
def test_a_scalar_is_the_same_for_dvc_and_for_us_and_when_it_is_written(written, value):
    text = f"a: {written}\nb: {{b: {written}}}\nc: [1, {written or 'null'}]\n"
    content = read(text)
    assert content == {"a": value, "b": {"b": value}, "c": [1, value]}
    assert read(dump_yaml(load_yaml(text, "params.yaml", comments=True))) == content
    apply_overrides("params.yaml", ["+d=1"])
    assert read(Path("params.yaml").read_text("utf-8")) == content | {"d": 1}


def test_no_is_norwegian_in_keys_too():
    assert read("no: 1\non: 2\n") == {"no": 1, "on": 2}


@pytest.mark.parametrize("number", ["5e-5", "5e-05", "5.0E-5", ".00005", "0.5e-4", "5_0e-6"])
def test_a_learning_rate_may_be_written_in_every_form(number):
    given = SHIPPED.replace("learning_rate: 1.0e-4         #", f"learning_rate: {number} #")
    read(given)
    assert load_params().method("l2").learning_rate == pytest.approx(5e-5)
    read(SHIPPED)
    apply_overrides("params.yaml", [f"align.defaults.learning_rate={number}"])
    assert load_params().method("l2").learning_rate == pytest.approx(5e-5)


@pytest.mark.parametrize("quote", ["", '"', "'"])
@pytest.mark.parametrize(
    "form",
    [
        "  {}: {{corpus: {}}}  # ours",
        "  {}: {{corpus: [europarl, {}], gold: data/gold/de.txt}}",
        "  {}: {{corpus: {{name: {}, max_pairs: 9}}}}",
        "  {}:\n    corpus: {}",
        "  {}:\n    corpus:\n    - {}\n    - bible",
        "  {}:\n    corpus:\n      name: {}\n      share: 0.5",
    ],
)
def test_addresses_survive_rewriting_in_every_style(form, quote):
    lines = []
    for code, address in ADDRESSES.items():
        needed = {"{", ","} & {*address} and "\n" not in form  # quotes, by the rules of YAML
        around = quote or ('"' if needed else "")
        lines.append(form.format(code, f"{around}{address}{around}"))
    content = read(with_languages(lines))
    for code, address in ADDRESSES.items():
        assert address in str(content["languages"][code])
    apply_overrides("params.yaml", ["align.defaults.learning_rate=5e-5"])
    again = read(Path("params.yaml").read_text("utf-8"))
    assert again["languages"] == content["languages"]
    params = load_params()
    assert ADDRESSES["sw"] in [each.name for each in params.language("sw").corpus]


def test_addresses_are_set_by_dvc():
    read(SHIPPED)
    sets = [f"languages.de.corpus='{ADDRESSES['ru']}'", "languages.fr.corpus=file:x.tsv"]
    apply_overrides("params.yaml", [*sets, f"+languages.sw.corpus={ADDRESSES['sw']}"])
    read(Path("params.yaml").read_text("utf-8"))
    corpora = [load_params().language(code).corpus[0].name for code in ("de", "fr", "sw")]
    assert corpora == [ADDRESSES["ru"], "file:x.tsv", ADDRESSES["sw"]]


def test_addresses_survive_configure():
    lines = [f'  {code}: {{corpus: "{each}"}}  # ours' for code, each in ADDRESSES.items()]
    text = with_languages(lines)
    read(text)
    Path("own.yaml").write_text("align: {defaults: {learning_rate: 5e-5}}\n")
    main([Path("own.yaml")])
    written = Path("params.yaml").read_text("utf-8")
    assert read(written)["align"]["defaults"]["learning_rate"] == 5e-5
    (changed,) = set(text.splitlines()) - set(written.splitlines())
    assert "learning_rate" in changed


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: 1\nb: 2\na: 3\n", 'line 3: found duplicate key "a"'),
        ("languages: {de: {corpus: a}, de: {corpus: b}}", 'line 1: found duplicate key "de"'),
        ("a:\n\tb: 1\n", r"line 2: found character '\t' that cannot start any token"),
        ("a: 1\t# c\n", r"line 1: found character '\t' that cannot start any token"),
        ("a: [\n", "line 2: expected the node content"),
        ("a: b: c\n", "line 1: mapping values are not allowed here"),
        ("a: 1\n---\nb: 2\n", "line 2: but found another document"),
        ("%YAML 1.1\n---\na: no\n", "%YAML 1.1): delete this line"),
        ("a: !!python/name:os.system\n", "line 1: could not determine a constructor"),
        ("a: *b\n", "line 1: found undefined alias"),
        ("a: 2020-13-45\n", "month must be in 1..12"),
        ("a: " + "[" * 3000, "maximum recursion depth exceeded"),
        ("a: \x07\n", "unacceptable character #x0007"),
    ],
)
def test_a_fault_is_one_line_with_its_place(text, fault):
    with pytest.raises(PipelineError) as error:
        load_yaml(text, "params.yaml")
    assert str(error.value).startswith(f"params.yaml: cannot be read ({fault}")
    assert "\n" not in str(error.value)


def test_a_secret_in_a_duplicate_key_is_not_repeated():
    with pytest.raises(PipelineError) as error:
        load_yaml("a: https://ann:hunter2@host\na: 1\n", "params.yaml")
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1"])
def test_another_encoding_is_named(encoding):
    Path("params.yaml").write_bytes(f"{SHIPPED}# é\n".encode(encoding))
    with pytest.raises(PipelineError, match=r"^params.yaml: cannot be read \(.*") as error:
        load_params()
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["\ufeff" + SHIPPED, SHIPPED.replace("\n", "\r\n")])
def test_what_windows_editors_write_is_read(text):
    Path("params.yaml").write_bytes(text.encode())
    assert load_params() == load_params(ROOT / "params.yaml")
    apply_overrides("params.yaml", ["xnli.seeds=[1,2]"])
    assert load_params().xnli.seeds == [1, 2]


def test_anchors_and_merge_keys_keep_their_meaning():
    anchored = SHIPPED.replace("  l2: {objective: l2} ", "  l2: &l2 {objective: l2, epochs: 2} ")
    anchored = anchored.replace("  base: {objective", "  base: {objective", 1)
    text = anchored.replace("  sentence: {", "  both: {<<: *l2, layers: [8]}\n  sentence: {")
    expected = read(text)
    apply_overrides("params.yaml", ["align.defaults.seed=2"])
    again = read(Path("params.yaml").read_text("utf-8"))
    assert again["align"]["both"] == expected["align"]["both"]
    assert load_params().align["both"].epochs == 2
