"""Executables with fast_align's command line, working and broken."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import pytest
from aligners import WHEEL
from noexec import run_noexec
from tiny import read_text, write_program

from pipeline.common.errors import PipelineError
from pipeline.word_align.fast_align_program import run_program
from pipeline.word_align.word_align import align_direction, word_align


@pytest.mark.parametrize("language", ["de", "fr"])
@pytest.mark.parametrize("iterations", [1, 5])
def test_equals_the_library_in_both_directions(language, iterations, tmp_path):
    bitext = read_text(language)
    lines = list(bitext.source), list(bitext.english)
    settings = replace(WHEEL, iterations=iterations)
    program = write_program(tmp_path)
    for reverse in (False, True):
        links = run_program(program, *lines, iterations, reverse)
        # In a separate process, because thot must not be loaded in one that may fork.
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            expected = pool.submit(align_direction, *lines, settings, reverse).result()
        assert links.keys.tolist() == expected.keys.tolist()
        assert len(links) > len(lines[0])


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
        ("echo; echo; echo '  log_e likelihood: -nan' >&2", "its likelihood is not finite"),
        ("echo; echo; echo '     cross entropy: nan' >&2", "its likelihood is not finite"),
        ("echo 0-0", "1 whole lines for 2 sentence pairs"),
        ("echo 0-0; echo; echo", "3 whole lines for 2 sentence pairs"),
        ("echo 0-0; echo 1-1; printf 2-2", "2 whole lines for 2 sentence pairs"),
        ("echo 0-0; echo '0-0 1-'", "line 2 is '0-0 1-', not links like '0-0 1-2'"),
        ("echo; echo '0-0 '", "line 2 is '0-0 ', not links"),
        ("echo; printf '\\377\\n'", "line 2 is"),
    ],
)
def test_a_failing_program_is_reported_in_one_line(script, message, tmp_path, capfd):
    aligner = write_program(tmp_path, f"#!/bin/sh\n{script}\n")
    with pytest.raises(PipelineError) as error:
        run_program(aligner, ["a", "b"], ["c", "d"], 5, reverse=True)
    assert str(error.value).startswith(f"word_align: {aligner}: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("content", ["\x7fELF of another machine", "#!/absent/loader\n", ""])
def test_a_program_of_another_machine_is_reported(content, tmp_path):
    aligner = write_program(tmp_path, content)
    with pytest.raises(PipelineError, match=r"cannot start \(.*built for another machine: run"):
        run_program(aligner, ["a"], ["b"], 5, reverse=False)


def test_a_temporary_folder_without_programs_is_named_with_the_remedy(tmp_path):
    aligner = write_program(tmp_path, "#!/bin/sh\necho; echo\n")
    code = (
        "import sys; from pathlib import Path\n"
        "from pipeline.word_align.fast_align_program import run_program\n"
        "run_program(Path(sys.argv[1]), ['a', 'b'], ['c', 'd'], 5, reverse=False)"
    )
    result = run_noexec(tmp_path / "temporary", code, str(aligner))
    assert result.stderr.splitlines()[-1].endswith(
        f"{aligner}: cannot start (Permission denied): set TMPDIR to a folder where programs may "
        "run, on a disk that is not mounted noexec; word_align.provider: wheel needs no program"
    )


def test_a_missing_program_is_reported(tmp_path):
    with pytest.raises(PipelineError, match=r"absent is missing: set word_align.provider: source"):
        run_program(tmp_path / "absent", ["a"], ["b"], 5, reverse=False)


def test_a_killed_worker_is_reported_with_the_param_to_lower(tmp_path):
    aligner = write_program(tmp_path, "#!/bin/sh\nkill -KILL $PPID\n")
    settings = replace(WHEEL, provider="source")
    with pytest.raises(PipelineError, match=r"processes died .*: lower download.max_pairs"):
        word_align(["a"], ["b"], settings, aligner)
