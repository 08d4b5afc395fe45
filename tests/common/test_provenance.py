import json
from importlib.metadata import version

import pytest
import yaml
from clones import ROOT

from pipeline.common.errors import PipelineError
from pipeline.common.files import content_hash
from pipeline.common.provenance import FILE, provenance, read_provenance, write_provenance
from pipeline.obtain import e5_small
from pipeline.obtain.obtain import encoder_origin


def test_the_hash_of_a_folder_is_that_of_dvc():
    (out,) = yaml.safe_load((ROOT / "data.dvc").read_text())["outs"]
    assert content_hash(ROOT / "data") == out["md5"]


def test_the_same_content_in_another_order_gives_the_same_bytes(tmp_path):
    for name, keys in (("one", "ab"), ("two", "ba")):
        (tmp_path / name).mkdir()
        inputs = {key: f"hash of {key}" for key in keys}
        write_provenance(tmp_path / name, provenance("align", {"b": inputs, "a": 1}, inputs))
    one, two = ((tmp_path / name / FILE).read_bytes() for name in ("one", "two"))
    assert one == two
    found = read_provenance(tmp_path / "one")
    assert found["libraries"]["torch"] == version("torch")
    assert found["params"] == {"a": 1, "b": {"a": "hash of a", "b": "hash of b"}}


def test_a_folder_without_it_is_named(tmp_path):
    with pytest.raises(PipelineError, match=r"has no provenance\.json: give the folder"):
        read_provenance(tmp_path)
    (tmp_path / FILE).write_text("{")
    with pytest.raises(PipelineError, match=r"has no provenance\.json"):
        read_provenance(tmp_path)


def test_what_an_encoder_comes_from(encoder_folder):
    embedded = encoder_origin("e5-small", None)
    assert embedded["inputs"][str(e5_small.WEIGHTS)] == f"sha256:{e5_small.WEIGHTS.sha256}"
    assert embedded["licence"] == "MIT"
    commit = "0" * 40
    assert encoder_origin("org/name", commit)["inputs"] == {"org/name": f"commit:{commit}"}
    own = encoder_origin(str(encoder_folder), None)
    assert own["inputs"] == {str(encoder_folder): content_hash(encoder_folder)}
    assert json.loads(json.dumps(own)) == own
