"""Files of users in other clones: a teammate's, and those of experiments."""

from pathlib import Path

import pytest
from clones import commit, copied, done, ran, run


@pytest.fixture
def clone(finished, tmp_path):
    return copied(finished, tmp_path / "clone")


def more(path: Path) -> None:
    """One more sentence pair, also where DVC has made the file read-only."""
    text = path.read_text("utf-8")
    path.unlink()
    path.write_text(text + "Hier steht noch ein Satz.\tHere is one more sentence.\n", "utf-8")


def track(folder: Path, name: str) -> None:
    """Take a file out of git and into DVC, as a file that was never in git would be."""
    done(folder, "git", "rm", "--quiet", "--cached", name)
    done(folder, "dvc", "add", "--quiet", name)


def test_a_file_in_dvc_goes_to_a_teammate_with_what_was_made_of_it(clone, tmp_path, warm):
    track(clone, "own/fr.tsv")
    more(clone / "own" / "fr.tsv")
    assert "modified" in done(clone, "dvc", "status")
    chain = [f"{step}@fr" for step in ("download", "tokenize", "word_align", "pairs")]
    assert ran(done(clone, "dvc", "repro", "pairs@fr", "pairs@de", **warm)) == ["own", *chain]
    done(clone, "dvc", "remote", "add", "--default", "team", str(tmp_path / "remote"))
    commit(clone)
    done(clone, "dvc", "push")
    other = tmp_path / "other"
    done(tmp_path, "git", "clone", "--quiet", str(clone), str(other))
    assert ran(done(other, "dvc", "repro", "--pull", "pairs@fr", "pairs@de")) == []
    assert (other / "own" / "fr.tsv").read_bytes() == (clone / "own" / "fr.tsv").read_bytes()
    assert done(other, "git", "status", "--short") == ""
    assert "own:" not in done(other, "dvc", "status", "own", "own/fr.tsv.dvc")
    third = tmp_path / "third"
    done(tmp_path, "git", "clone", "--quiet", str(clone), str(third))
    done(third, "dvc", "pull", "--recursive", "own")
    checked = done(third, "dvc", "repro", "--allow-missing", "--dry", "pairs@fr", "pairs@de")
    assert "up to date" in checked


def test_an_experiment_elsewhere_has_what_git_or_dvc_has(clone, warm):
    track(clone, "own/fr.tsv")
    done(clone, "dvc", "repro", "own", **warm)
    commit(clone)
    (clone / "own" / "new.tsv").write_text((clone / "own" / "de.tsv").read_text())
    more(clone / "own" / "new.tsv")
    command = ("dvc", "exp", "run", "--temp", "pairs@de", "-S", "pairs.dev=5")
    assert ran(done(clone, *command, **warm)) == ["pairs@de"]
    more(clone / "own" / "fr.tsv")
    result = run(clone, *command, "-S", "languages.de.corpus=file:own/new.tsv", **warm)
    assert result.returncode != 0
    assert "own/new.tsv is missing: put it there; `dvc exp run --temp` and " in result.stderr
    done(clone, "dvc", "add", "own/new.tsv")
    done(clone, "git", "add", "own")
    result = done(clone, *command, "-S", "languages.de.corpus=file:own/new.tsv", **warm)
    chain = ["download@de", "tokenize@de", "word_align@de", "pairs@de"]
    assert ran(result) == ["own", *chain]
