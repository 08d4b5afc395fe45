"""Speed and memory of the bootstrap over sentences, against a loop over resamples.

    python benchmarks/bootstrap_speed.py         20,000 words of 1,000 sentences, 10,000 resamples

Both compute the accuracies of two systems and their difference on the same draws. The loop gathers
the words of the drawn sentences, as scripts usually do. It runs 100 resamples; its time is scaled.
"""

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipeline.statistics.bootstrap import RESAMPLES, bootstrap

WORDS, SENTENCES, LOOPS = 20_000, 1_000, 100


def loop(outcomes: np.ndarray, members: list[np.ndarray], seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    means = []
    for _ in range(LOOPS):
        drawn = random.integers(SENTENCES, size=SENTENCES)
        means.append(outcomes[np.concatenate([members[number] for number in drawn])].mean(axis=0))
    return np.array(means)


def main() -> None:
    random = np.random.default_rng(1)
    sentence = np.sort(random.integers(SENTENCES, size=WORDS))
    outcomes = (random.random((WORDS, 2)) < [0.5, 0.52]).astype(float)
    start = time.perf_counter()
    result = bootstrap(outcomes, sentence, seed=1)
    change = result.difference([1], [0])
    seconds = time.perf_counter() - start
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    start = time.perf_counter()
    means = loop(outcomes, [np.flatnonzero(sentence == number) for number in range(SENTENCES)], 1)
    slow = (time.perf_counter() - start) * RESAMPLES / LOOPS
    assert np.allclose(means, result.resampled[:LOOPS])
    print(f"bootstrap: {seconds:.2f} s, {megabytes} MB including imports; difference {change}")
    print(f"loop: {slow:.0f} s; the first {LOOPS} resamples are equal")
    figures = {"seconds": seconds, "megabytes": megabytes, "loop_seconds": slow}
    print(json.dumps({**figures, "ratio": slow / seconds}))


if __name__ == "__main__":
    main()
