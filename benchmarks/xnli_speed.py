"""Fine-tuning on inference: examples a second, against a plain loop in PyTorch.

    python benchmarks/xnli_speed.py [--data DIR] [--encoder FOLDER] [--examples N]

DIR (or the variable BENCH_DATA) has nli-en/mnli.csv.gz: premise, hypothesis, label. Without it the
examples are made up of random Latin pieces, of about the lengths of MultiNLI. FOLDER is a
`save_pretrained` folder; without it e5-small comes from the package registry.

The plain loop is the usual one: every example padded to 128 subwords, float32, and Adam over the
full vocabulary. It sees the first examples of the same ones, in the same batches, and its first
step, which allocates Adam's state, is not timed; ours is timed whole, with tokenising, and trains
all N in one epoch. Each part runs in a process of its own, so that its peak memory is its own, its
imports included. The last line printed is a JSON object, with ratio: ours over the plain loop.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

LIMIT, BATCH, STEPS = 128, 16, 6
PREMISE, HYPOTHESIS = (3.0, 0.65), (2.4, 0.4)  # mean and deviation of the logarithm of the words


def make_examples(tokenizer: Any, size: int) -> pd.DataFrame:
    from pipeline.labels import LABELS

    random = np.random.default_rng(1)
    pieces = sorted(piece[1:] for piece in tokenizer.get_vocab() if piece[1:].isascii())
    words = np.array([piece for piece in pieces if piece.isalpha() and len(piece) > 1])
    random.shuffle(words)
    chance = 1 / np.arange(10, len(words) + 10)  # Zipf's law
    chance /= chance.sum()

    def texts(mean: float, deviation: float) -> list[str]:
        lengths = np.maximum(random.lognormal(mean, deviation, size), 1).astype(int)
        return [" ".join(random.choice(words, length, p=chance)) for length in lengths]

    labels = random.choice(LABELS, size)
    return pd.DataFrame(
        {"premise": texts(*PREMISE), "hypothesis": texts(*HYPOTHESIS), "label": labels}
    )


def setting(encoder: str, data: str, size: int) -> tuple[Any, Any, pd.DataFrame]:
    """The encoder, its tokenizer and the examples: the same in both processes."""
    from pipeline.encoder import load_encoder, obtain_encoder
    from pipeline.subwords import read_tokenizer
    from stages import CACHE

    if encoder:
        model, tokenizer = load_encoder(Path(encoder)), read_tokenizer(Path(encoder))
    else:
        model, fast = obtain_encoder("e5-small", None, CACHE)
        tokenizer = fast.backend_tokenizer
    if not data:
        return model, tokenizer, make_examples(tokenizer, size)
    frame = pd.read_csv(Path(data, "nli-en", "mnli.csv.gz"), keep_default_na=False)
    return model, tokenizer, frame.head(size)


def peak_megabytes() -> dict[str, int]:
    import torch

    figures = {"megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}
    if torch.cuda.is_available():
        figures["device_megabytes"] = torch.cuda.max_memory_allocated() // 2**20
    return figures


def ours(model: Any, tokenizer: Any, examples: pd.DataFrame) -> dict[str, Any]:
    from pipeline.xnli import FineTuning, fine_tune

    tuning = FineTuning(
        epochs=1, batch=BATCH, learning_rate=1e-4, warmup=0.1, max_subwords=LIMIT, seed=1
    )
    start = time.perf_counter()
    fine_tune(model, tokenizer, examples, tuning)
    return {"seconds": time.perf_counter() - start, "examples": len(examples)}


def plain(model: Any, tokenizer: Any, examples: pd.DataFrame) -> dict[str, Any]:
    import torch

    from pipeline.labels import LABELS
    from pipeline.vectors import default_device
    from pipeline.xnli import Classifier, subwords

    torch.manual_seed(1)
    device = default_device()
    classifier = Classifier(model).to(device).train()
    optimizer = torch.optim.Adam(classifier.parameters(), lr=1e-4)
    for step in range(STEPS + 1):
        if step == 1:
            start = time.perf_counter()
        batch = examples[step * BATCH : (step + 1) * BATCH]
        ids = torch.full((BATCH, LIMIT), model.config.pad_token_id or 0)
        mask = torch.zeros_like(ids)
        for row, each in enumerate(subwords(batch, tokenizer, LIMIT)):
            ids[row, : len(each)] = torch.from_numpy(each)
            mask[row, : len(each)] = 1
        labels = torch.tensor([LABELS.index(label) for label in batch.label])
        loss = classifier(ids.to(device), mask.to(device), labels.to(device))["loss"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()  # waits for the device
    return {"seconds": time.perf_counter() - start, "examples": STEPS * BATCH}


def measure(part: str, options: argparse.Namespace) -> dict[str, Any]:
    command = [sys.executable, __file__, "--part", part, "--examples", str(options.examples)]
    command += ["--data", options.data, "--encoder", options.encoder]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    figures["rate"] = figures["examples"] / figures["seconds"]
    print(
        f"{part}: {figures['examples']} examples in {figures['seconds']:.1f} s, "
        f"{figures['rate']:.2f} a second, {figures['megabytes']:,} MB",
        flush=True,
    )
    return figures


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default=os.environ.get("BENCH_DATA", ""))
    parser.add_argument("--encoder", default="")
    parser.add_argument("--examples", type=int, default=768)
    parser.add_argument("--part")
    options = parser.parse_args()
    if options.examples < (STEPS + 1) * BATCH:
        parser.error(f"--examples: at least {(STEPS + 1) * BATCH}, so that both see the same ones")
    if options.part:
        call = {"ours": ours, "plain": plain}[options.part]
        figures = call(*setting(options.encoder, options.data, options.examples))
        print(json.dumps({**figures, **peak_megabytes()}))
        return
    fast, slow = measure("ours", options), measure("plain", options)
    figures = {
        "ratio": round(fast["rate"] / slow["rate"], 2),
        "examples_per_second": round(fast["rate"], 2),
        "plain_examples_per_second": round(slow["rate"], 2),
        "megabytes": fast["megabytes"],
        "plain_megabytes": slow["megabytes"],
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
