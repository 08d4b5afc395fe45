"""configure: apply files of configs/ to params.yaml, keeping its comments and your own changes."""

from itertools import takewhile
from pathlib import Path
from typing import Annotated

import typer

from pipeline.common.files import write_lines
from stages import merging
from stages.params import PARAMS, parse_params
from stages.yaml_reader import dump_yaml, load_yaml, read_text


def main(
    configs: Annotated[list[Path], typer.Argument(help="Files of configs/; later ones win.")],
    force: Annotated[bool, typer.Option("--force", help="Replace your own changes too.")] = False,
) -> None:
    """Apply CONFIGS to params.yaml, one after another; everything else in it stays.

    Blocks are merged key by key; lists and the block languages are replaced. A value that you have
    changed by hand stays, and is listed with that of CONFIGS.
    """
    content = merging.read_blocks(PARAMS, comments=True)
    before = merging.read_blocks(PARAMS)
    changes = merging.merged({}, *map(merging.read_blocks, configs))
    start = merging.start_of(before, PARAMS, Path("configs"))
    own = [] if force else merging.own_changes(before, changes, start)
    for config in configs:
        merging.merge(content, merging.without(merging.read_blocks(config, comments=True), own))
    text = dump_yaml(content)
    parse_params(text, " + ".join(map(str, configs)))
    after = load_yaml(text, str(PARAMS))
    if after != before:
        write_lines(PARAMS, text.removesuffix("\n").split("\n"))
        merging.record_configured(before, merging.merged(start, changes))
    _explain(configs, after != before, merging.compared(before, changes, own))


def _explain(configs: list[Path], changed: bool, own: list[str]) -> None:
    for config in configs:
        lines = read_text(config).splitlines()
        print(*(line[2:] for line in takewhile(lambda line: line.startswith("#"), lines)), sep="\n")
    if changed:
        print(f"\n{PARAMS} is changed (git diff {PARAMS}); git checkout {PARAMS} undoes this.")
        print("python -m stages needs: the run's downloads, disk, memory and time.")
    elif not own:
        print(f"\n{PARAMS} has these settings already.")
    if own:
        names = " ".join(map(str, configs))
        print(f"\n{PARAMS} keeps what you changed:", *own, sep="\n")
        print(f"To replace it: python -m stages configure --force {names}")
