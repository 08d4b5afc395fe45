import hashlib
import json
import re
import shutil
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlparse

import pytest
import torch
from clones import ROOT, run
from transformers import AutoModel, BertModel

from pipeline.encoder import load_encoder, obtain_encoder, save_encoder
from pipeline.errors import PipelineError


@pytest.fixture
def folder(encoder_folder, tmp_path):
    return shutil.copytree(encoder_folder, tmp_path / "model")


def test_a_local_folder_is_an_encoder(folder, tmp_path):
    model, tokenizer = obtain_encoder(str(folder), None, tmp_path)
    assert isinstance(model, BertModel)
    assert not model.training
    assert model.pooler is None
    assert tokenizer("The dog").input_ids[0] == tokenizer.cls_token_id


def test_saving_gives_the_same_bytes_and_the_same_weights(folder, tmp_path):
    model, tokenizer = obtain_encoder(str(folder), None, tmp_path)
    for name in ("one", "two"):
        save_encoder(model, tokenizer, tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= set(files)
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    opened = AutoModel.from_pretrained(tmp_path / "one", add_pooling_layer=False)
    for name, weight in model.state_dict().items():
        assert torch.equal(opened.state_dict()[name], weight)


def test_pickled_weights_are_refused(folder, tmp_path):
    model = load_encoder(folder)
    (folder / "model.safetensors").unlink()
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    with pytest.raises(PipelineError, match="has no safetensors weights"):
        obtain_encoder(str(folder), None, tmp_path)


def test_code_of_the_model_is_never_run(folder, tmp_path):
    config = json.loads((folder / "config.json").read_text())
    config["auto_map"] = {"AutoModel": "evil.Model"}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(PipelineError, match="code of its own"):
        obtain_encoder(str(folder), None, tmp_path)
    assert not (tmp_path / "ran").exists()


def test_damaged_weights_are_one_line(folder, tmp_path):
    (folder / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(PipelineError, match="is not an encoder that loads") as error:
        obtain_encoder(str(folder), None, tmp_path)
    assert "\n" not in str(error.value)


def test_unknown_names_and_moving_revisions_are_refused(tmp_path):
    with pytest.raises(PipelineError, match="encoder 'mbert': is neither e5-small, nor a folder"):
        obtain_encoder("mbert", None, tmp_path)
    with pytest.raises(PipelineError, match="'main': is not a commit of 40 hex digits"):
        obtain_encoder("google-bert/bert-base-multilingual-cased", "main", tmp_path)


class Hub(BaseHTTPRequestHandler):
    """The part of the Hugging Face Hub that serves one model at one commit."""

    folder: Path
    commit = "0123456789abcdef0123456789abcdef01234567"

    def do_HEAD(self):
        self.answer()

    def do_GET(self):
        self.answer()

    def answer(self):
        name = urlparse(self.path).path
        files = {path.name: path.read_bytes() for path in self.folder.iterdir()}
        if name == f"/api/models/team/tiny/revision/{self.commit}":
            siblings = [{"rfilename": file} for file in files]
            found = {"id": "team/tiny", "modelId": "team/tiny", "sha": self.commit}
            self.reply(json.dumps({**found, "siblings": siblings}).encode(), "application/json")
        elif name == f"/api/models/team/tiny/tree/{self.commit}":
            tree = [
                {"type": "file", "path": n, "size": len(c), "oid": "0"} for n, c in files.items()
            ]
            self.reply(json.dumps(tree).encode(), "application/json")
        elif (file := name.rpartition("/")[2]) in files and self.commit in name:
            self.reply(files[file], "application/octet-stream")
        else:
            self.send_error(404, "Not found")

    def reply(self, content, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", f'"{hashlib.sha1(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", self.commit)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, *args):
        pass


def from_hub(folder, home, commit):
    """Obtain team/tiny from a hub on loopback, in a process of its own: the endpoint is global."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Served", (Hub,), {"folder": folder}))
    Thread(target=server.serve_forever, daemon=True).start()
    code = f"""
import sys
from pathlib import Path
from pipeline.encoder import PipelineError, obtain_encoder, save_encoder
try:
    save_encoder(*obtain_encoder("team/tiny", "{commit}", Path()), Path({str(home / "out")!r}))
except PipelineError as error:
    sys.exit(str(error))
"""
    endpoint = f"http://127.0.0.1:{server.server_port}"
    result = run(ROOT, "python", "-c", code, HF_ENDPOINT=endpoint, HF_HOME=str(home))
    server.shutdown()
    return result


def test_the_hub_gives_the_model_at_its_commit(folder, tmp_path):
    (folder / "pytorch_model.bin").write_bytes(b"a pickle that must stay on the hub")
    result = from_hub(folder, tmp_path, Hub.commit)
    assert result.returncode == 0, result.stderr
    for name, weight in load_encoder(folder).state_dict().items():
        assert torch.equal(load_encoder(tmp_path / "out").state_dict()[name], weight)
    assert list(tmp_path.rglob("pytorch_model.bin")) == [folder / "pytorch_model.bin"]


def test_a_hub_without_the_commit_is_one_line(folder, tmp_path):
    result = from_hub(folder, tmp_path, "f" * 40)
    assert result.returncode == 1
    assert re.match(r"encoder 'team/tiny' at ffffffff: not downloaded \(.*\): check", result.stderr)
    assert len(result.stderr.splitlines()) == 1
