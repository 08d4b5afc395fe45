"""Names of encoders in params."""

from pathlib import Path

EMBEDDED = "e5-small"


def named_folder(name: str, revision: str | None) -> Path | None:
    """The local folder that `name` means; None for e5-small and for a hub's name at a commit."""
    return None if name == EMBEDDED or revision is not None else Path(name)
