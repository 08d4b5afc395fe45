"""Files at addresses that change, are damaged or cannot be reached, from real servers."""

import re

import pytest
import requests
import yaml
from fault_server import Served, isolate, serve
from s3_store import s3_store
from web_copies import NEW, OLD, cached, fails, get, sha256

from pipeline.common.errors import DamagedError, PipelineError
from pipeline.fetch.addresses import parse_address
from pipeline.fetch.checksums import Checksums
from pipeline.fetch.local_copy import Copies, local_file


@pytest.fixture(autouse=True)
def _isolated(monkeypatch):
    isolate(monkeypatch)


# What the server says of the old file and the new one: ETag, and whether it gives a length.
@pytest.mark.parametrize(
    ("before", "after", "data", "expected"),
    [
        (('"1"', False), ('"1"', False), OLD, OLD),
        (('W/"1"', False), ('"1"', False), OLD, OLD),
        (('"1"', False), ('"2"', False), NEW, NEW),
        (('"1"', False), ('"2"', False), OLD, OLD),
        (('"1"', True), ('"1"', True), OLD, OLD),
        (('"1"', True), ('"2"', True), NEW, NEW),
        (("", False), ("", False), NEW, NEW),
        (("", True), ("", True), NEW, NEW),
        (('"1"', False), ("", False), NEW, NEW),
    ],
)
def test_a_file_is_fetched_anew_if_the_server_says_so(before, after, data, expected, tmp_path):
    with serve(Served(OLD)) as server:
        (server.served.etag, server.served.chunked), served = before, server.served
        served.ranges = not served.chunked
        assert get(server, tmp_path) == OLD
        (tmp_path / "checksums.yaml").unlink()
        served.data, (served.etag, served.chunked) = data, after
        asked = len(served.requests)
        assert get(server, tmp_path) == expected
        again = len(served.requests) - asked
    unchanged = (before[0].removeprefix("W/"), before[1]) == after and before[0] != ""
    assert (again == 1) == unchanged
    assert cached(tmp_path) == [".a.tsv.json", "a.tsv"]


def test_a_file_of_the_same_length_without_etag_counts_as_unchanged(tmp_path):
    with serve(Served(OLD, etag="")) as server:
        get(server, tmp_path)
        get(server, tmp_path)
        assert len(server.served.requests) == 3


def test_one_run_of_a_step_asks_once(tmp_path):
    copies = Copies(tmp_path / "cache")
    with serve(Served(OLD)) as server:
        for _ in range(3):
            with copies.local(parse_address(f"{server.url}/a.tsv", "corpus", ())) as path:
                assert path.read_bytes() == OLD
        assert len(server.served.requests) == 2


def test_a_checksum_in_params_is_compared_with_a_file_that_was_read_without_one(tmp_path):
    with serve(Served(b"ja\tyes\n")) as server:
        copies = Copies(tmp_path / "cache")
        with copies.local(parse_address(f"{server.url}/a.tsv", "corpus", ())):
            pass
        pinned = parse_address(f"{server.url}/a.tsv#sha256={'0' * 64}", "corpus", ())
        with pytest.raises(PipelineError, match="but 0000"), copies.local(pinned):
            pass


@pytest.mark.parametrize("status", ["304", "403", "405", "503"])
def test_a_store_that_refuses_leaves_the_copy_in_use(status, tmp_path, capsys):
    served = Served(OLD, probed=True)
    with serve(served) as server:
        address = parse_address(f"s3://bucket/a.tsv#endpoint={server.url}", "corpus", ())
        for fault in (None, status):
            served.fault = lambda *_, fault=fault: fault
            capsys.readouterr()
            with local_file(address, tmp_path / "cache") as path:
                assert path.read_bytes() == OLD
    note = f"s3://bucket/a.tsv#endpoint={server.url}: "
    assert capsys.readouterr().err.startswith(note)


@pytest.mark.parametrize("status", ["304", "403", "404", "405", "410", "500", "503"])
def test_a_server_that_refuses_leaves_the_copy_in_use_and_is_reported(status, tmp_path, capsys):
    served = Served(OLD, probed=True)
    with serve(served) as server:
        get(server, tmp_path)
        served.fault = lambda *_: status
        capsys.readouterr()
        assert get(server, tmp_path) == OLD
        assert re.fullmatch(
            rf"{server.url}/a.tsv: HTTP {status}.*; the copy that was fetched before is used\n",
            capsys.readouterr().err,
        )
        assert f"HTTP {status}" in fails(server, tmp_path, "b.tsv")
    assert cached(tmp_path) == [".a.tsv.json", "a.tsv"]


def test_offline_the_copy_is_used_unless_it_is_damaged(tmp_path, capsys):
    with serve(Served(OLD)) as server:
        get(server, tmp_path)
    capsys.readouterr()
    assert get(server, tmp_path) == OLD
    assert "the copy that was fetched before is used" in capsys.readouterr().err
    next((tmp_path / "cache").rglob("a.tsv")).write_bytes(b"Hunt\tdog\n")
    assert "the connection failed" in fails(server, tmp_path)
    assert "the connection failed" in fails(server, tmp_path, "b.tsv")


def test_a_copy_that_changed_on_the_disk_or_has_no_record_is_fetched_again(tmp_path):
    with serve(Served(OLD)) as server:
        get(server, tmp_path)
        (copy,) = (tmp_path / "cache").rglob("a.tsv")
        copy.write_bytes(b"Hunt\tdog\n")
        assert get(server, tmp_path) == OLD
        for text in ("", "{", "[]", "{}", '{"version": 1}'):
            copy.with_name(".a.tsv.json").write_text(text)
            server.served.requests.clear()
            assert get(server, tmp_path) == OLD
            assert len(server.served.requests) > 1


def test_a_copy_that_a_reader_finds_damaged_is_fetched_again_but_not_for_other_errors(tmp_path):
    with serve(Served(OLD)) as server:
        address = parse_address(f"{server.url}/a.tsv", "corpus", ())
        for error, left in ((PipelineError("no column"), 2), (DamagedError("not whole"), 0)):
            reading = local_file(address, tmp_path / "cache", tmp_path / "checksums.yaml")
            with pytest.raises(PipelineError) as raised, reading:
                raise error
            assert len(cached(tmp_path)) == left
            assert not (tmp_path / "checksums.yaml").exists()
        assert str(raised.value).startswith(f"{server.url}/a.tsv: not whole; the copy is deleted")
        get(server, tmp_path)
        with (
            pytest.raises(PipelineError),
            local_file(address, tmp_path / "cache", tmp_path / "checksums.yaml"),
        ):
            raise DamagedError("published like that")
        assert len(cached(tmp_path)) == 2  # its checksum is listed: it came through whole


def test_a_reader_that_stops_early_lists_the_checksum_too(tmp_path):
    def lines(address):
        with local_file(address, tmp_path / "cache", tmp_path / "checksums.yaml") as path:
            yield from path.read_bytes().splitlines()

    with serve(Served(OLD + NEW)) as server:
        reader = lines(parse_address(f"{server.url}/a.tsv", "corpus", ()))
        next(reader)
        reader.close()
        assert Checksums(tmp_path / "checksums.yaml").get(f"{server.url}/a.tsv") == sha256(
            OLD + NEW
        )


def test_a_file_other_than_listed_stops_with_both_hashes_and_the_line_that_accepts_it(tmp_path):
    listed = tmp_path / "checksums.yaml"
    with serve(Served(OLD)) as server:
        get(server, tmp_path)
        line = f"{server.url}/a.tsv: {sha256(OLD)}"
        assert listed.read_text() == f"{line}\n"
        server.served.data, server.served.etag = NEW, '"2"'
        for cache in ("cache", "other"):  # an old copy, and none
            address = parse_address(f"{server.url}/a.tsv", "corpus", ())
            with (
                pytest.raises(PipelineError) as error,
                local_file(address, tmp_path / cache, listed),
            ):
                pass
            message = str(error.value)
            assert "\n" not in message
            assert sha256(OLD) in message
            accepted = f"{server.url}/a.tsv: {sha256(NEW)}"
            assert message.endswith(f"writing this line there instead: {accepted}")
        listed.write_text(f"{accepted}\n")
        assert get(server, tmp_path) == NEW
    assert get(server, tmp_path) == NEW  # offline
    listed.write_text(f"{line}\n")  # as after a git checkout: the copy is not that file
    assert "the connection failed" in fails(server, tmp_path)


def test_a_checksum_in_params_wins_over_the_list_and_is_not_listed(tmp_path):
    listed = tmp_path / "checksums.yaml"
    with serve(Served(OLD)) as server:
        listed.write_text(f"{server.url}/a.tsv: {'0' * 64}\n")
        before = listed.read_bytes()
        assert get(server, tmp_path, options=f"#sha256={sha256(OLD).upper()}") == OLD
        asked = len(server.served.requests)
        assert get(server, tmp_path, options=f"#sha256={sha256(OLD)}") == OLD
        assert len(server.served.requests) == asked
        assert listed.read_bytes() == before
        message = fails(server, tmp_path, options=f"#sha256={'1' * 64}")
        assert sha256(OLD) in message
        assert "1" * 64 in message
        assert "0" * 64 in fails(server, tmp_path)


def test_addresses_of_a_store_are_listed_with_it_and_without_credentials(tmp_path, monkeypatch):
    listed = tmp_path / "checksums.yaml"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrEXAMPLE")
    with s3_store("team") as endpoint:
        for data in (OLD, NEW):
            acl = {"x-amz-acl": "public-read-write"}
            requests.put(f"{endpoint}/team/a.tsv", data, headers=acl, timeout=30).raise_for_status()
            address = parse_address(f"s3://team/a.tsv#endpoint={endpoint}", "corpus", ())
            with local_file(address, tmp_path / "cache", listed) as path:
                assert path.read_bytes() == data
            expected = {f"s3://team/a.tsv#endpoint={endpoint}": sha256(data)}
            assert yaml.safe_load(listed.read_text()) == expected
            listed.unlink()
    left = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert not any("EXAMPLE" in text for text in left)
