"""verify: find damaged files in DVC's cache and in the outputs."""

from collections.abc import Iterable
from pathlib import Path

from pipeline.common.dvc_cache import (
    cached_files,
    cached_runs,
    damaged,
    holds_link,
    identities,
    refill,
)
from pipeline.common.errors import PipelineError
from pipeline.common.files import remove
from stages.dvc_state import DvcState, is_run, lost_inputs, read_state

SEED = Path(".dvc/seed")


def main() -> None:
    """Read DVC's cache and all outputs; delete what is damaged, and say how to get it again."""
    state = read_state()
    files, runs = cached_files(state.cache) + cached_files(SEED), cached_runs(state.cache)
    bad = damaged(files) + [path for path in runs if not is_run(path)]
    total = len(files) + len(runs)
    links = identities(bad)
    spoiled = [out for out in state.outs if out in state.spoiled or holds_link(out, links)]
    for path in bad:
        remove(path)
        print(f"{path}: damaged, deleted")
    for path, source in refill(bad, state.outs):
        print(f"{path}: copied from {source}")
    lost = lost_inputs(state) if spoiled else set()
    for out in spoiled:
        if out in state.inputs & state.changed:  # perhaps by somebody's hand: only they can tell
            print(f"{out}: changed, and has damaged files: save your changes elsewhere")
        elif out in lost:
            print(f"{out}: has damaged files, and no copy elsewhere: restore it from a backup")
        else:
            remove(out)
            print(f"{out}: has damaged files, deleted")
    if bad or spoiled:
        restorable = [out for out in spoiled if out in state.inputs - lost]
        raise PipelineError(
            f"verify: {len(bad)} of {total} files of the cache were damaged, and "
            f"{len(spoiled)} of {len(state.outs)} outputs: `{_remedy(state, bad, restorable)}` "
            "restores them, or makes them again"
        )
    print(f"verify: all {total} files of the cache are intact, and so are the outputs")


def _remedy(state: DvcState, bad: Iterable[Path], restorable: Iterable[Path]) -> str:
    commands = [f"git restore {SEED}"] if any(SEED in path.parents for path in bad) else []
    commands += [f"dvc pull --force {out}" for out in restorable]
    # Without a remote, --pull fails.
    return " && ".join([*commands, "dvc repro --pull" if state.has_remote else "dvc repro"])
