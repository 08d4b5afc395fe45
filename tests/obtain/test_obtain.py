import json
import re
import shutil
from http.server import ThreadingHTTPServer
from threading import Thread

import pytest
import torch
from clones import ROOT, run
from hub import Hub
from transformers import BertModel

from pipeline.common.errors import PipelineError
from pipeline.encoder.load import load_encoder
from pipeline.obtain.obtain import obtain_encoder


@pytest.fixture
def folder(encoder_folder, tmp_path):
    return shutil.copytree(encoder_folder, tmp_path / "model")


def test_a_local_folder_is_loaded(folder, tmp_path):
    model, tokenizer = obtain_encoder(str(folder), None, tmp_path)
    assert isinstance(model, BertModel)
    assert not model.training
    assert model.pooler is None
    assert tokenizer("The dog").input_ids[0] == tokenizer.cls_token_id


def test_pickled_weights_are_refused(folder, tmp_path):
    model = load_encoder(folder)
    (folder / "model.safetensors").unlink()
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    with pytest.raises(PipelineError, match="has no safetensors weights"):
        obtain_encoder(str(folder), None, tmp_path)


def test_custom_code_is_never_run(folder, tmp_path):
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "evil", "auto_map": {"AutoConfig": "evil.Config"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(PipelineError, match="needs custom code, which is never run: choose"):
        obtain_encoder(str(folder), None, tmp_path)
    assert not (tmp_path / "ran").exists()


def test_damaged_weights_give_one_line(folder, tmp_path):
    (folder / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(PipelineError, match="cannot be loaded as an encoder") as error:
        obtain_encoder(str(folder), None, tmp_path)
    assert "\n" not in str(error.value)


def test_unknown_names_and_moving_revisions_are_refused(tmp_path):
    with pytest.raises(PipelineError, match="encoder 'mbert': is neither e5-small, nor a folder"):
        obtain_encoder("mbert", None, tmp_path)
    with pytest.raises(PipelineError, match="'main': is not a commit of 40 hex digits"):
        obtain_encoder("google-bert/bert-base-multilingual-cased", "main", tmp_path)


def from_hub(folder, home, commit):
    """Obtain team/tiny from a hub on loopback, in a new process because the endpoint is global."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Served", (Hub,), {"folder": folder}))
    Thread(target=server.serve_forever, daemon=True).start()
    code = f"""
import sys
from pathlib import Path
from pipeline.common.errors import PipelineError
from pipeline.encoder.load import save_encoder
from pipeline.obtain.obtain import obtain_encoder
try:
    save_encoder(*obtain_encoder("team/tiny", "{commit}", Path()), Path({str(home / "out")!r}))
except PipelineError as error:
    sys.exit(str(error))
"""
    endpoint = f"http://127.0.0.1:{server.server_port}"
    result = run(ROOT, "python", "-c", code, HF_ENDPOINT=endpoint, HF_HOME=str(home))
    server.shutdown()
    return result


def test_a_model_is_downloaded_at_its_commit(folder, tmp_path):
    (folder / "pytorch_model.bin").write_bytes(b"a pickle that must stay on the hub")
    result = from_hub(folder, tmp_path, Hub.commit)
    assert result.returncode == 0, result.stderr
    for name, weight in load_encoder(folder).state_dict().items():
        assert torch.equal(load_encoder(tmp_path / "out").state_dict()[name], weight)
    assert list(tmp_path.rglob("pytorch_model.bin")) == [folder / "pytorch_model.bin"]


def test_a_missing_commit_gives_one_line(folder, tmp_path):
    result = from_hub(folder, tmp_path, "f" * 40)
    assert result.returncode == 1
    assert re.match(r"encoder 'team/tiny' at ffffffff: not downloaded \(.*\): check", result.stderr)
    assert len(result.stderr.splitlines()) == 1
