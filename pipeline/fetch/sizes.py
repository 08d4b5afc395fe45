"""The size of what is fetched."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """Bytes in all, and bytes that are not here yet; None if unknown."""

    total: int | None
    missing: int | None
