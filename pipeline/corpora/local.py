"""Corpus `file:PATH`: a team's own sentence pairs, source TAB English, one pair a line."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import PipelineError


def read_tsv(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (source, English) of a UTF-8 file; raises PipelineError naming the faulty line."""
    if not path.is_file():
        raise PipelineError(f"{path}: no such file: correct `file:` in params.yaml's languages")
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            try:
                fields = raw.decode("utf-8").rstrip("\r\n").split("\t")
            except UnicodeDecodeError as error:
                raise PipelineError(f"{path}:{number}: not UTF-8: convert the file") from error
            if len(fields) != 2:
                raise PipelineError(
                    f"{path}:{number}: {len(fields)} columns: write source TAB English"
                )
            yield fields[0], fields[1]
