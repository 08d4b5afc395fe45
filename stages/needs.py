"""needs: what the next run fetches, and the disk, memory and time that it takes."""

import sys
from pathlib import Path

from huggingface_hub.constants import HF_HUB_CACHE

from pipeline.common.errors import PipelineError
from pipeline.encoder.live import check_trackers
from pipeline.needs.disk import Demand, fit
from pipeline.needs.sources import ask
from pipeline.needs.summary import checkpoint_lines, download_lines, memory_lines
from stages import ARTIFACTS, CACHE
from stages.needed import expected_run, sources
from stages.params import load_params
from stages.planning import plan
from stages.timed import expected_time


def main() -> None:
    """Ask all hosts from which the next run fetches; print its downloads, disk, memory and time.

    It ends with an error after naming all files that cannot be fetched, or if the disk is too
    small. Only stages that are not up to date count. All but downloads are estimates.
    """
    params = load_params()
    check_trackers(params.trackers)
    planned = plan()
    if not planned.stages:
        print("needs: all stages are up to date, nothing is fetched")
        return
    answers = ask(sources(params, planned.stages))
    for fault in answers.faults:
        print(f"needs: {fault}", file=sys.stderr)
    if answers.faults:
        total = len(answers.faults) + len(answers.sizes)
        raise PipelineError(
            f"needs: {len(answers.faults)} of {total} files cannot be fetched, see the lines "
            "above: correct these first"
        )
    run = expected_run(params, planned.stages, answers)
    second_copy = run.distinct() if planned.copies else 0
    demands = [
        Demand("downloads", CACHE, answers.missing(hub=False)),
        Demand("from the Hugging Face Hub", Path(HF_HUB_CACHE), answers.missing(hub=True)),
        Demand("artifacts", ARTIFACTS, run.artifacts()),
        Demand("the second copy in DVC's cache", planned.cache, second_copy),
    ]
    disks = [*fit(demands), *checkpoint_lines(run)]
    print("To fetch:", *download_lines(answers), sep="\n  ")
    print("Disk, about:", *disks, sep="\n  ")
    print("Memory, about:", *memory_lines(run, params.word_align.backend), sep="\n  ")
    print("Time, about:", *expected_time(params, run), sep="\n  ")
