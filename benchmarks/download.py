"""Speed and memory of a download, against one `requests` stream.

A server on loopback sends 20 MB/s per connection and answers after 50 ms. Every download runs in a
separate process, so that its peak memory can be measured. The last line is a JSON object: seconds,
peak resident memory in MB, and `ratio`, our speed divided by that of the single stream.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "helpers")]

SIZE, RATE, LATENCY = 400_000_000, 20e6, 0.05  # bytes, bytes per second, seconds
RUNS = 3

REFERENCE = """
import sys, requests
with requests.get(sys.argv[1], stream=True, timeout=60) as answer, open(sys.argv[2], "wb") as file:
    answer.raise_for_status()
    for block in answer.iter_content(1 << 18):
        file.write(block)
"""
OURS = """
import sys
from pathlib import Path
from pipeline.fetch.download import download
download(sys.argv[1], Path(sys.argv[2]), endpoint=sys.argv[3] or None)
"""
PEAK = """
import re
print(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1])
"""


def measure(script: str, url: str, endpoint: str, expected: str) -> tuple[float, float]:
    """Seconds and peak MB of a process that downloads, including its start-up."""
    variables = {**os.environ, "NO_PROXY": "127.0.0.1", "AWS_EC2_METADATA_DISABLED": "true"}
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "object"
        command = [sys.executable, "-c", script + PEAK, url, str(target), endpoint]
        began = time.perf_counter()
        done = subprocess.run(
            command, cwd=ROOT, env=variables, check=True, capture_output=True, text=True
        )
        seconds = time.perf_counter() - began
        with target.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != expected:
                sys.exit(f"{url}: the downloaded bytes differ from those served")
    return seconds, int(done.stdout) * 1024 / 1e6


def main() -> None:
    from fault_server import Served, content, serve

    data = content(SIZE)
    expected = hashlib.sha256(data).hexdigest()
    with serve(Served(data, rate=RATE, latency=LATENCY)) as server:
        cases = {
            "requests": (REFERENCE, f"{server.url}/object", ""),
            "http": (OURS, f"{server.url}/object", ""),
            "s3": (OURS, "s3://bucket/object", server.url),
        }
        figures: dict[str, float] = {}
        for name, case in cases.items():
            runs = [measure(*case, expected) for _ in range(1 if name == "requests" else RUNS)]
            seconds = sorted(duration for duration, _ in runs)[len(runs) // 2]
            figures[f"{name}_seconds"] = round(seconds, 2)
            figures[f"{name}_peak_mb"] = round(max(peak for _, peak in runs))
            print(
                f"{name:9} {seconds:6.2f} s  {SIZE / seconds / 1e6:6.1f} MB/s  "
                f"{figures[f'{name}_peak_mb']:4.0f} MB resident  sha256 equal",
                flush=True,
            )
    figures["s3_ratio"] = round(figures["requests_seconds"] / figures["s3_seconds"], 2)
    figures["ratio"] = round(figures["requests_seconds"] / figures["http_seconds"], 2)
    print(json.dumps({"megabytes": SIZE / 1e6, **figures}))


if __name__ == "__main__":
    main()
