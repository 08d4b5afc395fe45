"""One command a step: read, call the library, write."""

from pathlib import Path

from platformdirs import user_cache_path

ARTIFACTS = Path("artifacts")
# Packages and corpora as they were fetched, shared by all clones of a user; safe to delete.
CACHE = user_cache_path("contextual-alignment") / "downloads"
