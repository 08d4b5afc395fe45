"""Speed of fine-tuning on inference, against a plain loop in PyTorch.

    python benchmarks/xnli_speed.py [--encoder NAME | FOLDER] [--data DIR] [--examples N]

The encoder has the architecture of e5-small or, on a GPU, of mbert, with random weights; the
examples are made up and about as long as MultiNLI's. Or the encoder is a `save_pretrained` FOLDER,
and DIR (or the variable BENCH_DATA) has nli-en/mnli.csv.gz: premise, hypothesis, label.

The plain loop is the usual one: every example padded to 128 subwords, float32, and Adam over the
full vocabulary. It trains on the first of the same examples in batches of the same size. Its first
step, which allocates Adam's state, is not timed; ours is timed completely, with tokenising, and
trains on all N examples in one epoch. Each part runs in a separate process, so that its peak memory
(with imports) can be measured. Utilisation counts only the matrix products of the layers, over the
whole time. The last line is a JSON object; its ratio is our speed divided by the plain loop's.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from align_speed import make_tokenizer
from hardware import ENCODERS, architecture, forward_flops, peak_memory, utilisation
from transformers import BertModel

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipeline.encoder.devices import default_device
from pipeline.encoder.load import load_encoder
from pipeline.encoder.subwords import read_tokenizer
from pipeline.nli.labels import LABELS
from pipeline.xnli.classifier import Classifier, encode
from pipeline.xnli.fine_tuning import fine_tune
from pipeline.xnli.settings import FineTuningSettings

LIMIT, BATCH, STEPS = 128, 16, 6
MULTINLI = 392_702  # examples; the time of three epochs of them is projected
WORDS = [f"w{n}" for n in range(40_000)]  # words that make_tokenizer knows, and rarer ones
PREMISE, HYPOTHESIS = (3.0, 0.65), (2.4, 0.4)  # mean and deviation of the log of the word count


def make_examples(words: list[str], size: int) -> pd.DataFrame:
    random = np.random.default_rng(1)
    chance = 1 / np.arange(10, len(words) + 10)  # Zipf's law
    chance /= chance.sum()

    def texts(mean: float, deviation: float) -> list[str]:
        lengths = np.maximum(random.lognormal(mean, deviation, size), 1).astype(int)
        return [" ".join(random.choice(words, length, p=chance)) for length in lengths]

    labels = random.choice(LABELS, size)
    return pd.DataFrame(
        {"premise": texts(*PREMISE), "hypothesis": texts(*HYPOTHESIS), "label": labels}
    )


def setting(options: argparse.Namespace) -> tuple[Any, Any, pd.DataFrame]:
    """The encoder, its tokenizer and the examples: the same in both processes."""
    if options.encoder in ENCODERS:
        torch.manual_seed(1)
        model = BertModel(architecture(options.encoder), add_pooling_layer=False)
        tokenizer = make_tokenizer(model.config.vocab_size)
        return model, tokenizer, make_examples(WORDS, options.examples)
    folder = Path(options.encoder)
    file = Path(options.data, "nli-en", "mnli.csv.gz")
    frame = pd.read_csv(file, keep_default_na=False).head(options.examples)
    return load_encoder(folder), read_tokenizer(folder), frame


def ours(model: Any, tokenizer: Any, examples: pd.DataFrame) -> dict[str, Any]:
    tuning = FineTuningSettings(
        epochs=1,
        batch=BATCH,
        learning_rate=1e-4,
        warmup=0.1,
        precision="auto",
        max_subwords=LIMIT,
    )
    lengths = np.array([len(ids) for ids in encode(examples, tokenizer, model.config, LIMIT).ids])
    start = time.perf_counter()
    fine_tune(model, tokenizer, examples, examples.head(3), tuning, seed=1)
    seconds = time.perf_counter() - start
    flops = 3 * forward_flops(model.config, lengths)
    dtype = torch.bfloat16 if torch.cuda.is_available() else torch.float32
    return {
        "seconds": seconds,
        "examples": len(examples),
        **dict(utilisation(flops / seconds, dtype)),
    }


def plain(model: Any, tokenizer: Any, examples: pd.DataFrame) -> dict[str, Any]:
    torch.manual_seed(1)
    device = default_device()
    classifier = Classifier(model).to(device).train()
    optimizer = torch.optim.Adam(classifier.parameters(), lr=1e-4)
    for step in range(STEPS + 1):
        if step == 1:
            start = time.perf_counter()
        batch = examples[step * BATCH : (step + 1) * BATCH]
        inputs = encode(batch, tokenizer, model.config, LIMIT).batch(
            range(BATCH), classifier.pad_id
        )
        padded = {key: pad_to_limit(value, classifier.pad_id) for key, value in inputs.items()}
        labels = torch.tensor([LABELS.index(label) for label in batch.label]).to(device)
        logits = classifier(**{key: value.to(device) for key, value in padded.items()})
        loss = torch.nn.functional.cross_entropy(logits, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()  # waits for the device
    return {"seconds": time.perf_counter() - start, "examples": STEPS * BATCH}


def pad_to_limit(values: torch.Tensor, pad_id: int) -> torch.Tensor:
    filler = pad_id if values.max() > 1 else 0
    return torch.nn.functional.pad(values, (0, LIMIT - values.shape[1]), value=filler)


def measure(part: str, options: argparse.Namespace) -> dict[str, Any]:
    command = [sys.executable, __file__, "--part", part, "--examples", str(options.examples)]
    command += ["--data", options.data, "--encoder", options.encoder]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    figures["rate"] = figures["examples"] / figures["seconds"]
    print(
        f"{part}: {figures['examples']} examples in {figures['seconds']:.1f} s, "
        f"{figures['rate']:.2f} per second, {figures['peak_gb']:.2f} GB",
        flush=True,
    )
    return figures


def main() -> None:
    gpu = torch.cuda.is_available()
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default=os.environ.get("BENCH_DATA", ""))
    parser.add_argument("--encoder", default="mbert" if gpu else "e5-small")
    parser.add_argument("--examples", type=int, default=24_000 if gpu else 768)
    parser.add_argument("--part")
    options = parser.parse_args()
    if options.examples < (STEPS + 1) * BATCH:
        parser.error(f"--examples: at least {(STEPS + 1) * BATCH}, so that both see the same")
    if options.part:
        figures = {"ours": ours, "plain": plain}[options.part](*setting(options))
        print(json.dumps({**figures, "peak_gb": peak_memory()}))
        return
    fast, slow = measure("ours", options), measure("plain", options)
    figures = {
        "encoder": options.encoder,
        "examples_per_second": fast["rate"],
        "plain_examples_per_second": slow["rate"],
        **{
            key: fast[key]
            for key in ("model_tflops", "share_of_measured_peak", "mfu")
            if key in fast
        },
        "projected_minutes": MULTINLI * 3 / fast["rate"] / 60,
        "peak_gb": fast["peak_gb"],
        "plain_peak_gb": slow["peak_gb"],
        "ratio": fast["rate"] / slow["rate"],
    }
    print(json.dumps({k: round(v, 3) if isinstance(v, float) else v for k, v in figures.items()}))


if __name__ == "__main__":
    main()
