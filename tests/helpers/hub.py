"""A stand-in for the Hugging Face Hub."""

import hashlib
import json
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlparse


class Hub(BaseHTTPRequestHandler):
    """The part of the Hugging Face Hub that serves one model at one commit."""

    folder: Path
    commit = "0123456789abcdef0123456789abcdef01234567"

    def do_HEAD(self):
        self.answer()

    def do_GET(self):
        self.answer()

    def answer(self):
        name = urlparse(self.path).path
        files = {path.name: path.read_bytes() for path in self.folder.iterdir()}
        if name == f"/api/models/team/tiny/revision/{self.commit}":
            siblings = [{"rfilename": file} for file in files]
            model = {"id": "team/tiny", "modelId": "team/tiny", "sha": self.commit}
            self.reply(json.dumps({**model, "siblings": siblings}).encode(), "application/json")
        elif name == f"/api/models/team/tiny/tree/{self.commit}":
            tree = [
                {"type": "file", "path": path, "size": len(content), "oid": "0"}
                for path, content in files.items()
            ]
            self.reply(json.dumps(tree).encode(), "application/json")
        elif (file := name.rpartition("/")[2]) in files and self.commit in name:
            self.reply(files[file], "application/octet-stream")
        else:
            self.send_error(404, "Not found")

    def reply(self, content, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", f'"{hashlib.sha1(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", self.commit)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, *args):
        pass
