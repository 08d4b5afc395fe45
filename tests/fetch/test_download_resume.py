"""Downloads that are resumed, locked or large."""

import hashlib
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fault_server import ROOT, Served, content, isolate, serve
from hypothesis import given
from hypothesis import strategies as st

from pipeline.common.errors import PipelineError
from pipeline.fetch.download import download
from pipeline.fetch.transfer.partial import Partial, missing

# VmHWM is the peak of this process; getrusage would report that of its parent if it is larger.
SCRIPT = """
import re, sys
from pathlib import Path
from pipeline.fetch.download import download
download(sys.argv[1], Path(sys.argv[2]), endpoint=sys.argv[3] or None)
print(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


@pytest.fixture(autouse=True)
def _isolated(monkeypatch):
    isolate(monkeypatch)


def start(url: str, target: Path, endpoint: str) -> subprocess.Popen[str]:
    """Start a download in a separate process, which prints its peak memory in KiB."""
    command = [sys.executable, "-c", SCRIPT, url, str(target), endpoint]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def address(server, protocol: str) -> tuple[str, str]:
    """URL and endpoint of the server's object."""
    if protocol == "s3":
        return "s3://bucket/key", server.url
    return f"{server.url}/key", ""


def digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


both = pytest.mark.parametrize("protocol", ["http", "s3"])


@pytest.fixture(scope="module")
def large():
    return random.Random(0).randbytes(200_000_000)


@both
def test_continues_after_a_kill(protocol, large, tmp_path):
    with serve(Served(large, rate=4e6)) as server:
        url, endpoint = address(server, protocol)
        process = start(url, tmp_path / "got", endpoint)
        while server.served.sent < 0.6 * len(large):
            assert process.poll() is None
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not (tmp_path / "got").exists()
        server.served.rate, server.served.sent = 0, 0
        download(url, tmp_path / "got", endpoint=endpoint or None)
        share = server.served.sent / len(large)
        assert 0.3 < share <= 0.45
    assert digest(tmp_path / "got") == hashlib.sha256(large).digest()
    assert [path.name for path in tmp_path.iterdir()] == ["got"]


@both
def test_memory_is_bounded(protocol, large, tmp_path):
    with serve(Served(large)) as server:
        url, endpoint = address(server, protocol)
        output, _ = start(url, tmp_path / "got", endpoint).communicate()
    assert int(output) * 1024 < 200e6  # less than the object itself
    assert digest(tmp_path / "got") == hashlib.sha256(large).digest()


def test_starts_over_if_the_object_has_changed(tmp_path):
    old, new = content(9_000_000), content(9_000_000, seed=1)
    with serve(Served(old, fault=lambda *_: "truncate")) as server:
        with pytest.raises(PipelineError):
            download(f"{server.url}/key", tmp_path / "got")
        assert (tmp_path / ".got.part").exists()
        server.served.data, server.served.etag = new, '"two"'
        server.served.fault = lambda *_: None
        assert download(f"{server.url}/key", tmp_path / "got").read_bytes() == new


def test_keeps_nothing_without_a_version(tmp_path):
    """Without an ETag or date, a later run could not detect a change."""
    served = Served(content(9_000_000), etag="", fault=lambda *_: "truncate")
    with serve(served) as server, pytest.raises(PipelineError):
        download(f"{server.url}/key", tmp_path / "got")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["torn", "garbage", "beyond", "empty"])
def test_recovers_from_a_damaged_journal(damage, tmp_path):
    data = content(9_000_000)
    journal = tmp_path / ".got.part.journal"
    with serve(Served(data, fault=lambda *_: "truncate")) as server:
        with pytest.raises(PipelineError):
            download(f"{server.url}/key", tmp_path / "got")
        text = journal.read_text()
        damaged = {
            "torn": text + "0 90000",
            "garbage": "\x00" * 50,
            "beyond": text + "0 99999999\n",
        }
        journal.write_text(damaged.get(damage, ""))
        server.served.fault = lambda *_: None
        assert download(f"{server.url}/key", tmp_path / "got").read_bytes() == data
    assert [path.name for path in tmp_path.iterdir()] == ["got"]


def test_one_process_at_a_time(tmp_path):
    part = Partial(tmp_path / "got", "http://host/key")
    with pytest.raises(PipelineError, match="another process is downloading it"):
        download("http://127.0.0.1:1/key", tmp_path / "got")
    part.close(keep=False)
    assert list(tmp_path.iterdir()) == []


def test_reports_a_full_disk(tmp_path):
    """Simulate the full disk by a limit on the size of files."""
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
    with serve(Served(content(9_000_000))) as server:
        command = [sys.executable, "-c", limited + SCRIPT, f"{server.url}/key"]
        done = subprocess.run(
            [*command, str(tmp_path / "got"), ""],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert re.search(r"PipelineError: \S+/got: not written \(File too large\): .*\n$", done.stderr)
    assert not (tmp_path / "got").exists()


ranges = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=8)


@given(ranges, st.integers(0, 64), st.integers(1, 20))
def test_missing_is_the_complement_of_done(pieces, length, largest):
    done = [(start, start + size) for start, size in pieces]
    covered = {byte for start, stop in done for byte in range(start, stop)}
    gaps = missing(done, length, largest)
    assert all(0 < stop - start <= largest for start, stop in gaps)
    uncovered = [byte for start, stop in gaps for byte in range(start, stop)]
    assert uncovered == [byte for byte in range(length) if byte not in covered]
