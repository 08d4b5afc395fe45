"""Large files over unreliable networks: in parallel, resumed, verified, whole or absent."""

import hashlib
from pathlib import Path
from threading import Event

from ..common.errors import PipelineError
from ..common.redact import redacted
from .transfer.engine import RETRIES, Transfer, patiently
from .transfer.meter import Meter
from .transfer.partial import Partial
from .transfer.remote import ChangedError, RefusedError, Source, TransientError

__all__ = ["download", "redacted"]


def download(
    url: str, target: Path, *, sha256: str | None = None, endpoint: str | None = None
) -> Path:
    """Fetch `url` into the file `target` and return it.

    `url` is `http(s)://…` or `s3://bucket/key`; for the latter `endpoint` or AWS_ENDPOINT_URL
    names another store than AWS, and the usual AWS chain gives the credentials; without any the
    requests are unsigned. `sha256` (hexadecimal) is verified; a target that has it already is
    not fetched. Proxy and CA variables of the environment are honoured.

    The bytes go to `.NAME.part` beside the target, with a journal. After a kill, an interrupt,
    a lost network or denied access both stay, and the next run fetches only what is missing, if
    the object is still the same; after every other error neither stays. Raises PipelineError
    with one line, which shows the address without credentials and query string.
    """
    if sha256 and target.is_file() and _sha256(target) == sha256.lower():
        return target
    shown = redacted(url)
    try:
        source = _source(url, endpoint)
        part = Partial(target, shown)
        keep = True
        try:
            _fetch(source, part, target.name, sha256)
        except (RefusedError, PipelineError) as error:
            keep = isinstance(error, RefusedError) and not error.final
            raise
        finally:
            part.close(keep)
    except TransientError as error:
        raise PipelineError(
            f"{shown}: {error}, {RETRIES + 1} times: check the network and proxy, then run again"
        ) from None
    except RefusedError as error:
        raise PipelineError(f"{shown}: {error}: {error.remedy}") from None
    except OSError as error:
        raise PipelineError(
            f"{target}: not written ({error.strerror}): free some space or choose another folder"
        ) from None
    return target


def _source(url: str, endpoint: str | None) -> Source:
    if url.startswith("s3://"):
        from .transfer.s3 import S3Source

        return S3Source(url, endpoint)
    if url.lower().startswith(("http://", "https://")):
        from .transfer.web import WebSource

        return WebSource(url)
    raise PipelineError(f"{redacted(url)}: not an address: give s3://, https:// or http://")


def _fetch(source: Source, part: Partial, name: str, sha256: str | None) -> None:
    """Download, verify and put in place; an object that changes meanwhile gets a second chance."""
    for chance in ("first", "second"):
        try:
            remote = patiently(source.probe, Event())
            part.begin(remote)
            with Meter(name, remote.length, sum(end - start for start, end in part.done)) as meter:
                Transfer(source, remote, part, meter).run()
            break
        except ChangedError:
            part.discard()
            if chance == "second":
                raise RefusedError(
                    "it changed twice while being downloaded", "try later, when it is complete"
                ) from None
    length = part.size() if remote.length is None else remote.length
    found = _sha256(part.path) if sha256 else None
    if sha256 and found != sha256.lower():
        raise RefusedError(
            f"sha256 is {found}, but {sha256.lower()} is expected",
            "check which is right before you trust it",
        )
    part.finish(length)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
