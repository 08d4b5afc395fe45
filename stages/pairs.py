"""pairs: contextual word pairs of one language, in test, dev and train."""

from pipeline.common.files import atomic, read_lines
from pipeline.common.parquet import write_table
from pipeline.encoder.subwords import count_merged, read_tokenizer
from pipeline.pairs.word_pairs import build_pairs
from pipeline.word_align.links import from_pharaoh
from stages import ARTIFACTS
from stages.params import load_params


def main(language: str) -> None:
    """Pair LANGUAGE's aligned words and locate their subwords: a table and arrays per split."""
    settings = load_params().pairs
    text = ARTIFACTS / "tokenize" / language
    source, english = (read_lines(text / f"{side}.txt") for side in ("source", "english"))
    links = from_pharaoh(read_lines(ARTIFACTS / "word_align" / f"{language}.txt"))
    tokenizer = read_tokenizer(ARTIFACTS / "encoder")
    if merged := count_merged([*source, *english], tokenizer):
        print(
            f"{language}: the tokenizer merges across words in {merged:,} of {2 * len(source):,} "
            "sentences; these are read word by word"
        )
    splits = build_pairs(source, english, links, tokenizer, settings)
    with atomic(ARTIFACTS / "pairs" / language) as folder:
        folder.mkdir()
        for name, (split, table) in splits.items():
            split.save(folder / name)
            write_table(folder / f"{name}.parquet", table)
            print(f"{language} {name}: {len(table)} word pairs in {len(split)} sentence pairs")
