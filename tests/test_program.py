"""Executables that speak fast_align's command line, well and badly."""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import ROOT, read_text

from pipeline.errors import PipelineError
from pipeline.program import run_program
from pipeline.word_align import fast_align, from_pharaoh

# The wheel's fast_align behind the command line of the program: with -r it conditions on English,
# and prints source-english all the same.
FAST_ALIGN = f"""#!{sys.executable}
import argparse, os, sys
sys.path.insert(0, {str(ROOT)!r})
from pipeline.word_align import fast_align, to_pharaoh

parser = argparse.ArgumentParser()
parser.add_argument("-i", required=True)
parser.add_argument("-I", type=int, default=5)
for flag in ("-d", "-o", "-v", "-r"):
    parser.add_argument(flag, action="store_true")
options = parser.parse_args()
assert options.d and options.o and options.v
assert os.environ["OMP_NUM_THREADS"] == "1"
with open(options.i, encoding="utf-8", newline="\\n") as file:
    pairs = [line.removesuffix("\\n").split(" ||| ") for line in file]
source, english = zip(*pairs)
print("  log_e likelihood: -12.5", file=sys.stderr)
if options.r:
    for links in fast_align(english, source, options.I):
        print(to_pharaoh([(i, j) for j, i in links]))
else:
    for links in fast_align(source, english, options.I):
        print(to_pharaoh(links))
"""


def program(folder: Path, content: str) -> Path:
    """A file as DVC checks it out: read only, and not executable."""
    path = folder / "fast_align"
    path.write_text(content)
    path.chmod(0o444)
    return path


@pytest.mark.parametrize("language", ["de", "fr"])
@pytest.mark.parametrize("iterations", [1, 5])
def test_gives_what_the_library_gives_in_both_directions(language, iterations, tmp_path):
    bitext = read_text(language)
    source, english = list(bitext.source), list(bitext.english)
    aligner = program(tmp_path, FAST_ALIGN)
    with ThreadPoolExecutor(2) as threads:
        forward, reverse = threads.map(
            lambda reverse: run_program(aligner, source, english, iterations, reverse),
            (False, True),
        )
    # In a process of its own, because thot must not live in one that may fork.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        expected = pool.submit(fast_align, source, english, iterations).result()
        mirrored = pool.submit(fast_align, english, source, iterations).result()
    assert [from_pharaoh(line) for line in forward] == expected
    swapped = [{(i, j) for j, i in links} for links in mirrored]
    assert [set(from_pharaoh(line)) for line in reverse] == swapped
    assert forward != reverse


def test_words_are_what_python_splits(tmp_path):
    wide = "a\u3000b\u00a0c\u0085d"  # spaces to Python, letters to the program
    count = program(
        tmp_path,
        '#!/bin/sh\nwhile read -r line; do set -- $line; echo "0-0 $#-$#"; done < "$2"\n',
    )
    assert run_program(count, [wide], ["e  f "], 1, reverse=False) == ["0-0 7-7"]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (
            "echo Usage >&2; echo no such option >&2; exit 1",
            "exited with 1 (Usage; no such option)",
        ),
        ("exit 127", "exited with 127 (): it was built for another machine: run `dvc repro"),
        ("echo 'libc.so.6: version `GLIBC_2.99 not found' >&2; exit 1", "for another machine"),
        ("kill -KILL $$", "died of SIGKILL (out of memory?): lower download.max_pairs"),
        ("kill -ILL $$", "died of SIGILL: it was built for another machine"),
        ("echo; echo; echo '  log_e likelihood: -nan' >&2", "its likelihood is no number"),
        ("echo; echo; echo '     cross entropy: nan' >&2", "its likelihood is no number"),
        ("echo 0-0", "1 whole lines for 2 sentence pairs"),
        ("echo 0-0; echo; echo", "3 whole lines for 2 sentence pairs"),
        ("echo 0-0; echo 1-1; printf 2-2", "2 whole lines for 2 sentence pairs"),
        ("echo 0-0; echo '0-0 1-'", "line 2 is '0-0 1-', not links as 0-0 1-2"),
        ("echo; echo '0-0 '", "line 2 is '0-0', not links"),
        ("echo; printf '\\377\\n'", "line 2 is"),
    ],
)
def test_a_program_that_fails_is_told_in_one_line(script, message, tmp_path, capfd):
    aligner = program(tmp_path, f"#!/bin/sh\n{script}\n")
    with pytest.raises(PipelineError) as error:
        run_program(aligner, ["a", "b"], ["c", "d"], 5, reverse=True)
    assert str(error.value).startswith(f"word_align: {aligner}: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("content", ["\x7fELF of another machine", "#!/absent/loader\n", ""])
def test_a_program_of_another_machine_is_told(content, tmp_path):
    aligner = program(tmp_path, content)
    with pytest.raises(PipelineError, match=r"cannot start \(.*built for another machine: run"):
        run_program(aligner, ["a"], ["b"], 5, reverse=False)


def test_an_absent_program_is_told(tmp_path):
    with pytest.raises(PipelineError, match=r"absent is missing: set word_align.provider: source"):
        run_program(tmp_path / "absent", ["a"], ["b"], 5, reverse=False)
