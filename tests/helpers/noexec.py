"""Python code with a TMPDIR that is mounted noexec."""

import subprocess
import sys
from pathlib import Path

import pytest
from clones import ROOT, run

# The mount is seen by this command alone, and ends with it.
NAMESPACE = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
MOUNT = 'mount -t tmpfs -o noexec tmpfs "$0" && exec "$@"'


def run_noexec(folder: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process whose TMPDIR is `folder`, where no program may start."""
    folder.mkdir()
    mounted = (*NAMESPACE, MOUNT, str(folder))
    if run(ROOT, *mounted, "true").returncode != 0:
        pytest.skip("this machine allows no mounts in a namespace")
    return run(ROOT, *mounted, sys.executable, "-c", code, *arguments, TMPDIR=str(folder))
