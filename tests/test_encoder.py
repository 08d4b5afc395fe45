import json
import shutil

import pytest
import torch
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
