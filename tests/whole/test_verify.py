"""Damage that DVC does not notice, and the commands that verify prints, run word by word."""

import json
import os
import re
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import yaml
from clones import copied, done, run_step


@pytest.fixture
def project(finished, tmp_path):
    """A finished project, with a checkpoint of a training run that was killed."""
    folder = copied(finished, tmp_path / "project")
    checkpoint = folder / "artifacts" / "checkpoints" / "align" / "l2"
    checkpoint.mkdir(parents=True)
    (checkpoint / "state.pt").write_text("hours of work")
    done(folder, "dvc", "status")  # from now on DVC trusts what it has read here
    return folder


def damage(path: Path, kind: str) -> None:
    """Change a file, or its only copy if it is linked; a flipped byte keeps the time of change."""
    status = path.stat()
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    kept = {"flipped": len(content), "cut": len(content) // 2, "emptied": 0}[kind]
    with path.open("r+b") as file:
        file.write(content[:kept])
        file.truncate()
    path.chmod(0o444)
    if kind == "flipped":
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def cached(project: Path, output: str, file: str = "", cache: str = ".dvc/cache") -> Path:
    """The file of the cache for an output, or for a file in an output that is a folder."""
    lock = yaml.safe_load((project / "dvc.lock").read_text("utf-8"))["stages"]
    outs = [out for stage in lock.values() for out in stage["outs"]]
    outs += yaml.safe_load((project / "data.dvc").read_text("utf-8"))["outs"]
    digest = next(out["md5"] for out in outs if out["path"] == output)
    objects = project / cache / "files" / "md5"
    path = objects / digest[:2] / digest[2:]
    if file:
        listing = {entry["relpath"]: entry["md5"] for entry in json.loads(path.read_text("utf-8"))}
        path = objects / listing[file][:2] / listing[file][2:]
    return path


def contents(project: Path) -> dict[str, bytes]:
    """All files of artifacts and data; usage is of the last run."""
    paths = [path for top in ("artifacts", "data") for path in (project / top).rglob("*")]
    names = {path.relative_to(project).as_posix(): path for path in paths if path.is_file()}
    return {name: path.read_bytes() for name, path in names.items() if "/usage/" not in name}


def restored(project: Path, verified: CompletedProcess[str], warm: dict[str, str]) -> None:
    """Run the remedy; it must leave nothing to do, no damage, and all that was there before."""
    assert verified.returncode == 1, verified.stdout
    (line,) = [line for line in verified.stderr.splitlines() if line.startswith("error: ")]
    for command in re.search(r"`(.+)`", line)[1].split(" && "):
        done(project, *command.split(), **warm)
    assert "up to date" in done(project, "dvc", "status")
    assert not done(project, "git", "status", "--short", "--", ".dvc/seed", "data.dvc", "dvc.lock")
    again = run_step(project, warm, "verify")
    assert "are intact" in again.stdout, again.stdout


def test_the_cache_is_filled_from_intact_copies(project, warm):
    before = contents(project)
    bad = [
        cached(project, "artifacts/align/l2", "model.safetensors"),
        cached(project, "artifacts/align/l2"),
        cached(project, "artifacts/nli/counts.json"),
        cached(project, "data", "gold/de.txt"),
        next((project / ".dvc" / "cache" / "runs").glob("??/*/*")),
        cached(project, "data", "gold/de.txt", cache=".dvc/seed").relative_to(project),
    ]
    for path in bad:
        damage(project / path, "flipped")
    verified = run_step(project, warm, "verify")
    for path in bad:
        assert f"{path}: damaged, deleted\n" in verified.stdout
    assert f"{len(bad)} of " in verified.stderr
    assert "and 0 of " in verified.stderr
    assert contents(project) == before
    restored(project, verified, warm)
    assert contents(project) == before


def test_outputs_that_are_damaged_themselves(project, warm):
    before = contents(project)
    for name in ("artifacts/align/l2/training.csv", "data/gold/de.txt"):
        damage(project / name, "flipped")
    assert "up to date" in done(project, "dvc", "status")  # which is why there is verify
    verified = run_step(project, warm, "verify")
    assert verified.stdout == (
        "data: has damaged files, deleted\nartifacts/align/l2: has damaged files, deleted\n"
    )
    restored(project, verified, warm)
    assert contents(project) == before


@pytest.mark.parametrize(("links", "kind"), [("symlink", "flipped"), ("hardlink", "cut")])
def test_links_to_damaged_files(links, kind, project, tmp_path, warm):
    if links == "symlink":
        done(project, "dvc", "remote", "add", "--default", "team", str(tmp_path / "remote"))
        done(project, "dvc", "push", "--quiet", "--run-cache")
    done(project, "dvc", "config", "cache.type", links)
    done(project, "dvc", "checkout", "--quiet", "--relink")
    before = contents(project)
    bad = [
        cached(project, "artifacts/word_align/de.txt"),
        cached(project, "artifacts/pairs/de", "test.parquet"),
        cached(project, "data", "gold/de.txt"),
    ]
    for path in bad:
        damage(path, kind)
    verified = run_step(project, warm, "verify")
    for path in bad:
        assert f"{path}: damaged, deleted\n" in verified.stdout
    assert ("data: changed, and has" in verified.stdout) == (kind == "cut")
    restored(project, verified, warm)
    assert contents(project) == before


def test_changes_of_your_own_are_no_damage(project, warm):
    gold = project / "data" / "gold" / "de.txt"
    changed = gold.read_bytes() + b"ein ||| one ||| 0-0\n"
    gold.write_bytes(changed)
    assert "are intact" in run_step(project, warm, "verify").stdout
    assert gold.read_bytes() == changed


def test_the_only_copy_of_an_input_is_not_deleted(project, warm):
    """Its file in the cache is damaged too, and there is no remote."""
    (project / "own" / "more.tsv").write_text("ja\tyes\n")
    done(project, "dvc", "add", "own/more.tsv")
    (recorded,) = yaml.safe_load((project / "own" / "more.tsv.dvc").read_text("utf-8"))["outs"]
    digest = recorded["md5"]
    done(project, "dvc", "status")
    damage(project / ".dvc" / "cache" / "files" / "md5" / digest[:2] / digest[2:], "flipped")
    damage(project / "own" / "more.tsv", "flipped")
    result = run_step(project, warm, "verify")
    assert result.returncode == 1
    assert "own/more.tsv: has damaged files, and no copy elsewhere: restore" in result.stdout
    assert "dvc pull" not in result.stderr
    assert (project / "own" / "more.tsv").is_file()
