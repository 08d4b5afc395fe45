"""Experiments as `dvc exp show --json` prints them, made by hand."""

import copy
from itertools import count

import yaml
from clones import ROOT

GIVEN = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
GIVEN["languages"] = {"de": {"corpus": "software"}, "fr": {"corpus": "software"}}
GIVEN["xnli"]["seeds"] = [1, 2]
GIVEN["align"]["defaults"]["sentences"] = 800
NUMBERS = count()
FILES: dict[str, dict] = {}  # by revision and path


def read(revision, path):
    """A JSON file of an experiment."""
    return FILES[revision].get(path)


def revision(edit=lambda params: None, gain=0.0):
    """A run: each aligned method retrieves and infers better than base by `gain`."""
    params = copy.deepcopy(GIVEN)
    edit(params)
    name = f"{next(NUMBERS):040x}"
    files = FILES[name] = {}
    for method in params["methods"]:
        more = 0 if method == "base" else gain
        for language, figure in {"de": 0.2, "fr": 0.3}.items():
            path = f"artifacts/retrieval/{method}/{language}/summary.json"
            files[path] = {"to_english": 0.0, "mean": figure + more}
        for seed in params["xnli"]["seeds"]:
            test = {"en": 0.8, "de": 0.6 + more + 0.01 * seed, "fr": 0.7 + more}
            files[f"artifacts/xnli/{method}/{seed}.json"] = {"test": test}
    return {"rev": name, "data": {"params": {"params.yaml": {"data": params}}}}


def experiment(*args, state="success", **kwargs):
    executor = state and {"state": state}
    return {"name": "x", "executor": executor, "revs": [revision(*args, **kwargs)]}


def shown(*experiments):
    """A workspace and a commit that do not count, and experiments."""
    others = [{**revision(gain=9.0), "experiments": None} for _ in range(2)]
    return [*others, {"rev": "2", "data": None, "experiments": list(experiments)}]


def sized(sentences):
    return lambda params: params["align"]["defaults"].update(sentences=sentences)
