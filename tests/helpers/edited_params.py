"""Params files with one key changed."""

import copy

import yaml
from clones import ROOT

GIVEN = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))


def edited(tmp_path, key, value):
    """A params file with one key changed, or removed where the value is None."""
    content = copy.deepcopy(GIVEN)
    *path, last = key.split(".")
    block = content
    for part in path:
        block = block[part]
    if value is None:
        del block[last]
    else:
        block[last] = value
    file = tmp_path / "params.yaml"
    file.write_text(yaml.safe_dump(content), "utf-8")
    return file
