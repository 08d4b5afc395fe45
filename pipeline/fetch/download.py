"""Download large files over unreliable networks: in parallel, resumable, verified and atomic."""

from pathlib import Path
from threading import Event

from ..common.errors import AbsentFileError, PipelineError
from ..common.files import sha256_of
from ..common.redact import redacted
from .transfer.engine import RETRIES, Transfer, with_retries
from .transfer.meter import Meter
from .transfer.partial import Partial
from .transfer.remote import AbsentError, ChangedError, RefusedError, RemoteFile, TransientError


def download(
    url: str, target: Path, *, sha256: str | None = None, endpoint: str | None = None
) -> Path:
    """Fetch `url` into the file `target` and return `target`.

    `url` is `http(s)://…` or `s3://bucket/key`. For S3, `endpoint` or AWS_ENDPOINT_URL names a
    store other than AWS, and credentials come from the usual AWS chain; without any, the requests
    are unsigned. `sha256` (hexadecimal) is verified, and a target that matches it is not fetched
    again. Proxy and CA variables of the environment are honoured.

    The bytes go to `.NAME.part` next to the target, with a journal. After a kill, an interrupt, a
    lost network or denied access both are kept, and the next run fetches only what is missing if
    the remote file has not changed; after any other error both are removed. Raises PipelineError,
    of the class AbsentFileError if there is no such file, with one line, which shows the address
    without credentials and query string.
    """
    if sha256 and target.is_file() and sha256_of(target) == sha256.lower():
        return target
    shown = redacted(url)
    try:
        remote = _remote_file(url, endpoint)
        part = Partial(target, shown)
        keep = True
        try:
            _download(remote, part, target.name, sha256)
        except (RefusedError, PipelineError) as error:
            keep = isinstance(error, RefusedError) and not error.final
            raise
        finally:
            part.close(keep)
    except TransientError as error:
        raise PipelineError(
            f"{shown}: {error}, {RETRIES + 1} times: check the network and proxy, then run it again"
        ) from None
    except AbsentError as error:
        raise AbsentFileError(f"{shown}: {error}: {error.remedy}") from None
    except RefusedError as error:
        raise PipelineError(f"{shown}: {error}: {error.remedy}") from None
    except OSError as error:
        raise PipelineError(
            f"{target}: not written ({error.strerror}): free some space or choose another folder"
        ) from None
    return target


def _remote_file(url: str, endpoint: str | None) -> RemoteFile:
    if url.startswith("s3://"):
        from .transfer.s3 import S3File

        return S3File(url, endpoint)
    if url.lower().startswith(("http://", "https://")):
        from .transfer.web import WebFile

        return WebFile(url)
    raise PipelineError(f"{redacted(url)}: not an address: give s3://, https:// or http://")


def _download(remote: RemoteFile, part: Partial, name: str, sha256: str | None) -> None:
    """Download, verify and put in place; start over once if the file changes meanwhile."""
    try:
        length = _transfer(remote, part, name)
    except ChangedError:
        part.discard()
        try:
            length = _transfer(remote, part, name)
        except ChangedError:
            part.discard()
            raise RefusedError(
                "it changed twice while being downloaded", "try later, when it is complete"
            ) from None
    if sha256:
        _verify(part.path, sha256.lower())
    part.finish(length)


def _transfer(remote: RemoteFile, part: Partial, name: str) -> int:
    """Fetch what is missing from the partial file, and return the whole length in bytes."""
    info = with_retries(remote.probe, Event())
    part.begin(info)
    with Meter(name, info.length, sum(stop - start for start, stop in part.done)) as meter:
        Transfer(remote, info, part, meter).run()
    return part.size() if info.length is None else info.length


def _verify(path: Path, expected: str) -> None:
    actual = sha256_of(path)
    if actual != expected:
        raise RefusedError(
            f"sha256 is {actual}, but {expected} is expected",
            "check which is right before you trust it",
        )
