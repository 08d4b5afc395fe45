"""Addresses without secrets, for messages."""


def redacted(url: str) -> str:
    """The address without user, password, query string and fragment."""
    printable = "".join(character for character in url if character.isprintable())
    scheme, separator, rest = printable.partition("://")
    if not separator:
        scheme, rest = "", printable
    host, slash, path = rest.split("?")[0].split("#")[0].partition("/")
    return scheme + separator + host.rpartition("@")[2] + slash + path
