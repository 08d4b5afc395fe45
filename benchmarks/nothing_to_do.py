"""Seconds that `dvc repro` takes if nothing has changed, and that a step takes to start.

    python benchmarks/nothing_to_do.py [--times N]

The pipeline runs for one language on the tests' tiny configuration. Then its artifacts are copied
for 4 and for 13 more languages, `dvc commit` accepts them, and `dvc repro` is timed. It checks
as many stages and files as if each language had run. Start-up is measured for the steps without
torch, with `import stages.STEP` and `python -m stages STEP --help`. All figures are medians of N
runs; comparing `cpu_seconds` shows how much a busy machine adds. The last line is a JSON object.
"""

import argparse
import json
import resource
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "helpers"))

from clones import copy_project, edit_params, run
from conftest import make_encoder

from pipeline.corpora.catalogue import LANGUAGES

ROOT = Path(__file__).parents[1]
FIRST = "de"
STEPS = (
    "own", "download", "tokenize", "aligner", "word_align", "pairs", "analyses", "nli", "report",
    "prune",
)  # fmt: skip
GOALS = {5: 5.0, 14: 8.0}  # seconds, by languages
START = 0.7


def checked(folder: Path, *command: str) -> str:
    result = run(folder, *command)
    if result.returncode != 0:
        sys.exit(result.stdout + result.stderr)
    return result.stdout


def languages(folder: Path, codes: list[str]) -> None:
    block = {code: {"corpus": f"file:own/{FIRST}.tsv"} for code in codes}
    edit_params(folder, lambda params: params.update(languages=block))


def copy_language(folder: Path, code: str) -> None:
    """Copy the artifacts of the first language for another one."""
    for path in sorted((folder / "artifacts").rglob(f"{FIRST}*")):
        if path.stem != FIRST or "translate_train" in path.parts:
            continue
        target = path.with_name(path.name.replace(FIRST, code))
        if path.is_dir():
            shutil.copytree(path, target, dirs_exist_ok=True)
        else:
            shutil.copy(path, target)


def median(times: int, folder: Path, *command: str) -> dict[str, float]:
    """Median seconds and CPU seconds of a command that must have nothing to do."""
    walls, cpus = [], []
    for _ in range(times):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        printed = checked(folder, *command)
        walls.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        if "Running stage" in printed:
            sys.exit(f"there was something to do:\n{printed}")
    figures = {"seconds": statistics.median(walls), "cpu_seconds": statistics.median(cpus)}
    return {name: round(value, 2) for name, value in figures.items()}


def repro(folder: Path, times: int) -> dict[str, Any]:
    others = [code for code in LANGUAGES if code != FIRST]
    languages(folder, [FIRST])
    checked(folder, "dvc", "pull", "data")
    start = time.perf_counter()
    checked(folder, "dvc", "repro")
    print(f"pipeline with one language: {time.perf_counter() - start:.0f} s", flush=True)
    figures = {}
    for count, goal in GOALS.items():
        codes = [FIRST, *others[: count - 1]]
        languages(folder, codes)
        for code in codes[1:]:
            copy_language(folder, code)
        checked(folder, "dvc", "commit", "--force")
        measured = median(times, folder, "dvc", "repro")
        print(f"dvc repro with {count} languages: {measured} (goal {goal} s)", flush=True)
        figures[f"languages_{count}"] = measured
    return figures


def start_up(times: int) -> dict[str, Any]:
    figures = {}
    for step in STEPS:
        measured = {
            "import": median(times, ROOT, "python", "-c", f"import stages.{step}"),
            "help": median(times, ROOT, "python", "-m", "stages", step, "--help"),
        }
        print(f"{step}: {measured} (goal {START} s)", flush=True)
        figures[step] = measured
    return figures


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    steps = start_up(times)
    with tempfile.TemporaryDirectory() as name:
        encoder = make_encoder(Path(name) / "encoder")
        (Path(name) / "project").mkdir()
        figures = repro(copy_project(Path(name) / "project", encoder), times)
    slowest = max(steps, key=lambda step: steps[step]["import"]["seconds"])
    print(json.dumps({**figures, "slowest_step": slowest, **steps[slowest], "goals": GOALS}))


if __name__ == "__main__":
    main()
