"""Word pairs of the suite's text, a tiny random encoder, and an aligner like fast_align."""

import dataclasses
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from clones import ROOT
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from pipeline.align.settings import AlignmentSettings
from pipeline.encoder.load import save_encoder
from pipeline.encoder.pair_arrays import Split
from pipeline.pairs.settings import PairSettings
from pipeline.pairs.word_pairs import build_pairs
from pipeline.word_align.links import from_pairs

TEXT = Path(__file__).parents[1] / "text"


PROTOCOL = PairSettings(
    test=2,
    dev=2,
    train=99,
    max_words=64,
    max_subwords=128,
    pooling="last",
    one_to_one=True,
    identical=False,
    punctuation=True,
    numbers=True,
)


TRAINING = AlignmentSettings(
    objective="l2",
    target="live",
    temperature=0.1,
    reduction="mean",
    regularizer="output",
    regularizer_weight=1.0,
    layers=[-1],
    special_tokens=False,
    dropout=False,
    sentences=30,
    batch_tokens=120,
    interleave="each",
    epochs=1,
    learning_rate=1e-3,
    warmup=0.1,
    precision="float32",
    compile=False,
    dev_steps=0,
    dev_sentences=99,
    patience=0,
    checkpoint_minutes=99,
    seed=1,
)


def train_split(language: str, **changes: Any) -> Split:
    """The training split of the suite's text."""
    return build(language, **changes)["train"][0]


def read_text(language: str) -> pd.DataFrame:
    """The suite's text in a language, one row per sentence pair: columns source and english."""
    lines = (TEXT / f"{language}.tsv").read_text("utf-8").splitlines()
    return pd.DataFrame([line.split("\t") for line in lines], columns=["source", "english"])


def make_tokenizer() -> PreTrainedTokenizerFast:
    """WordPiece over the suite's text: special tokens, its short words, and all characters."""
    bitext = pd.concat([read_text("de"), read_text("fr")])
    words = sorted({word for text in bitext.values.ravel() for word in text.split()})
    characters = sorted(set("".join(words)))
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokens = [*special, *characters, *(f"##{character}" for character in characters)]
    tokens += [word for word in words if 1 < len(word) < 5 and word.isalpha()]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    pieces = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    pieces.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    pieces.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return PreTrainedTokenizerFast(
        tokenizer_object=pieces,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )


def build(language: str, backwards: bool = False, **changes: Any) -> dict[str, tuple[Split, Any]]:
    """Word pairs of the suite's text, with word k linked to word k; `changes` are to PROTOCOL."""
    bitext = read_text(language)[:: -1 if backwards else 1]
    spaces = zip(bitext.source.str.count(" "), bitext.english.str.count(" "), strict=True)
    links = from_pairs([{(k, k) for k in range(min(counts) + 1)} for counts in spaces])
    settings = dataclasses.replace(PROTOCOL, **changes)
    tokenizer = make_tokenizer().backend_tokenizer
    return build_pairs(list(bitext.source), list(bitext.english), links, tokenizer, settings)


# The wheel's fast_align with the command line of the program. With -r it conditions on English but
# still prints source-english.
FAST_ALIGN = f"""#!{sys.executable}
import argparse, os, sys
sys.path.insert(0, {str(ROOT)!r})
from pipeline.word_align.links import to_pharaoh
from pipeline.word_align.thot_aligners import fast_align

parser = argparse.ArgumentParser()
parser.add_argument("-i", required=True)
parser.add_argument("-I", type=int, default=5)
for flag in ("-d", "-o", "-v", "-r"):
    parser.add_argument(flag, action="store_true")
options = parser.parse_args()
assert options.d and options.o and options.v
assert os.environ["OMP_NUM_THREADS"] == "1"
with open(options.i, encoding="utf-8", newline="\\n") as file:
    pairs = [line.removesuffix("\\n").split(" ||| ") for line in file]
source, english = ([side.split(" ") for side in sides] for sides in zip(*pairs))
print("  log_e likelihood: -12.5", file=sys.stderr)
if options.r:
    links = fast_align(english, source, options.I, "reverse").transposed()
else:
    links = fast_align(source, english, options.I, "forward")
print("".join(line + "\\n" for line in to_pharaoh(links)), end="")
"""


def write_program(folder: Path, content: str = FAST_ALIGN) -> Path:
    """An aligner as DVC checks it out: read-only and not executable."""
    path = folder / "fast_align"
    path.write_text(content)
    path.chmod(0o444)
    return path


def make_encoder(folder: Path) -> Path:
    """A `save_pretrained` folder: 2 layers, 16 dimensions, random weights."""
    torch.manual_seed(0)
    tokenizer = make_tokenizer()
    config = BertConfig(
        vocab_size=len(tokenizer) + 40,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=128,
        initializer_range=0.5,
    )
    save_encoder(BertModel(config, add_pooling_layer=False), tokenizer, folder)
    return folder
