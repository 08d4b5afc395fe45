"""Files on HTTP servers, fetched in ranges if the server supports them."""

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
    PROXY_ASKS,
    ChangedError,
    FileInfo,
    RefusedError,
    TransientError,
    ca_bundle,
    check_status,
)

CONNECT_TIMEOUT = 20.0  # seconds
IDLE_TIMEOUT = 60.0  # seconds without a byte
READ_SIZE = 1 << 18  # bytes
PARTIAL_CONTENT = 206  # HTTP status of a range
NOT_SATISFIABLE = 416  # HTTP status of a range outside the file: an empty one has no first byte


class WebFile:
    """A file at an http or https address. Follows redirects; uses the environment's proxies."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        # The length and the ranges of a compressed body would be different.
        self._session.headers["Accept-Encoding"] = "identity"
        # requests reads the first two variables itself and prefers them to this setting.
        self._session.verify = (
            ca_bundle("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "AWS_CA_BUNDLE")
            or True
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS))

    def probe(self) -> FileInfo:
        """Ask for the first byte; the response reports length, version and support for ranges."""
        with self._response("bytes=0-0", probing=True) as response:
            return _file_info(response)

    def read(self, info: FileInfo, start: int, stop: int, write: Callable[[bytes], None]) -> None:
        """See `RemoteFile`."""
        with self._response(f"bytes={start}-{stop - 1}" if info.ranged else None) as response:
            current = _file_info(response)
            if (current.length, current.version) != (info.length, info.version):
                raise ChangedError
            if info.ranged and not _has_range(response, start, stop):
                raise TransientError("it sent a range that was not requested")
            received = 0
            while block := response.raw.read1(READ_SIZE, decode_content=False):
                if info.ranged:
                    block = block[: stop - start - received]
                write(block)
                received += len(block)
            if info.length is not None and received < stop - start:
                raise TransientError("the connection ended early")

    @contextmanager
    def _response(
        self, byte_range: str | None, probing: bool = False
    ) -> Iterator[requests.Response]:
        headers = {"Range": byte_range} if byte_range else {}
        timeout = (CONNECT_TIMEOUT, IDLE_TIMEOUT)
        with (
            _translated_errors(),
            self._session.get(self._url, headers=headers, stream=True, timeout=timeout) as response,
        ):
            if response.status_code != NOT_SATISFIABLE or not probing:
                wait = _wait_seconds(response.headers.get("Retry-After", ""))
                check_status(response.status_code, wait)
            yield response


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Replace errors of the libraries, whose messages contain the whole address."""
    try:
        yield
    except (requests.exceptions.SSLError, urllib3.exceptions.SSLError) as error:
        if "CERTIFICATE_VERIFY_FAILED" not in str(error):
            raise TransientError("the encrypted connection broke") from None
        raise RefusedError(
            "its certificate is not trusted", "name your authorities in REQUESTS_CA_BUNDLE"
        ) from None
    except requests.exceptions.ProxyError as error:
        refusal = re.search(r"Tunnel connection failed: (\d+)", str(error))
        if refusal and refusal[1] == str(PROXY_ASKS):
            check_status(PROXY_ASKS)
        what = f"refuses, HTTP {refusal[1]}" if refusal else "does not respond"
        raise TransientError(f"the proxy {what}") from None
    except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError):
        raise TransientError("no response in time") from None
    except (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError):
        raise TransientError("the connection failed") from None
    except urllib3.exceptions.HTTPError:
        raise TransientError("the connection ended early") from None
    except requests.exceptions.TooManyRedirects:
        raise RefusedError("it redirects in circles", "check the address") from None
    except requests.exceptions.InvalidProxyURL:
        raise RefusedError(
            "the address of the proxy is not valid", "correct HTTP(S)_PROXY"
        ) from None
    except requests.exceptions.InvalidSchema as error:
        if "SOCKS" not in str(error):
            raise RefusedError("not a valid address", "correct it") from None
        raise RefusedError(
            "the proxy needs a package for SOCKS",
            "run `pip install pysocks`, or name an http:// proxy in HTTP(S)_PROXY",
        ) from None
    except (requests.exceptions.RequestException, ValueError):
        raise RefusedError("not a valid address", "correct it") from None


def _file_info(response: requests.Response) -> FileInfo:
    headers = response.headers
    version = headers.get("ETag") or headers.get("Last-Modified") or ""
    media_type = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if response.status_code == NOT_SATISFIABLE:
        return FileInfo(0, version, ranged=True)
    if response.status_code == PARTIAL_CONTENT:
        total = headers.get("Content-Range", "").rpartition("/")[2]
        if total.isdecimal():
            return FileInfo(int(total), version, ranged=True, media_type=media_type)
        raise TransientError("its Content-Range is not valid")
    length = headers.get("Content-Length", "")
    size = int(length) if length.isdecimal() else None
    return FileInfo(size, version, ranged=False, media_type=media_type)


def _has_range(response: requests.Response, start: int, stop: int) -> bool:
    """Whether the response has the bytes [start, stop)."""
    pattern = rf"bytes {start}-{stop - 1}/\d+"
    return bool(re.fullmatch(pattern, response.headers.get("Content-Range", "").strip()))


def _wait_seconds(retry_after: str) -> float:
    """Seconds until the time in a Retry-After header, a number or a date (RFC 9110, 10.2.3)."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        return (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return 0.0
