"""The command that aligns the words of a user's own text."""

import re

from clones import ROOT, run, run_step
from tiny import read_text

from pipeline.word_align.encoder_aligner import align_words, open_aligner, scored_links
from pipeline.word_align.links import to_pharaoh


def test_align_words_writes_pharaoh_lines_or_nothing(encoder_folder, tmp_path, warm):
    bitext = read_text("fr").head(4)
    source, english = [*bitext.source, ""], [*bitext.english, "the end"]
    for name, lines in (("fr", source), ("en", english), ("short", english[:2])):
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines), "utf-8")
    command = ["python", "-m", "stages", "align-words", tmp_path / "fr", tmp_path / "en"]
    options = ["--encoder", encoder_folder, "--layer", "1", "--method", "itermax"]
    result = run(ROOT, *map(str, [*command, tmp_path / "out", *options]))
    assert result.returncode == 0, result.stderr
    expected = align_words(
        *([line.split() for line in lines] for lines in (source, english)),
        open_aligner(encoder_folder, "itermax", 1),
    )
    assert (tmp_path / "out").read_text() == "".join(f"{line}\n" for line in to_pharaoh(expected))
    options += ["--method", "softmax", "--unit", "subwords", "--threshold", "0.2", "--scores"]
    result = run_step(ROOT, warm, *map(str, [*command[3:], tmp_path / "scored", *options]))
    assert result.returncode == 0, result.stderr
    expected = scored_links(
        *([line.split() for line in lines] for lines in (source, english)),
        open_aligner(encoder_folder, "softmax", 1, unit="subwords", threshold=0.2),
    ).to_text()
    assert (tmp_path / "scored").read_text() == "".join(f"{line}\n" for line in expected)
    found = " ".join(expected).split()
    assert found
    assert all(re.fullmatch(r"\d+-\d+:[01]\.\d{3}", link) for link in found)
    (tmp_path / "scored").unlink()
    command[-1] = tmp_path / "short"
    result = run_step(ROOT, warm, *map(str, [*command[3:], tmp_path / "none", *options]))
    assert result.returncode == 1
    last = result.stderr.splitlines()[-1]
    assert last.startswith("error: align-words: 5 source lines and 2 English lines")
    wrong = [*command[3:], tmp_path / "none", *options, "--language", "xx"]
    assert "error: language 'xx'" in run_step(ROOT, warm, *map(str, wrong)).stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["en", "fr", "out", "short"]
