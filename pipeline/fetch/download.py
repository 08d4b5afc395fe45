"""Download large files over unreliable networks: in parallel, resumable, verified and atomic."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from ..common.errors import PipelineError
from ..common.files import sha256_of
from ..common.redact import redacted
from .integrity import is_page, web_page
from .transfer.engine import Transfer, with_retries
from .transfer.meter import Meter
from .transfer.partial import Partial
from .transfer.remote import (
    AbsentError,
    ChangedError,
    FileInfo,
    RefusedError,
    RemoteFile,
    TransientError,
)

QUICK_RETRIES = 1  # where the download can be done without
Check = Callable[[Path, FileInfo], None]


class UnavailableError(PipelineError):
    """The server cannot be reached, or does not give the file; `reason` is without the remedy."""

    def __init__(self, address: str, reason: str, remedy: str) -> None:
        super().__init__(f"{address}: {reason}: {remedy}")
        self.reason = reason


class AbsentFileError(UnavailableError):
    """The server says that it has no file at the address."""


def download(
    url: str, target: Path, *, sha256: str | None = None, endpoint: str | None = None
) -> Path:
    """Fetch `url` into the file `target` and return `target`, as `refresh` does.

    `sha256` (hexadecimal) is verified, and a target that matches it is not fetched again.
    """
    expected = sha256 and sha256.lower()
    if expected and target.is_file() and sha256_of(target) == expected:
        return target

    def verify(part: Path, info: FileInfo) -> None:
        if expected and (actual := sha256_of(part)) != expected:
            raise wrong_checksum(redacted(url), actual, expected)

    refresh(url, target, endpoint=endpoint, check=verify)
    return target


def wrong_checksum(address: str, actual: str, expected: str) -> PipelineError:
    """The error for a file whose checksum in params, or the one that we pin, is another."""
    return PipelineError(
        f"{address}: sha256 is {actual}, but {expected} is expected: check which is right before "
        "you trust it"
    )


def refresh(
    url: str,
    target: Path,
    *,
    check: Check,
    endpoint: str | None = None,
    unchanged: Callable[[FileInfo], bool] | None = None,
) -> FileInfo | None:
    """Fetch `url` into `target` and return what the server says of the file.

    `url` is `http(s)://…` or `s3://bucket/key`. For S3, `endpoint` or AWS_ENDPOINT_URL names a
    store other than AWS, and credentials come from the usual AWS chain; without any, the requests
    are unsigned. Proxy and CA variables of the environment are honoured. With `unchanged`, target
    is a copy: it stays, and None is returned, if that holds for what the server says now. `check`
    gets the whole file before it becomes `target`, and raises PipelineError or RefusedError.

    The bytes go to `.NAME.part` next to the target, with a journal. After a kill, an interrupt, a
    lost network or denied access both are kept, and the next run fetches only what is missing if
    the remote file has not changed; after any other error both are removed. Raises PipelineError
    with one line, which shows the address without credentials and query string; UnavailableError
    if the fault is the server's or the network's, AbsentFileError if there is no such file.
    """
    with _explained(redacted(url), target):
        remote = remote_file(url, endpoint)
        if unchanged and unchanged(with_retries(remote.probe, Event(), retries=QUICK_RETRIES)):
            return None
        part = Partial(target, redacted(url))
        keep = True
        try:
            return _download(remote, part, target.name, check)
        except (RefusedError, PipelineError) as error:
            keep = isinstance(error, RefusedError) and not error.final
            raise
        finally:
            part.close(keep)


def probe(url: str, endpoint: str | None = None) -> FileInfo:
    """What the server says of the file, with fewer retries; raises what `refresh` raises.

    A web page instead of the file raises UnavailableError too.
    """
    with _explained(redacted(url), Path()):
        info = with_retries(remote_file(url, endpoint).probe, Event(), retries=QUICK_RETRIES)
        if is_page(url, info.media_type):
            raise web_page()
    return info


@contextmanager
def _explained(shown: str, target: Path) -> Iterator[None]:
    """Raise PipelineError with one line for a server's answer, or none, and for a full disk."""
    try:
        yield
    except (TransientError, RefusedError) as error:
        remedy = "check the network and proxy, then run it again"
        kind = AbsentFileError if isinstance(error, AbsentError) else UnavailableError
        raise kind(shown, str(error), getattr(error, "remedy", remedy)) from None
    except OSError as error:
        raise PipelineError(
            f"{target}: not written ({error.strerror}): free some space or choose another folder"
        ) from None


def remote_file(url: str, endpoint: str | None) -> RemoteFile:
    """The file at an address; raises PipelineError if it is of no known kind."""
    if url.startswith("s3://"):
        from .transfer.s3 import S3File

        return S3File(url, endpoint)
    if url.lower().startswith(("http://", "https://")):
        from .transfer.web import WebFile

        return WebFile(url)
    raise PipelineError(f"{redacted(url)}: not an address: give s3://, https:// or http://")


def _download(remote: RemoteFile, part: Partial, name: str, check: Check) -> FileInfo:
    """Download, check and put in place; start over once if the file changes meanwhile."""
    try:
        info = _transfer(remote, part, name)
    except ChangedError:
        part.discard()
        try:
            info = _transfer(remote, part, name)
        except ChangedError:
            part.discard()
            raise RefusedError(
                "it changed twice while being downloaded", "try later, when it is complete"
            ) from None
    check(part.path, info)
    part.finish()
    return info


def _transfer(remote: RemoteFile, part: Partial, name: str) -> FileInfo:
    """Fetch what is missing from the partial file, which then has its final length."""
    info = with_retries(remote.probe, Event())
    part.begin(info)
    with Meter(name, info.length, sum(stop - start for start, stop in part.done)) as meter:
        Transfer(remote, info, part, meter).run()
    if info.length is not None:
        part.cut(info.length)
    return info
