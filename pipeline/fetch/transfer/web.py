"""Objects on HTTP servers, with ranges where the server answers them."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
import urllib3
from requests.adapters import HTTPAdapter

from .remote import (
    CONNECTIONS,
    ChangedError,
    RefusedError,
    Remote,
    TransientError,
    ca_bundle,
    check_status,
)

TIMEOUT = (20.0, 60.0)  # seconds to connect; seconds without a byte
BLOCK = 1 << 18  # bytes read at a time
RANGED, EMPTY = 206, 416  # HTTP statuses; an empty object has no first byte to give


class WebSource:
    """One address, http or https; redirects are followed. Proxies come from the environment."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        # A compressed body has another length, and ranges of its own.
        self._session.headers["Accept-Encoding"] = "identity"
        # requests itself reads the first two variables, and before this setting.
        self._session.verify = (
            ca_bundle("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "AWS_CA_BUNDLE")
            or True
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS))

    def probe(self) -> Remote:
        """Ask for the first byte: a server that has ranges tells length and version by it."""
        with self._answer("bytes=0-0", probing=True) as answer:
            return _described(answer)

    def read(self, remote: Remote, start: int, stop: int, write: Callable[[bytes], None]) -> None:
        """See `Source`."""
        with self._answer(f"bytes={start}-{stop - 1}" if remote.ranged else None) as answer:
            now = _described(answer)
            if (now.length, now.version) != (remote.length, remote.version):
                raise ChangedError
            if remote.ranged and not _answers(answer, start, stop):
                raise TransientError("it sent another range than asked for")
            got = 0
            while block := answer.raw.read1(BLOCK, decode_content=False):
                if remote.ranged:
                    block = block[: stop - start - got]
                write(block)
                got += len(block)
            if remote.length is not None and got < stop - start:
                raise TransientError("the connection ended early")

    @contextmanager
    def _answer(self, ranges: str | None, probing: bool = False) -> Iterator[requests.Response]:
        headers = {"Range": ranges} if ranges else {}
        with (
            _translated(),
            self._session.get(self._url, headers=headers, stream=True, timeout=TIMEOUT) as answer,
        ):
            if answer.status_code != EMPTY or not probing:
                check_status(answer.status_code, _wait(answer.headers.get("Retry-After", "")))
            yield answer


@contextmanager
def _translated() -> Iterator[None]:
    """Say in our words what went wrong: those of the libraries contain the whole address."""
    try:
        yield
    except (requests.exceptions.SSLError, urllib3.exceptions.SSLError) as error:
        if "CERTIFICATE_VERIFY_FAILED" not in str(error):
            raise TransientError("the encrypted connection broke") from None
        raise RefusedError(
            "its certificate is not trusted", "name your authorities in REQUESTS_CA_BUNDLE"
        ) from None
    except requests.exceptions.ProxyError:
        raise TransientError("the proxy does not answer") from None
    except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError):
        raise TransientError("no answer in time") from None
    except (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError):
        raise TransientError("the connection failed") from None
    except urllib3.exceptions.HTTPError:
        raise TransientError("the connection ended early") from None
    except requests.exceptions.TooManyRedirects:
        raise RefusedError("it redirects without end", "check the address") from None
    except requests.exceptions.InvalidProxyURL:
        raise RefusedError("the proxy is no valid address", "correct HTTP(S)_PROXY") from None
    except (requests.exceptions.RequestException, ValueError):
        raise RefusedError("not a valid address", "correct it") from None


def _described(answer: requests.Response) -> Remote:
    headers = answer.headers
    version = headers.get("ETag") or headers.get("Last-Modified") or ""
    if answer.status_code == EMPTY:
        return Remote(0, version, ranged=True)
    if answer.status_code == RANGED:
        total = headers.get("Content-Range", "").rpartition("/")[2]
        if total.isdecimal():
            return Remote(int(total), version, ranged=True)
        raise TransientError("its Content-Range makes no sense")
    length = headers.get("Content-Length", "")
    return Remote(int(length) if length.isdecimal() else None, version, ranged=False)


def _answers(answer: requests.Response, start: int, stop: int) -> bool:
    pattern = rf"bytes {start}-{stop - 1}/\d+"
    return bool(re.fullmatch(pattern, answer.headers.get("Content-Range", "").strip()))


def _wait(retry_after: str) -> float:
    """Seconds that a Retry-After header asks for: a number or a date (RFC 9110, 10.2.3)."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        return (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return 0.0
