"""The file of checksums: comments, odd addresses, and what is malformed."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from fault_server import ROOT

from pipeline.common.errors import PipelineError
from pipeline.fetch.checksums import Checksums

ONE, TWO = "1" * 64, "ab" * 32


@pytest.fixture
def path(tmp_path):
    return tmp_path / "checksums.yaml"


@pytest.mark.parametrize(
    "address",
    [
        "https://host/a.tsv",
        "s3://bucket/a: b #c.tsv",
        "s3://bucket/ключ.tsv#endpoint=https://store:9000",
        "https://host/" + "long/" * 150 + "a.tsv",
        'https://host/it\'s%20"quoted".tsv',
    ],
)
def test_an_address_is_one_line_and_read_again(address, path):
    sums = Checksums(path)
    for digest in (ONE, TWO):  # digits alone are no number
        path.unlink(missing_ok=True)
        sums.add(address, digest)
        sums.add(address, digest)
        assert path.read_text("utf-8").splitlines() == [sums.line(address, digest)]
        assert yaml.safe_load(path.read_text("utf-8")) == {address: digest}
        assert sums.get(address) == digest


def test_comments_at_the_top_stay_and_the_lines_are_sorted(path):
    path.write_text("# Ours.\n# See docs.\n\n")
    sums = Checksums(path)
    assert sums.get("https://b/b.tsv") is None
    sums.add("https://b/b.tsv", ONE)
    sums.add("https://a/a.tsv", TWO)
    lines = ["# Ours.", "# See docs.", "", sums.line("https://a/a.tsv", TWO)]
    assert path.read_text().splitlines() == [*lines, sums.line("https://b/b.tsv", ONE)]


def test_a_reader_writes_nothing(path):
    assert Checksums(path).get("https://host/a.tsv") is None
    assert not path.exists()


def test_an_upper_case_checksum_is_the_same(path):
    path.write_text(f"https://host/a.tsv: {TWO.upper()}\n")
    assert Checksums(path).get("https://host/a.tsv") == TWO


def test_another_checksum_of_the_same_address_is_refused(path):
    sums = Checksums(path)
    sums.add("https://host/a.tsv", ONE)
    with pytest.raises(PipelineError, match=f"sha256 is {TWO}, but .* has {ONE}"):
        sums.add("https://host/a.tsv", TWO)
    assert sums.get("https://host/a.tsv") == ONE


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("https://host/a.tsv\n", "line 1"),
        ("- https://host/a.tsv\n", "line 1"),
        ("https://host/a.tsv: 12\n", "line 1"),
        (f"# a\nhttps://host/a.tsv: {ONE}\nhttps://host/b.tsv:\n", "line 3"),
        (f"https://host/a.tsv: {ONE}\nhttps://host/a.tsv: {TWO}\n", "line 2"),
        (f"<<<<<<< HEAD\nhttps://host/a.tsv: {ONE}\n", "line 2"),
        ("a: [\n", "line 2"),
        ("a: b: c\n", "line 1"),
        (f"{{a: {{b: {ONE}}}}}\n", "line 1"),
        (b"\xff\xfea", "utf-8"),
        (f"a: {ONE}\n---\nb: {ONE}\n", "line"),
    ],
)
def test_a_malformed_file_is_one_line(text, where, path):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    before = path.read_bytes()
    for call in (lambda sums: sums.get("a"), lambda sums: sums.add("https://x/x.tsv", ONE)):
        with pytest.raises(PipelineError) as error:
            call(Checksums(path))
        assert str(error.value).startswith(f"{path}: not lines of ADDRESS: sha256")
        assert where in str(error.value)
        assert "\n" not in str(error.value)
        assert path.read_bytes() == before


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    with pytest.raises(PipelineError, match=r"checksums\.yaml: not written"):
        Checksums(tmp_path / "absent" / "checksums.yaml").add("https://host/a.tsv", ONE)


@contextmanager
def writers(count: int, path: Path):
    """Processes that each add their addresses to one file."""
    code = (
        "import sys; from pathlib import Path; from pipeline.fetch.checksums import Checksums\n"
        "sums = Checksums(Path(sys.argv[1]))\n"
        "for n in range(20): sums.add(f'https://host/{sys.argv[2]}/{n}.tsv', f'{n:064x}')"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(path), str(number)], cwd=ROOT)
        for number in range(count)
    ]
    yield
    assert [process.wait() for process in running] == [0] * count


def test_several_writers_lose_nothing(tmp_path):
    path = tmp_path / "checksums.yaml"
    with writers(4, path):
        pass
    content = yaml.safe_load(path.read_text("utf-8"))
    assert len(content) == 80
    assert list(content) == sorted(content)
    assert [each.name for each in tmp_path.iterdir()] == ["checksums.yaml"]
