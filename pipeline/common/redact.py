"""Addresses without secrets, for messages."""

import re

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^\s'\"<>]+", re.IGNORECASE)


def redacted(url: str) -> str:
    """The address without user, password, query string and fragment."""
    printable = "".join(character for character in url if character.isprintable())
    scheme, separator, rest = _parts(printable)
    host, slash, path = rest.split("?")[0].split("#")[0].partition("/")
    return scheme + separator + host.rpartition("@")[2] + slash + path


def redacted_proxy(url: str) -> str:
    """Scheme, host and port of a proxy's address.

    It has no path, so all up to the last @ is user and password, whose special characters are often
    not escaped.
    """
    scheme, separator, rest = _parts(url)
    return redacted(scheme + separator + rest.rpartition("@")[2])


def redacted_text(text: str) -> str:
    """The text with each address in it redacted."""
    return ADDRESS.sub(lambda match: redacted(match[0]), text)


def _parts(url: str) -> tuple[str, str, str]:
    """Scheme (perhaps empty), separator and the rest."""
    before, separator, rest = url.partition("://")
    return (before, separator, rest) if separator else ("", "", url)
