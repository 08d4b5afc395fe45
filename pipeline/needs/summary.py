"""The needs of a run as lines for people."""

import os

from .disk import gigabytes
from .sources import Answers
from .space import MEASURED_BACKEND, MEMORY, Run


def download_lines(answers: Answers) -> list[str]:
    """A line for each source that is not here yet, and the sum."""
    missing = {source.name: size.missing for source, size in answers.sizes.items()}
    new = {name: size for name, size in missing.items() if size != 0}
    if not new:
        return ["nothing, everything is in the caches"]
    lines = [f"{gigabytes(size):>8}  {name}" for name, size in new.items() if size]
    unknown = [name for name, size in new.items() if size is None]
    total = f"{gigabytes(sum(size or 0 for size in new.values())):>8}  in all"
    if unknown:
        total += f", and of unknown size: {', '.join(unknown)}"
    return [*lines, total]


def checkpoint_lines(run: Run) -> list[str]:
    """What checkpoints take while a model trains; no line without a training."""
    size = run.checkpoints()
    return [f"at most {gigabytes(size)} more for checkpoints while a model trains"] if size else []


def memory_lines(run: Run, backend: str) -> list[str]:
    """The memory of the steps that hold all text of a language, beside the machine's."""
    installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    lines = []
    for step in MEMORY:
        needed = run.memory(step)
        if needed and step == "word_align" and backend != MEASURED_BACKEND:
            lines.append(f"{step}: not measured for {backend}")
        elif needed:
            more = ", more than there is: lower download.max_pairs" if needed > installed else ""
            lines.append(f"{step}: {gigabytes(needed)} of {gigabytes(installed)}{more}")
    return lines or ["no step that holds all text of a language runs"]
