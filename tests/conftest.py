"""Small text written here, and a tiny random encoder over it."""

import dataclasses
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# Tiny models gain nothing from threads, which wait for each other where tests run side by side.
os.environ["OMP_NUM_THREADS"] = "1"

import pandas as pd
import pytest
import torch
import yaml
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from pipeline.encoder import load_encoder, save_encoder
from pipeline.links import from_pairs
from pipeline.pairs import Protocol, build_pairs
from pipeline.splits import Split
from pipeline.training import Training

ROOT = Path(__file__).parents[1]
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


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
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
    folder = tmp_path_factory.mktemp("encoder")
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


def copy_project(folder: Path, encoder: Path) -> Path:
    """A git and DVC repository with this working tree's files, a tiny encoder and tiny params."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in names.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    (folder / "dvc.lock").unlink(missing_ok=True)
    shutil.copytree(encoder, folder / "tiny")
    edit_params(folder, tiny)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    return folder


def tiny(params: dict[str, Any]) -> None:
    """Two languages of a few dozen sentences, and the smallest sizes that mean something."""
    params["languages"] = {code: {"corpus": f"file:tests/text/{code}.tsv"} for code in ("de", "fr")}
    params["encoder"] = {"name": "tiny", "revision": None}
    params["pairs"] |= {"test": 8, "dev": 4}
    params["align"]["defaults"] |= {"sentences": 16, "batch_tokens": 120, "dev_steps": 2}
    params["retrieval"] |= {"layers": "all"}
    params["nli"] |= {"train": 48, "dev": 24, "test": 48}
    params["xnli"] |= {"translate_train": ["de"], "continual": ["l2"]}


def edit_params(folder: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    """Change params.yaml in place."""
    params = yaml.safe_load((folder / "params.yaml").read_text("utf-8"))
    edit(params)
    (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), "utf-8")


def run(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command in a folder, with the programs of this virtual environment first."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    variables = {**os.environ, "PATH": path, **environment}
    return subprocess.run(
        command, cwd=folder, env=variables, check=False, capture_output=True, text=True
    )
