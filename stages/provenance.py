"""provenance: what made a model, back to its corpora and their licences."""

from pathlib import Path

import yaml

from pipeline.common.provenance import read_provenance
from pipeline.release.trace_model import report

LOCK = Path("dvc.lock")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the first is faster


def main(model: Path) -> None:
    """Print what made MODEL, such as artifacts/align/l2: steps, params, corpora with licences.

    The steps before it are those of the dvc.lock here, where its hashes are the model's.
    """
    provenance = read_provenance(model)
    lock = yaml.load(LOCK.read_text("utf-8"), LOADER) if LOCK.is_file() else {}
    print(report(str(model), provenance, lock))
