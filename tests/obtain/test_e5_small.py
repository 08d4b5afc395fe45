"""The reader of E5S1 files, tested on blocks and files made by hand."""

import struct

import numpy as np
import pytest
from transformers import BertConfig, BertModel

from pipeline.common.errors import PipelineError
from pipeline.obtain.e5_small import bert_name, dequantize_q4_0, read_e5s1


def q4_0(scale, nibbles):
    """One block, packed as the format's description says: weight j low, weight j + 16 high."""
    return struct.pack("<e", scale) + bytes(nibbles[j] | nibbles[j + 16] << 4 for j in range(16))


def e5s1(tensors, block=32):
    """An E5S1 file with a vocabulary of two pieces; tensors are (name, kind, n, bytes)."""
    head = b"E5S1" + struct.pack("<I", 1) + struct.pack("<7ifi", 4, 1, 2, 8, 6, 5, 2, 1e-12, block)
    head += struct.pack("<5iQ", 2, 0, 2, 1, 3, 3) + struct.pack("<3I2f", 0, 1, 3, 0.5, -1.5)
    head += b"abc" + struct.pack("<iI", 1, 4) + b"norm" + struct.pack("<i", len(tensors))
    table_size = sum(2 + len(name) + 21 for name, *_ in tensors)
    table, data = b"", b""
    for name, kind, elements, raw in tensors:
        offset = len(head) + table_size + len(data)
        table += struct.pack("<H", len(name)) + name.encode()
        table += struct.pack("<BIQQ", kind, elements, offset, len(raw))
        data += raw
    return head + table + data


def test_q4_0_blocks_give_their_weights():
    counting = list(range(16)) + list(range(15, -1, -1))
    weights = dequantize_q4_0(q4_0(0.5, counting) + q4_0(-2.0, [8] * 31 + [15]))
    expected = [(n - 8) * 0.5 for n in counting] + [0.0] * 31 + [(15 - 8) * -2.0]
    assert weights.dtype == np.float32
    assert weights.tolist() == expected


def test_header_and_tensors_are_read():
    nibbles = [3] * 32
    content = e5s1(
        [("emb.ln.w", 0, 3, struct.pack("<3f", 1, 2, 3)), ("l0.q.w", 1, 32, q4_0(1.0, nibbles))]
    )
    header, tensors = read_e5s1(content)
    assert (header.hidden, header.layers, header.heads, header.feed_forward) == (4, 1, 2, 8)
    assert (header.vocabulary, header.positions, header.token_types) == (6, 5, 2)
    assert header.eps == pytest.approx(1e-12)
    assert tensors["emb.ln.w"].tolist() == [1, 2, 3]
    assert tensors["l0.q.w"].tolist() == [-5.0] * 32


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"GGUF" + bytes(100), "is not an E5S1 file"),
        (e5s1([], block=64), "has blocks of 64 weights, not 32"),
        (e5s1([("x", 7, 1, b"1234")]), "unknown tensor type 7"),
        (e5s1([("x", 0, 9, b"1234")]), "a tensor is truncated"),
    ],
)
def test_other_formats_are_refused(content, message):
    with pytest.raises(PipelineError, match=message):
        read_e5s1(content)


def test_every_weight_of_a_bert_has_a_name_in_the_file():
    config = BertConfig(vocab_size=9, hidden_size=4, num_hidden_layers=2, num_attention_heads=2)
    expected = set(BertModel(config, add_pooling_layer=False).state_dict())
    parts = ["q", "k", "v", "ao", "fi", "fo", "aln", "oln"]
    names = [f"l{i}.{part}.{s}" for i in range(2) for part in parts for s in "wb"]
    names += ["emb.word", "emb.pos", "emb.type", "emb.ln.w", "emb.ln.b"]
    assert {bert_name(name) for name in names} == expected
