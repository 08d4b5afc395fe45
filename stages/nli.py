"""nli: natural-language-inference examples; dev and test are parallel across languages."""

import sys
from pathlib import Path

from pipeline.common.files import write_json
from pipeline.common.parquet import write_parquet
from pipeline.nli.reading import load_splits, summary
from pipeline.nli.sample import build_sample
from pipeline.nli.sources import ENGLISH_LANGUAGE
from stages import ARTIFACTS, CACHE, CHECKSUMS
from stages.params import load_params


def main() -> None:
    """Build the sample or fetch a data set: one Parquet file per split, and counts."""
    params = load_params()
    files, sizes, languages = params.nli.located, params.nli.sizes, list(params.languages)
    if files is None:
        sample = build_sample(Path("data/nli"), seed=params.nli.seed, **sizes)
        parts = sample.groupby("split", sort=False)
        splits = {str(split): rows.drop(columns="split") for split, rows in parts}
        left_out: dict[str, dict[str, int]] = {}
    else:
        splits, left_out = load_splits(files, languages, sizes, CACHE, CHECKSUMS)
    counts = summary(splits, [ENGLISH_LANGUAGE, *languages], left_out)
    for split, frame in splits.items():
        write_parquet(ARTIFACTS / "nli" / f"{split}.parquet", frame)
        print(f"{split}: {frame.id.nunique()} examples in {frame.language.nunique()} languages")
    write_json(ARTIFACTS / "nli" / "counts.json", counts)
    for language, examples in counts["examples"]["test"].items():
        if examples == 0:
            print(f"nli: no test examples in {language}: it is left out", file=sys.stderr)
