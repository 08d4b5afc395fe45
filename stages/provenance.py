"""provenance: where a model comes from, back to its corpora and their licences."""

from pathlib import Path

from pipeline.common.provenance import read_provenance
from pipeline.release.trace_model import origin_report
from stages.yaml_reader import load_yaml, read_text

LOCK = Path("dvc.lock")


def main(model: Path) -> None:
    """Print the steps, params and corpora with licences behind MODEL, like artifacts/align/l2.

    Earlier steps are read from the dvc.lock here, as far as its hashes are those of the model.
    """
    provenance = read_provenance(model)
    lock = load_yaml(read_text(LOCK), str(LOCK)) if LOCK.is_file() else {}
    print(origin_report(str(model), provenance, lock))
