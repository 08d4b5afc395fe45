"""Small text written here, and a tiny random encoder over it."""

import dataclasses
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Tiny models gain nothing from threads, which wait for each other where tests run side by side.
os.environ["OMP_NUM_THREADS"] = "1"

import pandas as pd
import pytest
import torch
from clones import ROOT, commit, copy_project, done
from filelock import FileLock
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from pipeline.encoder import load_encoder, save_encoder
from pipeline.links import from_pairs
from pipeline.pairs import Protocol, build_pairs
from pipeline.splits import Split
from pipeline.training import Training

TEXT = Path(__file__).parent / "text"
PROTOCOL = Protocol(
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


TRAINING = Training(
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
    """The training sentences of the suite's text."""
    return build(language, **changes)["train"][0]


def read_text(language: str) -> pd.DataFrame:
    """The sentence pairs of this suite: columns source and english."""
    lines = (TEXT / f"{language}.tsv").read_text("utf-8").splitlines()
    return pd.DataFrame([line.split("\t") for line in lines], columns=["source", "english"])


def make_tokenizer() -> PreTrainedTokenizerFast:
    """WordPiece over the suite's text: special tokens, its short words, and all characters."""
    rows = pd.concat([read_text("de"), read_text("fr")])
    words = sorted({word for column in rows for text in rows[column] for word in text.split()})
    characters = sorted(set("".join(words)))
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokens = [*special, *characters, *(f"##{each}" for each in characters)]
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
    """Word pairs of the suite's text, the words of each sentence linked in their order."""
    bitext = read_text(language)[:: -1 if backwards else 1]
    lengths = zip(bitext.source.str.count(" "), bitext.english.str.count(" "), strict=True)
    links = from_pairs([{(k, k) for k in range(min(each) + 1)} for each in lengths])
    protocol = dataclasses.replace(PROTOCOL, **changes)
    tokenizer = make_tokenizer().backend_tokenizer
    return build_pairs(list(bitext.source), list(bitext.english), links, tokenizer, protocol)


# The wheel's fast_align behind the command line of the program: with -r it conditions on English,
# and prints source-english all the same.
FAST_ALIGN = f"""#!{sys.executable}
import argparse, os, sys
sys.path.insert(0, {str(ROOT)!r})
from pipeline.links import to_pharaoh
from pipeline.models import fast_align

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
    """An aligner as DVC checks it out: read only, and not executable."""
    path = folder / "fast_align"
    path.write_text(content)
    path.chmod(0o444)
    return path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with the whole pipeline come first, lest one process ends with them alone.

    One of the others comes second: it runs while the first one makes what all the next ones need.
    """
    users = {item.path for item in items if "finished" in getattr(item, "fixturenames", ())}
    files = dict.fromkeys(item.path for item in items)
    whole, others = ([path for path in files if (path in users) == one] for one in (True, False))
    order = [*whole[:1], *others[:1], *whole[1:], *others[1:]]
    items.sort(key=lambda item: order.index(item.path))


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_encoder(tmp_path_factory.mktemp("encoder"))


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


@pytest.fixture
def encoder(encoder_folder: Path) -> BertModel:
    return load_encoder(encoder_folder)


@pytest.fixture(autouse=True)
def _deterministic() -> Iterator[None]:
    torch.manual_seed(0)
    yield
    torch.use_deterministic_algorithms(False)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, encoder_folder: Path) -> Path:
    """A clone in which the whole pipeline has run, committed. Tests work on copies of it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # it runs once for all processes of pytest
    folder = shared / "finished"
    with FileLock(shared / "finished.lock"):
        if not (shared / "finished.done").exists():  # what failed in one fails in the other
            shutil.rmtree(folder, ignore_errors=True)
            copy_project(folder, encoder_folder)
            done(folder, "dvc", "pull", "data")
            done(folder, "dvc", "repro")
            commit(folder)
            (shared / "finished.done").touch()
    return folder
