"""The hub's files over a real server on loopback: what is fetched, and how a refusal reads."""

import io
import re
import sys
from pathlib import Path

import pytest
from clones import ROOT, run
from forward_proxy import closed_port
from hub import Hub, serve
from hub_files import FILES, failure, fetch, fetched, new_home, write_files
from huggingface_hub import constants

from pipeline.common import progress

GATED = {"X-Error-Code": "GatedRepo"}  # for the list of files too
TELLING = {"X-Error-Message": f"{Hub.token} at http://a:hunter2@b/c?d=hunter2"}


@pytest.fixture
def folder(tmp_path):
    return write_files(tmp_path / "model")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    return new_home(tmp_path / "home", monkeypatch)


def test_the_files_of_an_encoder_are_fetched_and_no_others(folder, monkeypatch, capfd):
    others = ("pytorch_model.bin", "model.fp16.safetensors", "README.md", "modeling_own.py")
    others += ("onnx/model.json", "onnx/model.safetensors", "1_Pooling/config.json")
    for name in others:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"not needed")
    with serve(Hub, folder=folder) as store, serve(Hub, folder=folder, store=store.url) as hub:
        snapshot = fetch(monkeypatch, hub.url)
        assert fetched(snapshot) == FILES
        asked = len(hub.handler.requests)
        assert fetch(monkeypatch, hub.url) == snapshot
        assert len(hub.handler.requests) == asked  # a commit never changes
    assert capfd.readouterr() == ("", "")


def test_weights_other_than_their_checksum_are_fetched_again(folder, monkeypatch):
    with serve(Hub, folder=folder) as store, serve(Hub, folder=folder, store=store.url) as hub:
        whole = fetched(fetch(monkeypatch, hub.url))
        weights = (fetch(monkeypatch, hub.url) / "model.safetensors").resolve()
        content = bytearray(weights.read_bytes())
        content[1000] ^= 1
        weights.write_bytes(content)
        assert fetched(fetch(monkeypatch, hub.url)) == whole


def test_shards_are_fetched_with_their_index(folder, monkeypatch):
    (folder / "model.safetensors").unlink()
    shards = {f"model-0000{number}-of-00002.safetensors": b"x" * number for number in (1, 2)}
    index = b'{"weight_map": {"a": "%s", "b": "%s"}}' % tuple(name.encode() for name in shards)
    for name, content in {**shards, "model.safetensors.index.json": index}.items():
        (folder / name).write_bytes(content)
    with serve(Hub, folder=folder) as hub:
        assert shards.items() <= fetched(fetch(monkeypatch, hub.url)).items()


def test_files_in_xet_come_over_http(folder, monkeypatch):
    options = {"folder": folder, "xet": True}
    with serve(Hub, folder=folder) as store, serve(Hub, store=store.url, **options) as hub:
        assert fetched(fetch(monkeypatch, hub.url)) == FILES


def test_a_renamed_repository_works_and_its_new_name_is_reported(folder, monkeypatch, capfd):
    with serve(Hub, folder=folder, old_name="tiny") as hub:
        assert fetched(fetch(monkeypatch, hub.url, "tiny")) == FILES
    note = "encoder 'tiny' at 01234567: is called 'team/tiny' now: write that name\n"
    assert capfd.readouterr().err == note


def test_a_token_opens_a_gated_repository(folder, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", Hub.token)
    options = {"folder": folder, "gated": True, "private": True}
    with serve(Hub, folder=folder) as store, serve(Hub, store=store.url, **options) as hub:
        assert fetched(fetch(monkeypatch, hub.url)) == FILES
        assert store.handler.authorized == {""}  # another origin does not get it


@pytest.mark.parametrize(
    ("attributes", "token", "expected"),
    [
        ({"gated": True}, "", r"\(gated\): log in \(HF_TOKEN or `hf auth login`\) and accept its"),
        ({"gated": True}, "hf_other", r"\(gated, and the account of your token has no access\): a"),
        ({"fault": "403", "reply_headers": GATED}, "", r"\(gated\): log in .* accept its licence"),
        ({"private": True}, "", r"\(not found, or private, HTTP 401\): .* private, log in \("),
        ({"private": True}, "hf_other", r"\(the hub does not accept your token, HTTP 401\): renew"),
        ({"name": "team/other"}, "", r"\(not found, or private, HTTP 401\): check the name; if"),
        ({"name": "team/other"}, Hub.token, r"\(.*, HTTP 404\): .* use a token that may read it"),
        ({"fault": "403"}, "", r"\(HTTP 403\): see http://127\.0\.0\.1:\d+/team/tiny$"),
        ({"fault": "403", "reply_headers": TELLING}, Hub.token, r"\(HTTP 403, … at http://b/c\)"),
        ({"fault": "451"}, "", r"\(HTTP 451\): try again later, or check HF_ENDPOINT"),
        ({"fault": "503"}, "", r"\(HTTP 503 from http://127\.0\.0\.1:\d+\): try again later"),
        (
            {"fault": "429", "reply_headers": {"Retry-After": "3600"}},
            "",
            r"\(HTTP 429 from \S+, which asks to wait 3600 s\): try again later",
        ),
        ({"fault": "list", "where": "tree"}, "", r"\(http://\S+ answers, but not as a hub\): che"),
        ({"fault": "page", "where": "tree"}, "", r"\(http://\S+ answers, but not as a hub\): che"),
        ({"fault": "page", "where": "resolve"}, "", r"\(\S+ answers, but not as a hub\): check H"),
    ],
)
def test_the_hubs_reason_is_kept(attributes, token, expected, folder, monkeypatch):
    if token:
        monkeypatch.setenv("HF_TOKEN", token)
    with serve(Hub, folder=folder, **attributes) as hub:
        text = failure(monkeypatch, hub.url)
    assert re.match(expected, text), text


def test_a_commit_that_does_not_exist(folder, monkeypatch):
    with serve(Hub, folder=folder) as hub:
        text = failure(monkeypatch, hub.url, commit="f" * 40)
    page = f"{hub.url}/team/tiny/commits/main"
    assert text == f"(no such commit): check it, or copy one from {page}"


@pytest.mark.parametrize("name", ["a/b/c", "two words", "--"])
def test_a_name_that_cannot_be(name, monkeypatch):
    assert failure(monkeypatch, closed_port(), name).startswith("(that cannot be a name on the hub")


@pytest.mark.parametrize("place", ["/dev/null/home", "/proc/home"])
def test_a_cache_that_cannot_be_made(place, folder, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_CACHE", f"{place}/hub")
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", f"{place}/token")
    with serve(Hub, folder=folder) as hub:
        text = failure(monkeypatch, hub.url)
    assert re.match(rf"\({place}\S*, no.* directory\): check HF_HOME, which must be a fol", text), (
        text
    )


def test_a_full_disk(folder, monkeypatch):
    plain_open = Path.open

    def to_full_disk(path, mode="r", **options):
        place = Path("/dev/full") if path.suffix == ".incomplete" else path
        return plain_open(place, mode, **options)

    monkeypatch.setattr(Path, "open", to_full_disk)
    with serve(Hub, folder=folder) as hub:
        text = failure(monkeypatch, hub.url)
    assert text.startswith(f"(no space left on device in {constants.HF_HUB_CACHE}): free some")


def test_a_disk_that_is_too_small(folder, monkeypatch):
    with serve(Hub, folder=folder) as store:
        with serve(Hub, folder=folder, store=store.url, size=10**16) as hub:
            text = failure(monkeypatch, hub.url)
        assert not any("/store/" in path for _, path in store.handler.requests)
    assert text.startswith(f"(no space left on device in {constants.HF_HUB_CACHE}): free some")


def test_an_error_without_text_is_named_by_its_class(monkeypatch):
    def fails(*_, **__):
        raise RuntimeError

    monkeypatch.setattr("pipeline.obtain.hub.snapshot_download", fails)
    assert failure(monkeypatch, closed_port()).startswith("(RuntimeError): check the network, ")


def test_a_token_that_no_request_can_carry_is_not_shown(folder, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "pässword")
    with serve(Hub, folder=folder) as hub:
        text = failure(monkeypatch, hub.url)
    assert text.startswith("(the request has a header that is not valid): check HF_TOKEN, ")


def test_progress_is_a_line_now_and_then(folder, monkeypatch, capfd):
    monkeypatch.setattr(progress, "SECONDS", 0.0)
    with serve(Hub, folder=folder) as hub:
        fetch(monkeypatch, hub.url)
    *lines, last = capfd.readouterr().err.splitlines()
    pattern = r"encoder 'team/tiny' at 01234567: \d\.\d of \d\.\d MB, \d+\.\d MB/s, \d\d:\d\d left"
    assert lines
    assert all(re.fullmatch(pattern, line) for line in lines)
    assert last == "encoder 'team/tiny' at 01234567: 0.1 MB"


def test_progress_is_a_bar_on_a_terminal(folder, monkeypatch):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", terminal)
    with serve(Hub, folder=folder) as hub:
        fetch(monkeypatch, hub.url)
    assert "encoder 'team/tiny' at 01234567: " in terminal.getvalue()
    assert "Fetching" not in terminal.getvalue()


def test_the_variables_of_the_hub_work(folder, home):
    code = f"""
import sys
from pipeline.fetch.hub import client
from pipeline.obtain.hub import PipelineError, hub_snapshot
client.TRIES = 1
try:
    print(hub_snapshot("team/tiny", "{Hub.commit}"))
except PipelineError as error:
    sys.exit(str(error))
"""

    def in_a_process(**environment):
        names = {"HF_ENDPOINT": hub.url, "HF_HOME": str(home), "HF_TOKEN": Hub.token}
        names |= {"HF_HUB_ETAG_TIMEOUT": "1", "HF_HUB_DOWNLOAD_TIMEOUT": "1", "HF_HUB_OFFLINE": "0"}
        return run(ROOT, sys.executable, "-c", code, **{**names, **environment})

    with serve(Hub, folder=folder, gated=True, private=True) as hub:
        assert "(HF_HUB_OFFLINE is set, and" in in_a_process(HF_HUB_OFFLINE="1").stderr
        hub.handler.fault = "silent"
        stalled = in_a_process().stderr
        assert "(no data in time from" in stalled
        assert len(stalled.splitlines()) == 1
        hub.handler.fault = ""
        result = in_a_process()
        assert (result.returncode, result.stderr) == (0, "")
        assert fetched(Path(result.stdout.strip())) == FILES
        assert home in Path(result.stdout.strip()).parents
        assert in_a_process(HF_HUB_OFFLINE="1").stdout == result.stdout


def test_a_time_limit_that_is_no_number_is_one_line():
    command = (sys.executable, "-m", "stages", "encoder")
    result = run(ROOT, *command, HF_HUB_DOWNLOAD_TIMEOUT="30s")
    expected = "error: HF_HUB_DOWNLOAD_TIMEOUT=30s: is not a whole number of seconds: correct it\n"
    assert (result.returncode, result.stderr) == (1, expected)
