import json
from importlib.metadata import version

import pytest
import yaml
from clones import ROOT

from pipeline.common.errors import PipelineError
from pipeline.common.files import content_hash
from pipeline.common.provenance import (
    PROVENANCE_FILE,
    provenance,
    read_provenance,
    write_provenance,
)
from pipeline.obtain import e5_packages
from pipeline.obtain.obtain import encoder_origin


def test_the_hash_of_a_folder_equals_dvcs():
    (out,) = yaml.safe_load((ROOT / "data.dvc").read_text())["outs"]
    assert content_hash(ROOT / "data") == out["md5"]


def test_the_order_of_keys_does_not_change_the_bytes(tmp_path):
    for name, keys in (("one", "ab"), ("two", "ba")):
        (tmp_path / name).mkdir()
        inputs = {key: f"hash of {key}" for key in keys}
        write_provenance(tmp_path / name, provenance("align", {"b": inputs, "a": 1}, inputs))
    one, two = ((tmp_path / name / PROVENANCE_FILE).read_bytes() for name in ("one", "two"))
    assert one == two
    content = read_provenance(tmp_path / "one")
    assert content["libraries"]["torch"] == version("torch")
    assert content["params"] == {"a": 1, "b": {"a": "hash of a", "b": "hash of b"}}


def test_a_missing_or_damaged_file_names_the_folder(tmp_path):
    with pytest.raises(PipelineError, match=r"has no provenance\.json: give the folder"):
        read_provenance(tmp_path)
    (tmp_path / PROVENANCE_FILE).write_text("{")
    with pytest.raises(PipelineError, match=r"has no provenance\.json"):
        read_provenance(tmp_path)


def test_the_origin_of_an_encoder(encoder_folder):
    embedded = encoder_origin("e5-small", None)
    assert embedded["inputs"][str(e5_packages.WEIGHTS)] == f"sha256:{e5_packages.WEIGHTS.sha256}"
    assert embedded["licence"] == "MIT"
    commit = "0" * 40
    assert encoder_origin("org/name", commit)["inputs"] == {"org/name": f"commit:{commit}"}
    local = encoder_origin(str(encoder_folder), None)
    assert local["inputs"] == {str(encoder_folder): content_hash(encoder_folder)}
    assert json.loads(json.dumps(local)) == local
