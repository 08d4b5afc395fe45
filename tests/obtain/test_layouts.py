"""What happens with encoders of published layouts; docs/encoders.md has the table for users."""

import json
import re

import pytest
import torch
from clones import ROOT
from safetensors.torch import load_file, save_file
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from zoo import TOKENIZERS, make_folder

from pipeline.common.errors import PipelineError
from pipeline.encoder.load import load_encoder, save_encoder
from pipeline.encoder.subwords import read_tokenizer
from pipeline.obtain.obtain import obtain_encoder

RIGHT = {
    "bert": "mBERT, LaBSE, multilingual MiniLM, multilingual-e5-small",
    "xlm-roberta": "XLM-R, multilingual-e5-base, BGE-M3, Glot500",
    "distilbert": "DistilmBERT",
    "deberta-v2": "mDeBERTa",
    "modernbert": "mmBERT",
    "eurobert": "EuroBERT",
    "xlm-roberta-xl": "XLM-R-XL",
    "electra": "",
    "albert": "",
    "roberta": "",
    "camembert": "",
    "mpnet": "",
    "rembert": "",
    "xlm": "",
}
REFUSED = {
    "xmod": "xmod cannot read a sentence .*language",
    "funnel": "funnel does not give one vector per subword in each",
    "mt5": "mt5 is an encoder-decoder",
    "mbart": "mbart is an encoder-decoder",
    "gpt2": "does not depend on the words after it",
    "llama": "does not depend on the words after it",
    "convbert": "vectors change with the padding",
    "fnet": "vectors change with the padding",
    "canine": "has no table of word embeddings",
}


def obtain(folder):
    return obtain_encoder(str(folder), None, folder)


def refusal(folder):
    with pytest.raises(PipelineError) as error:
        obtain(folder)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("model_type", RIGHT)
def test_a_known_layout_is_obtained_and_saved_as_it_was(model_type, tmp_path, capfd):
    folder = make_folder(tmp_path / "published", model_type)
    capfd.readouterr()
    model, tokenizer = obtain(folder)
    assert capfd.readouterr() == ("", "")
    save_encoder(model, tokenizer, tmp_path / "saved")
    ids = torch.tensor([read_tokenizer(folder).encode("Der Hund schläft").ids])
    assert read_tokenizer(tmp_path / "saved").encode("Der Hund schläft").ids == ids[0].tolist()
    with torch.no_grad():
        before, after = (load_encoder(path)(ids) for path in (folder, tmp_path / "saved"))
    assert torch.equal(before.last_hidden_state, after.last_hidden_state)


@pytest.mark.parametrize("model_type", REFUSED)
def test_a_layout_that_gives_no_contextual_vectors_is_refused(model_type, tmp_path):
    message = refusal(make_folder(tmp_path, model_type))
    assert re.search(REFUSED[model_type], message), message


def edit(folder, change):
    weights = load_file(folder / "model.safetensors")
    save_file(change(weights), folder / "model.safetensors", {"format": "pt"})


WEIGHTS = {
    "a layer is missing": (
        lambda weights: {name: w for name, w in weights.items() if "layer.1." not in name},
        "has no weights for encoder.layer.1.",
    ),
    "one matrix is missing": (
        lambda weights: {name: w for name, w in weights.items() if "token_type" not in name},
        "has no weights for embeddings.token_type_embeddings.weight: check",
    ),
    "a wrapper's prefix": (
        lambda weights: {f"module.{name}": w for name, w in weights.items()},
        "has them with the prefix 'module.': save the wrapped model itself",
    ),
    "other shapes": (
        lambda weights: {name: w[..., :8].clone() for name, w in weights.items()},
        "weights have another shape than config.json says",
    ),
    "not finite": (
        lambda weights: {name: w * float("nan") for name, w in weights.items()},
        "vectors are not finite",
    ),
}


@pytest.mark.parametrize("fault", WEIGHTS)
def test_weights_that_are_not_those_of_the_model_are_refused(fault, tmp_path):
    change, message = WEIGHTS[fault]
    folder = make_folder(tmp_path, "bert")
    edit(folder, change)
    assert message in refusal(folder)


def test_heads_and_pooling_layers_are_ignored_without_a_word(tmp_path, capfd):
    folder = make_folder(tmp_path, "bert")
    head = {"pooler.dense.weight": torch.ones(16, 16), "cls.predictions.bias": torch.ones(900)}
    edit(folder, lambda weights: weights | head)
    capfd.readouterr()
    obtain(folder)
    assert capfd.readouterr() == ("", "")


def test_a_tokenizer_with_more_ids_than_embeddings_is_refused(tmp_path):
    folder = make_folder(tmp_path, "bert", TOKENIZERS["byte-level BPE"](), vocab_size=300)
    assert "tokenizer has ids up to 599, but there are only 300 embeddings" in refusal(folder)


def test_a_padding_id_out_of_range_is_refused(tmp_path):
    folder = make_folder(tmp_path, "electra")
    change_json(folder / "config.json", pad_token_id=5000)
    refusal(folder)


@pytest.mark.parametrize("template", ["$A", "<s> $A", "$A </s>"])
def test_a_tokenizer_without_special_tokens_on_each_side_is_refused(template, tmp_path):
    tokenizer = TOKENIZERS["byte-level BPE"]()
    ids = [("<s>", 0), ("</s>", 2)]
    tokenizer.post_processor = processors.TemplateProcessing(single=template, special_tokens=ids)
    folder = make_folder(tmp_path, "bert", tokenizer)
    assert "does not put a special token on each side" in refusal(folder)


def test_an_encoder_that_knows_neither_script_is_not_taken_for_a_decoder(tmp_path):
    tokenizer = Tokenizer(models.WordLevel({"<s>": 0, "</s>": 2, "<unk>": 3}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    ids = [("<s>", 0), ("</s>", 2)]
    template = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=ids)
    tokenizer.post_processor = template
    obtain(make_folder(tmp_path, "bert", tokenizer))


def test_a_tokenizer_that_reads_nothing_is_refused_in_one_line(tmp_path):
    tokenizer = TOKENIZERS["byte-level BPE"]()
    tokenizer.normalizer = normalizers.Replace(Regex("."), "")
    assert "does not put a special token" in refusal(make_folder(tmp_path, "bert", tokenizer))


def test_native_models_that_name_code_of_their_own_are_loaded_without_it(tmp_path):
    folder = make_folder(tmp_path / "published", "eurobert")
    change_json(folder / "config.json", auto_map={"AutoModel": "evil.Model"})
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    save_encoder(*obtain(folder), tmp_path / "saved")
    assert not (tmp_path / "ran").exists()
    assert "auto_map" not in json.loads((tmp_path / "saved" / "config.json").read_text())


def test_unknown_architectures_are_refused(tmp_path):
    folder = make_folder(tmp_path, "bert")
    change_json(folder / "config.json", model_type="bertissimo")
    assert "cannot be loaded as an encoder" in refusal(folder)


def test_an_encoder_that_only_a_decoder_flag_tells_apart_is_refused(tmp_path):
    folder = make_folder(tmp_path, "bert")
    change_json(folder / "config.json", is_decoder=True)
    assert "bert is a decoder" in refusal(folder)


def change_json(path, **changes):
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_pickled_weights_are_refused_until_the_documented_command_converted_them(
    tmp_path, monkeypatch
):
    folder = make_folder(tmp_path, "bert")
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save(weights, folder / "pytorch_model.bin")
    assert "has no safetensors weights" in refusal(folder)
    errors = (ROOT / "docs" / "errors.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", errors, re.DOTALL)
    monkeypatch.chdir(folder)
    exec(code, {})
    for name, weight in obtain(folder)[0].state_dict().items():
        assert torch.equal(weight, weights[name])
