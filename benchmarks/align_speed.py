"""Speed of alignment training, against a plain reimplementation of the original procedure.

    python benchmarks/align_speed.py [--encoder mbert] [--batch-tokens N] [--compile] [--steps N]

The plain procedure takes 8 sentence pairs of each language per step, in sub-batches of 4. It
tokenises words one by one, makes a separate pass for each side and for the frozen encoder, pads to
the longest sentence, and uses float32, dropout, and Adam over the full vocabulary. Both train the
same architecture with random weights on the same made-up text with sentences as long as Europarl's.
"""

import argparse
import copy
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from hardware import (
    ENCODERS,
    architecture,
    forward_flops,
    peak_memory,
    settle,
    utilisation,
)
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertModel

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipeline.align.dev_retrieval import TrainingMonitor
from pipeline.align.loop import align
from pipeline.align.settings import AlignmentSettings
from pipeline.encoder.devices import default_device
from pipeline.encoder.pair_arrays import Split
from pipeline.pairs.settings import PairSettings
from pipeline.pairs.word_pairs import build_pairs
from pipeline.word_align.links import from_pairs

LANGUAGES = ("bg", "de", "el", "es", "fr")
SENTENCES = 250_000  # per language, as in the paper
PROTOCOL = PairSettings(1, 1, 10**9, 64, 512, "last", True, True, True, True)


@dataclass
class Text:
    """Tokenised sentence pairs of one language; word n of a side translates word n of the other."""

    source: list[list[str]]
    english: list[list[str]]


def make_text(sentences: int, seed: int) -> Text:
    # Like Europarl: about 25 words per sentence, log-normal; Zipfian words of one or two subwords.
    random = np.random.default_rng(seed)
    lengths = np.clip(random.lognormal(3.05, 0.6, sentences), 3, 64).astype(int)
    sides = []
    for _ in range(2):
        jitter = np.clip(random.normal(1, 0.12, sentences), 0.6, 1.4)
        counts = np.clip(lengths * jitter, 3, 64).astype(int)
        words = (random.zipf(1.15, counts.sum()) - 1) % 40_000
        bounds = np.cumsum(counts)[:-1]
        sides.append([[f"w{word}" for word in sentence] for sentence in np.split(words, bounds)])
    return Text(*sides)


def make_tokenizer(size: int) -> Tokenizer:
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *(f"w{n}" for n in range(20_000))]
    pieces += [f"##{n}" for n in range(10)]  # rarer words have one more subword per remaining digit
    pieces += [f"unused{n}" for n in range(size - len(pieces))]
    tokenizer = Tokenizer(
        models.WordPiece({piece: n for n, piece in enumerate(pieces)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


def make_split(text: Text, tokenizer: Tokenizer) -> Split:
    pairs = zip(text.source, text.english, strict=True)
    links = from_pairs([{(n, n) for n in range(min(len(s), len(t)))} for s, t in pairs])
    lines = ([" ".join(words) for words in side] for side in (text.source, text.english))
    return build_pairs(*lines, links, tokenizer, PROTOCOL)["train"][0]


class Plain:
    """The original procedure, written down step by step."""

    def __init__(self, model: BertModel, tokenizer: Tokenizer, texts: dict[str, Text]) -> None:
        self.device = default_device()
        self.model = model.to(self.device).train()
        self.frozen = copy.deepcopy(model).eval()
        self.tokenizer, self.texts = tokenizer, texts
        self.adam = torch.optim.Adam(model.parameters(), 5e-5, (0.9, 0.98), eps=1e-9)
        self.subwords = 0

    def step(self, number: int) -> None:
        self.adam.zero_grad()
        for text in self.texts.values():
            for first in (8 * number, 8 * number + 4):
                rows = [row % len(text.source) for row in range(first, first + 4)]
                self.sub_batch([text.source[n] for n in rows], [text.english[n] for n in rows])
        self.adam.step()

    def sub_batch(self, source: list[list[str]], english: list[list[str]]) -> None:
        source_ids, source_last = self.tokenize(source)
        english_ids, english_last = self.tokenize(english)
        f, g = self.encode(self.model, source_ids), self.encode(self.model, english_ids)
        with torch.no_grad():
            g0 = self.encode(self.frozen, english_ids)
        loss, held, pairs, words = 0, 0, 0, 0
        for row, (s, t) in enumerate(zip(source_last, english_last, strict=True)):
            n = min(len(s), len(t))
            loss = loss + (f[row, s[:n]] - g0[row, t[:n]]).square().sum()
            held = held + (g[row, t] - g0[row, t]).square().sum()
            pairs, words = pairs + n, words + len(t)
        (loss / pairs / 2 + held / words / 2).backward()

    def tokenize(self, sentences: list[list[str]]) -> tuple[list[list[int]], list[list[int]]]:
        all_ids, all_last = [], []
        for words in sentences:
            ids, last = [2], []
            for word in words:
                ids += self.tokenizer.encode(word, add_special_tokens=False).ids
                last.append(len(ids) - 1)
            all_ids.append([*ids, 3])
            all_last.append([0, *last, len(ids)])
            self.subwords += len(ids) + 1
        return all_ids, all_last

    def encode(self, model: BertModel, ids: list[list[int]]) -> torch.Tensor:
        longest = max(map(len, ids))
        padded = torch.tensor([line + [0] * (longest - len(line)) for line in ids])
        mask = (padded != 0).long().to(self.device)
        return model(input_ids=padded.to(self.device), attention_mask=mask).last_hidden_state


def time_plain(model: BertModel, tokenizer: Tokenizer, texts: dict[str, Text], steps: int) -> float:
    """Subwords per second."""
    plain = Plain(model, tokenizer, texts)
    plain.step(0)
    plain.subwords = 0
    settle()
    start = time.perf_counter()
    for number in range(1, steps + 1):
        plain.step(number)
    settle()
    return plain.subwords / (time.perf_counter() - start)


def time_ours(model: BertModel, splits: dict[str, Split], settings: AlignmentSettings) -> float:
    """Subwords per second, without the first quarter of the steps, which warm up."""
    ends: list[tuple[float, int]] = []
    add = TrainingMonitor.add

    def note(monitor: TrainingMonitor, *figures: Any) -> None:
        add(monitor, *figures)
        ends.append((time.perf_counter(), figures[-1]))

    TrainingMonitor.add = note  # type: ignore[method-assign]
    try:
        align(model, splits, settings)
    finally:
        TrainingMonitor.add = add  # type: ignore[method-assign]
    skipped = max(1, len(ends) // 4)
    subwords = sum(count for _, count in ends[skipped:])
    return subwords / (ends[-1][0] - ends[skipped - 1][0])


def model_flops(config: BertConfig, splits: dict[str, Split]) -> tuple[float, float]:
    """Mean floating-point operations to train on one subword, and mean subwords per sentence pair.

    Counts forward and backward passes, and one pass of the frozen encoder over the English side.
    """
    total, counts = 0.0, 0
    for split in splits.values():
        for side, passes in ((split.source, 3), (split.english, 4)):
            total += passes * forward_flops(config, side.lengths())
            counts += int(side.lengths().sum())
    return total / counts, counts / sum(map(len, splits.values()))


def main() -> None:
    gpu = torch.cuda.is_available()
    parser = argparse.ArgumentParser()
    parser.add_argument("--encoder", choices=ENCODERS, default="mbert" if gpu else "e5-small")
    parser.add_argument("--batch-tokens", type=int, default=16384 if gpu else 256)
    parser.add_argument("--steps", type=int, default=24 if gpu else 8)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--precision", default="auto")
    options = parser.parse_args()
    config = architecture(options.encoder)
    tokenizer = make_tokenizer(config.vocab_size)
    per_language = max(64, options.steps * options.batch_tokens // 50)
    texts = {name: make_text(per_language, n) for n, name in enumerate(LANGUAGES)}
    splits = {name: make_split(text, tokenizer) for name, text in texts.items()}
    settings = AlignmentSettings(
        "l2", "frozen", 0.1, "mean", "output", 1.0, [-1], True, False, per_language,
        options.batch_tokens, "each", 1, 5e-5, 0.1, options.precision,
        options.compile, 0, 1, 0, 1e9, 1,
    )  # fmt: skip
    torch.manual_seed(1)
    model = BertModel(config, add_pooling_layer=False)
    figures: dict[str, Any] = {"encoder": options.encoder, "compile": options.compile}
    plain = time_plain(copy.deepcopy(model), tokenizer, texts, max(3, options.steps // 2))
    figures |= {"plain_tokens_per_second": plain, "plain_peak_gb": peak_memory()}
    if gpu:
        torch.cuda.reset_peak_memory_stats()
    ours = time_ours(model, splits, settings)
    flops, length = model_flops(config, splits)
    figures["tokens_per_second"] = ours
    figures |= utilisation(ours * flops, torch.bfloat16 if gpu else torch.float32)
    figures |= {"peak_gb": peak_memory(), "subwords_per_sentence_pair": length}
    figures["projected_minutes"] = len(LANGUAGES) * SENTENCES * length / ours / 60
    figures["ratio"] = ours / plain
    print(json.dumps({k: round(v, 3) if isinstance(v, float) else v for k, v in figures.items()}))


if __name__ == "__main__":
    main()
