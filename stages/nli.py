"""nli: the natural-language-inference examples, parallel in all their languages."""

from pathlib import Path

from pipeline.files import atomic, write_parquet
from pipeline.nli import build_sample
from stages import ARTIFACTS
from stages.params import load_params


def main() -> None:
    """Build the hand-written sample: one Parquet a split, all languages."""
    params = load_params().nli
    examples = build_sample(Path("data/nli"), **params.model_dump())
    with atomic(ARTIFACTS / "nli") as folder:
        for split, rows in examples.groupby("split", sort=False):
            write_parquet(folder / f"{split}.parquet", rows.drop(columns="split"))
            print(f"{split}: {rows.id.nunique()} examples in {rows.language.nunique()} languages")
