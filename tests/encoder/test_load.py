import torch
from transformers import AutoModel

from pipeline.encoder.load import save_encoder
from pipeline.obtain.obtain import obtain_encoder


def test_saving_is_deterministic_and_keeps_the_weights(encoder_folder, tmp_path):
    model, tokenizer = obtain_encoder(str(encoder_folder), None, tmp_path)
    for name in ("one", "two"):
        save_encoder(model, tokenizer, tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= set(files)
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    opened = AutoModel.from_pretrained(tmp_path / "one", add_pooling_layer=False)
    for name, weight in model.state_dict().items():
        assert torch.equal(opened.state_dict()[name], weight)
