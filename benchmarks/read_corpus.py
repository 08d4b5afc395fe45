"""Time and memory to read a zip like Europarl's: 400,000 lines of random words per side."""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipeline.common.parquet import write_tables
from pipeline.corpora.names import CorpusShare
from pipeline.corpora.reading import read_corpora
from pipeline.corpora.text_rules import Tidy

LINES = 400_000


def make_zip(path: Path) -> None:
    chance = random.Random(1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for code, letters in (("bg", "абвгдежзийклмнопрст"), ("en", "abcdefghijklmnop")):
            words = [
                "".join(chance.choices(letters, k=chance.randint(2, 10))) for _ in range(20000)
            ]
            with archive.open(f"Europarl.bg-en.{code}", "w") as member:
                for _ in range(LINES):
                    line = " ".join(chance.choices(words, k=chance.randint(5, 45)))
                    member.write(f"{line}\n".encode())
        for name in ("LICENSE", "README", "Europarl.bg-en.xml"):
            archive.writestr(name, "-")


def read(path: Path) -> None:
    start = time.perf_counter()
    tables = read_corpora(
        [CorpusShare(f"file:{path}")],
        "bg",
        path.parent,
        Tidy(),
        max_pairs=LINES,
        sample="head",
        seed=1,
    )
    rows = write_tables(path.with_suffix(".parquet"), tables)
    figures = {
        "lines": rows,
        "zip_megabytes": round(path.stat().st_size / 1e6),
        "seconds": round(time.perf_counter() - start, 1),
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        read(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            make_zip(Path(folder) / "bg-en.zip")
            # In a new process, because a child's peak memory starts at what its parent holds.
            subprocess.run([sys.executable, __file__, f"{folder}/bg-en.zip"], check=True)
