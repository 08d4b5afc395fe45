"""Addresses as they may be shown."""


def redacted(url: str) -> str:
    """The address as it may be shown: without user, password, query string and fragment."""
    plain = "".join(character for character in url if character.isprintable())
    scheme, separator, rest = plain.partition("://")
    if not separator:
        scheme, rest = "", plain
    place, slash, path = rest.split("?")[0].split("#")[0].partition("/")
    return scheme + separator + place.rpartition("@")[2] + slash + path
