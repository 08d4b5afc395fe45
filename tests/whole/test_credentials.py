"""What is committed gives no one access to anything."""

import base64
import configparser
import hashlib
import shutil

import pytest
from clones import ROOT, run

# Made here, or the check would find them in this file.
KEY = "AKIA" + base64.b32encode(b"made up 10").decode()
SECRET = base64.b64encode(hashlib.sha256(b"made up").digest()).decode()[:40]
PLANTED = {
    f"    access_key_id = {KEY}": "AWS Access Key",
    f"    secret_access_key = {SECRET}": "Secret Keyword",
    "    password = " + "correcthorse": "Secret Keyword",
    "    url = https://ann:" + "correcthorse@host/": "Basic Auth Credentials",
    "    endpointurl = https://host/": "",
    "    md5: 24a8451e8ebd42efbc53e1a98828874a": "",
}


@pytest.mark.parametrize("planted", [True, False])
def test_a_committed_credential_fails_the_check(tmp_path, planted):
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".dvc").mkdir()
    lines = [line for line, kind in PLANTED.items() if planted or not kind]
    (tmp_path / ".dvc" / "config").write_text("\n".join(["['remote \"team\"']", *lines]))
    for command in (("git", "init", "--quiet"), ("git", "add", ".")):
        assert run(tmp_path, *command).returncode == 0
    checked = run(tmp_path, "make", "credentials")
    assert (checked.returncode == 0) == (not planted), checked.stdout + checked.stderr
    for number, kind in enumerate(PLANTED.values(), start=2):
        told = f"Secret Type: {kind}\nLocation:    .dvc/config:{number}\n" in checked.stdout
        assert told == bool(planted and kind)
    assert KEY not in checked.stdout
    assert SECRET not in checked.stdout


def test_dvc_ships_with_the_seed_remote_only():
    config = configparser.ConfigParser()
    config.read_string((ROOT / ".dvc" / "config").read_text().replace("    ", ""))
    assert config.sections() == ["core", "'remote \"seed\"'"]
    assert "remote" not in config["core"]
    assert dict(config["'remote \"seed\"'"]) == {"url": "seed"}
