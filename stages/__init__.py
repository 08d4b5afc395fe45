"""One command per step: read, call the library, write."""

from pathlib import Path

from platformdirs import user_cache_path

ARTIFACTS = Path("artifacts")
METRICS = Path("metrics.json")  # the headline, which git tracks
# Unmodified downloads of packages and corpora, shared by all clones of a user; safe to delete.
CACHE = user_cache_path("contextual-alignment") / "downloads"
# Checksums of files from the web, by address. Tracked by git; no stage depends on it.
CHECKSUMS = Path("checksums.yaml")
