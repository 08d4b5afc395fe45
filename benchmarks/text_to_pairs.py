"""From text to word pairs at the paper's scale: time, peak memory and alignment error rates.

    python benchmarks/text_to_pairs.py --data DIR [--program FAST_ALIGN] [--lines N]

DIR (or the variable BENCH_DATA) is the data folder: hansards-en-fr/ with train.en.gz and
train.fr.gz, and trial/ with the gold set of the NAACL 2003 shared task. Without it, nothing is
measured. The tokenizer is a WordPiece of the 30,000 most common words of the corpus. If --program
names a built fast_align, its links are compared with those of the wheel.
"""

import argparse
import gzip
import json
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from tokenizers import Tokenizer, models, pre_tokenizers, processors

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipeline.common.worker_pool import workers
from pipeline.judge.judge import FAST_ALIGN
from pipeline.pairs.settings import PairSettings
from pipeline.pairs.word_pairs import build_pairs
from pipeline.tokenize.cleaning import Cleaning
from pipeline.tokenize.tokenize import tokenize
from pipeline.word_align.gold import Gold, read_gold
from pipeline.word_align.links import Links
from pipeline.word_align.word_align import align_direction, align_with_gold

CLEANING = Cleaning(min_characters=0, max_characters=2000, min_words=1)
PROTOCOL = PairSettings(1024, 1024, 250_000, 64, 512, "last", True, False, True, True)


def timed(call: Callable[..., Any], *arguments: Any) -> tuple[float, int, Any]:
    """Seconds, peak megabytes and result of a call in a new process, see `measured`."""
    with workers(1, "benchmark", "lower --lines or --eflomal-lines") as pool:
        return pool.submit(measured, call, *arguments).result()


def measured(call: Callable[..., Any], *arguments: Any) -> tuple[float, int, Any]:
    """The same in this process; the peak of child processes counts once per core."""
    start = time.perf_counter()
    result = call(*arguments)
    seconds = time.perf_counter() - start
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    this_process, child = (resource.getrusage(kind).ru_maxrss // 1024 for kind in kinds)
    cores = len(os.sched_getaffinity(0))
    return seconds, this_process + cores * child, result


def read_lines(path: Path, lines: int) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        return [line.strip() for line, _ in zip(file, range(lines), strict=False)]


def lowered(gold: Gold) -> Gold:
    # The gold set of Hansards is in lower case.
    return replace(
        gold, source=[s.lower() for s in gold.source], english=[*map(str.lower, gold.english)]
    )


def make_tokenizer(frame: pd.DataFrame) -> Tokenizer:
    counts = Counter(word for side in frame for line in frame[side] for word in line.split(" "))
    signs = sorted({sign for word in counts for sign in word})
    pieces = ["[UNK]", "[CLS]", "[SEP]", *signs, *(f"##{sign}" for sign in signs)]
    pieces += [word for word, _ in counts.most_common(30_000) if len(word) > 1]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
    return tokenizer


def tokens(frame: pd.DataFrame, processes: int) -> pd.DataFrame:
    with TemporaryDirectory() as abbreviations:
        return tokenize(frame, "fr", CLEANING, Path(abbreviations), processes)[0]


def pairs(frame: pd.DataFrame, links: Links, tokenizer: str) -> int:
    splits = build_pairs(
        list(frame.source), list(frame.english), links, Tokenizer.from_str(tokenizer), PROTOCOL
    )
    return sum(len(table) for _, table in splits.values())


def f1(one: Links, two: Links) -> float:
    common = len(set(one.keys.tolist()) & set(two.keys.tolist()))
    return 2 * common / (len(one) + len(two))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=os.environ.get("BENCH_DATA"))
    parser.add_argument("--program", type=Path)
    parser.add_argument("--lines", type=int, default=10**9)
    parser.add_argument("--eflomal-lines", type=int, default=50_000)
    options = parser.parse_args()
    if not options.data:
        print("neither --data nor BENCH_DATA is given: nothing to measure")
        return
    folder = Path(options.data, "hansards-en-fr")
    files = {"source": folder / "train.fr.gz", "english": folder / "train.en.gz"}
    frame = pd.DataFrame({side: read_lines(file, options.lines) for side, file in files.items()})
    trial = [folder / "trial" / f"trial.{kind}" for kind in ("wa", "f", "e")]
    gold = {"hansards": lowered(read_gold(*trial, english_first=True))}

    once, memory, _ = timed(tokens, frame, 1)
    print(f"tokenize  1 process  {once:6.1f} s  {memory:5d} MB")
    twice, memory, frame = timed(tokens, frame, 2)
    print(f"tokenize  2 processes {twice:5.1f} s  {memory:5d} MB  {once / twice:.2f}x")
    links = aligned(frame, gold, options)

    tokenizer = make_tokenizer(frame).to_str()
    seconds, memory, number = timed(pairs, frame, links["wheel"], tokenizer)
    print(f"pairs  {number} word pairs  {seconds:.1f} s  {memory} MB")
    print(f"tokenize (2 processes) + pairs  {twice + seconds:.1f} s")
    print(json.dumps({"seconds": twice + seconds, "word_pairs": number, "ratio": once / twice}))


def aligned(
    frame: pd.DataFrame, gold: dict[str, Gold], options: argparse.Namespace
) -> dict[str, Links]:
    """The links of each aligner; prints its time and error rate."""
    lines = list(frame.source.str.lower()), list(frame.english.str.lower())
    parts = [timed(align_direction, *lines, FAST_ALIGN, turned)[0] for turned in (False, True)]
    aligners = {"wheel": (FAST_ALIGN, lines)}
    if options.program:
        aligners["source"] = (replace(FAST_ALIGN, provider="source"), lines)
    few = tuple(side[: options.eflomal_lines] for side in lines)
    aligners |= {
        "wheel, fewer lines": (FAST_ALIGN, few),
        "eflomal, fewer lines": (replace(FAST_ALIGN, backend="eflomal"), few),
    }
    links = {}
    for name, (settings, sides) in aligners.items():
        program = options.program if settings.provider == "source" else None
        run = timed(align_with_gold, *sides, settings, gold, program)
        seconds, memory, (links[name], rates) = run
        print(
            f"word_align  {name}: {len(sides[0])} lines  {seconds:.1f} s  {memory} MB  "
            f"AER {rates['hansards']['aer']:.4f}"
        )
        if name == "wheel":
            print(
                f"  one direction after the other {sum(parts):.1f} s: {sum(parts) / seconds:.2f}x"
            )
    if options.program:
        print(f"wheel against source: F1 of the links {f1(links['wheel'], links['source']):.5f}")
    return links


if __name__ == "__main__":
    main()
