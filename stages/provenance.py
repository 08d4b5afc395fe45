"""provenance: what made a model, back to its corpora and their licences."""

from pathlib import Path

import yaml

from pipeline.lineage import report
from pipeline.provenance import read_provenance

LOCK = Path("dvc.lock")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the first is faster


def main(model: Path) -> None:
    """Print what made MODEL, such as artifacts/align/l2: steps, params, corpora with licences.

    The steps before it are those of the dvc.lock here, where its hashes are the model's.
    """
    provenance = read_provenance(model)
    lock = yaml.load(LOCK.read_text("utf-8"), LOADER) if LOCK.is_file() else {}
    print(report(str(model), provenance, lock))
