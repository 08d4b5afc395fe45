"""The code of the model card reads text as the pipeline does, with every kind of tokenizer."""

import re

import numpy as np
import pytest
import torch
from zoo import TEXT, TOKENIZERS, make_folder

from pipeline.encoder.load import load_encoder, save_encoder
from pipeline.encoder.subwords import encode_words, read_tokenizer
from pipeline.obtain.obtain import obtain_encoder
from pipeline.release.model_card_text import CARD_TEXT, POOLING


@pytest.mark.parametrize("layer", [-1, 1])
@pytest.mark.parametrize("kind", TOKENIZERS)
def test_vectors_of_words_are_those_of_the_pipeline(kind, layer, tmp_path, monkeypatch):
    folder = make_folder(
        tmp_path / "published", "modernbert", TOKENIZERS[kind](), max_position_embeddings=200
    )
    save_encoder(*obtain_encoder(str(folder), None, tmp_path), tmp_path / "release")
    (code,) = re.findall(r"```python\n(.*?)```", CARD_TEXT, re.DOTALL)
    monkeypatch.chdir(tmp_path / "release")
    names: dict = {}
    exec(code.replace("{vector}", POOLING["last"]), names)
    model, tokenizer = load_encoder(tmp_path / "release"), read_tokenizer(tmp_path / "release")
    for sentence in TEXT[:-1]:
        words = sentence.split(" ")
        subwords = encode_words(words, tokenizer)
        pieces = subwords.pieces()
        of_words = [pieces[len(words)], *pieces[1 : len(words)]]
        ids = np.concatenate([subwords.prefix, *of_words, subwords.suffix])
        last = len(subwords.prefix) + np.cumsum([len(ids) for ids in of_words]) - 1
        with torch.no_grad():
            output = model(torch.from_numpy(ids)[None].long(), output_hidden_states=True)
        states = output.last_hidden_state if layer == -1 else output.hidden_states[layer]
        expected = states[0, last]
        torch.testing.assert_close(names["word_vectors"](words, layer), expected, rtol=0, atol=1e-5)
