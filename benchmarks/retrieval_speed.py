"""Speed and memory of word retrieval, against plain NumPy and the machine's peak matmul speed.

    python benchmarks/retrieval_speed.py             n = 20,000, dimension 768
    python benchmarks/retrieval_speed.py --large     n = 200,000, dimension 384; only ours

Plain NumPy does what the authors' script does, on unit vectors: all similarities at once, a full
sort per row for the hubs, then a full sort per query. Its hubs are computed for all rows, its
queries for 200 rows per direction; their time is scaled. The script normalises all candidates again
for every query; the time without that is printed too. Every part runs in a separate process, so its
peak memory (with imports) can be measured. Operations are counted for both directions: 2 passes of
2 n² d. The peak speed is that of one product of two large matrices of the same type, measured after
retrieval in the same process.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

NEIGHBOURS, QUERIES, WIDTH = 10, 200, 4096


def make_sides(n: int, dimension: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    source = random.standard_normal((n, dimension), np.float32)
    english = random.standard_normal((n, dimension), np.float32)
    english *= 4  # so noisy that some queries fail
    english += source
    return source, english


def peak_megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def plain(n: int, dimension: int) -> dict[str, Any]:
    sides = [side / np.linalg.norm(side, axis=1)[:, None] for side in make_sides(n, dimension)]
    start = time.perf_counter()
    similarity = sides[0] @ sides[1].T
    nearest = [np.sort(scores, axis=1)[:, -NEIGHBOURS:] for scores in (similarity, similarity.T)]
    hubs = [scores.mean(axis=1) for scores in nearest]
    seconds = time.perf_counter() - start
    times = []
    for again in (True, False):
        start = time.perf_counter()
        best_rows = [
            [int(search(query, candidates, hub, again)) for query in queries[:QUERIES]]
            for queries, candidates, hub in ((*sides, hubs[1]), (*sides[::-1], hubs[0]))
        ]
        times.append(seconds + (time.perf_counter() - start) * n / QUERIES)
    return {
        "seconds": times[0],
        "once": times[1],
        "megabytes": peak_megabytes(),
        "best_rows": best_rows,
    }


def search(query: np.ndarray, candidates: np.ndarray, hub: np.ndarray, again: bool) -> np.integer:
    if again:
        candidates = candidates / np.linalg.norm(candidates, axis=1)[:, None]
    return np.argsort(-(2 * candidates.dot(query) - hub))[0]


def ours(n: int, dimension: int, *similarities: str) -> dict[str, Any]:
    import torch

    from pipeline.retrieval.csls import retrieve

    device = torch.accelerator.current_accelerator(check_available=True) or torch.device("cpu")
    sides = make_sides(n, dimension)
    start = time.perf_counter()
    results = retrieve(*sides, NEIGHBOURS, similarities=similarities, device=device)
    seconds = time.perf_counter() - start
    figures = {"seconds": seconds, "megabytes": peak_megabytes(), "device": str(device)}
    figures["gigaflops"] = 4e-9 * n**2 * dimension / seconds
    for kind in (torch.float64, torch.float32):
        figures[f"peak_{str(kind)[6:]}"] = matmul_gigaflops(kind, device)
    figures["accuracy"] = [retrieved.accuracy() for retrieved in results["csls"]]
    figures["best_rows"] = [retrieved.best_row[:QUERIES].tolist() for retrieved in results["csls"]]
    return figures


def matmul_gigaflops(kind: Any, device: Any) -> float:
    import torch

    one, two = torch.ones((2, WIDTH, WIDTH), dtype=kind, device=device)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        (one @ two)[0, 0].item()  # waits for the device
        times.append(time.perf_counter() - start)
    return 2e-9 * WIDTH**3 / min(times)


def measure(part: str, *arguments: Any) -> dict[str, Any]:
    command = [sys.executable, __file__, "--part", part, *map(str, arguments)]
    figures = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    print(f"{' '.join(command[3:])}: {figures['seconds']:.1f} s, {figures['megabytes']:,} MB")
    if "gigaflops" in figures:
        share = figures["gigaflops"] / figures["peak_float64"]
        print(
            f"  {figures['device']}: {figures['gigaflops']:.0f} GFLOP/s in float64, {share:.0%} of "
            f"its matmul peak {figures['peak_float64']:.0f} (float32: "
            f"{figures['peak_float32']:.0f})",
            f"  accuracy {figures['accuracy']}",
            sep="\n",
            flush=True,
        )
    return figures


def shown(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures without the answers themselves."""
    return {name: value for name, value in figures.items() if not isinstance(value, list)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--part", nargs="+")
    options = parser.parse_args()
    if options.part:
        part, n, dimension, *similarities = options.part
        call = {"plain": plain, "ours": ours}[part]
        print(json.dumps(call(int(n), int(dimension), *similarities)))
    elif options.large:
        print(json.dumps(shown(measure("ours", 200_000, 384, "csls"))))
    else:
        fast = measure("ours", 20_000, 768, "csls")
        measure("ours", 20_000, 768, "csls", "cosine", "authors")
        slow = measure("plain", 20_000, 768)
        same = np.mean(np.array(fast["best_rows"]) == slow["best_rows"])
        print(
            f"csls against plain NumPy: {slow['seconds'] / fast['seconds']:.1f} times as fast "
            f"({slow['once'] / fast['seconds']:.1f} if NumPy normalises once), "
            f"{fast['megabytes'] / slow['megabytes']:.3f} of its memory, "
            f"{same:.1%} of answers equal"
        )
        ratio = slow["seconds"] / fast["seconds"]
        print(json.dumps({**shown(fast), "plain_seconds": slow["seconds"], "ratio": ratio}))


if __name__ == "__main__":
    main()
