"""configure: apply files of configs/ to params.yaml, keeping its comments and other values."""

from io import StringIO
from itertools import takewhile
from pathlib import Path
from typing import Annotated, Any

import typer
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pipeline.common.errors import PipelineError
from pipeline.common.files import write_lines
from stages.params import PARAMS, parse_params

NULL = "tag:yaml.org,2002:null"


def main(
    configs: Annotated[list[Path], typer.Argument(help="Files of configs/; later ones win.")],
) -> None:
    """Apply CONFIGS to params.yaml, one after another; everything else in it stays.

    Blocks are merged key by key; lists and the block languages are replaced.
    """
    yaml = YAML()
    yaml.width = 4096  # do not fold lines
    yaml.representer.add_representer(type(None), lambda to, _: to.represent_scalar(NULL, "null"))
    content = _read(yaml, PARAMS)
    for config in configs:
        merge(content, _read(yaml, config))
    text = StringIO()
    yaml.dump(content, text)
    parse_params(text.getvalue(), " + ".join(map(str, configs)))
    write_lines(PARAMS, text.getvalue().removesuffix("\n").split("\n"))
    for config in configs:
        lines = config.read_text("utf-8").splitlines()
        print(*(line[2:] for line in takewhile(lambda line: line.startswith("#"), lines)), sep="\n")
    print(f"\n{PARAMS} is changed (git diff {PARAMS}); git checkout {PARAMS} undoes this.")


def merge(content: Any, changes: Any) -> None:
    """Put `changes` into the mapping `content`, in place."""
    for key, value in changes.items():
        if key != "languages" and isinstance(value, dict) and isinstance(content.get(key), dict):
            merge(content[key], value)
        elif key in content:
            content[key] = value
        else:  # before the last key, since the blank line after the block belongs to it
            content.insert(max(0, len(content) - 1), key, value)


def _read(yaml: YAML, path: Path) -> Any:
    try:
        content = yaml.load(path)
    except (OSError, YAMLError) as error:
        raise PipelineError(f"{path}: cannot be read ({' '.join(str(error).split())})") from error
    if not isinstance(content, dict):
        raise PipelineError(f"{path}: must be blocks of params.yaml: add at least one")
    return content
