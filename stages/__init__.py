"""One command per step: read, call the library, write."""

from pathlib import Path

from platformdirs import user_cache_path

ARTIFACTS = Path("artifacts")
# Unmodified downloads of packages and corpora, shared by all clones of a user; safe to delete.
CACHE = user_cache_path("contextual-alignment") / "downloads"
# Of files at addresses of the web, by address. In git, and no dependency of a stage.
CHECKSUMS = Path("checksums.yaml")
