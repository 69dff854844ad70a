"""A Hugging Face Hub on loopback: as much of it as its real clients ask for when they push, list and load datasets.

Files are stored by content, commits hold whole trees, and refs point at commits, so a revision serves for ever what it
held. Parquet files are large files (git LFS), all others plain blobs, as the Hub's own `.gitattributes` has it. There is
no Xet storage, which newer clients take for granted: set HF_HUB_DISABLE_XET=1. Every request is kept, and the n-th one of
a kind can be made to fail.

    with HubServer() as hub:
        subprocess.run(..., env={"HF_ENDPOINT": hub.url, "HF_TOKEN": TOKEN, ...})
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote

TOKEN = "hf_loopbackTokenThatNobodyElseHas"
READ_TOKEN = "hf_loopbackTokenThatMayOnlyRead"
USER, ORGANISATIONS = "tester", ("org",)
ATTRIBUTES = b"*.parquet filter=lfs diff=lfs merge=lfs -text\n"
PAGE = 100
"""Entries in a page of a listing; the Hub has 1,000, but then no test would turn one."""


@dataclass(frozen=True)
class Entry:
    """A file of a tree."""

    blob: str
    size: int
    lfs: str | None = None


@dataclass(frozen=True)
class Commit:
    oid: str
    parent: str | None
    title: str
    tree: dict[str, Entry]


@dataclass
class Repository:
    private: bool
    refs: dict[str, str] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    """The large files that were uploaded, by SHA-256, whether or not a commit has them."""

    def commit(self, title: str, tree: dict[str, Entry], parent: str | None) -> Commit:
        said = repr((parent, title, sorted(tree.items())))
        made = Commit(hashlib.sha1(said.encode()).hexdigest(), parent, title, tree)
        self.commits[made.oid] = made
        self.refs["refs/heads/main"] = made.oid
        return made

    def at(self, revision: str) -> Commit | None:
        for name in (revision, f"refs/heads/{revision}", f"refs/tags/{revision}"):
            if name in self.refs:
                return self.commits[self.refs[name]]
        return self.commits.get(revision)

    def history(self) -> list[str]:
        """The titles of the commits on main, oldest first."""
        titles, commit = [], self.at("main")
        while commit is not None:
            titles.insert(0, commit.title)
            commit = self.commits.get(commit.parent or "")
        return titles


@dataclass
class Request:
    """What a client asked for, and what it got; status 0 is a connection that was cut."""

    method: str
    path: str
    token: str | None
    n_bytes: int = 0
    status: int = 0


@dataclass
class Fault:
    """What becomes of the n-th request, from 1, whose method and path match; and of all later ones with `always`."""

    pattern: str
    n: int = 1
    status: int | None = None
    """Refuse with this status, or cut the connection where there is none."""
    message: str = ""
    after: int | None = None
    """Cut the connection after so many bytes of the body have been read."""
    hold: threading.Event | None = None
    """Wait until this is set, then cut the connection."""
    always: bool = False
    reached: threading.Event = field(default_factory=threading.Event)
    seen: int = 0

    def meets(self, method: str, path: str) -> bool:
        if re.search(self.pattern, f"{method} {path}") is None:
            return False
        self.seen += 1
        return self.seen == self.n or (self.always and self.seen > self.n)


class RefusedError(Exception):
    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.code = status, message, code


@dataclass(frozen=True)
class Answer:
    raw: bytes
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200


class CutError(Exception):
    """The connection is to be cut."""


class HubServer:
    """The server; use it as a context manager."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.blobs: dict[str, bytes] = {}
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"hub": self}))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> HubServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fail(self, pattern: str, **how: object) -> Fault:
        """Add a fault to come."""
        self.faults.append(Fault(pattern, **how))
        return self.faults[-1]

    def create(self, repo_id: str, *, private: bool = False) -> Repository:
        made = self.repositories[repo_id] = Repository(private)
        made.commit("initial commit", {".gitattributes": self.store(ATTRIBUTES)}, None)
        return made

    def add(self, repo_id: str, path: str, raw: bytes) -> None:
        """A commit that somebody else makes."""
        repository = self.repositories[repo_id]
        head = repository.at("main")
        repository.commit(f"Add {path}", {**head.tree, path: self.store(raw)}, head.oid)

    def store(self, raw: bytes) -> Entry:
        blob = hashlib.sha1(b"blob %d\0" % len(raw) + raw).hexdigest()
        self.blobs[blob] = raw
        return Entry(blob, len(raw))

    def store_large(self, oid: str, raw: bytes) -> Entry:
        """The entry of a large file: git keeps a pointer in its place."""
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(raw)}\n"
        return Entry(self.store(pointer.encode()).blob, len(raw), oid)

    def read(self, repo_id: str, path: str, revision: str = "main") -> bytes:
        repository = self.repositories[repo_id]
        entry = repository.at(revision).tree[path]
        return repository.objects[entry.lfs] if entry.lfs else self.blobs[entry.blob]

    def asked(self, pattern: str) -> list[Request]:
        """The requests so far whose method and path match."""
        return [request for request in self.requests if re.search(pattern, f"{request.method} {request.path}")]

    def writes(self) -> list[Request]:
        """The requests so far that changed something."""
        return [one for one in self.asked(r"^(PUT /lfs|POST .*(/repos/create|/commit/|/tag/))") if one.status < 300]


class Handler(BaseHTTPRequestHandler):
    hub: HubServer
    protocol_version = "HTTP/1.1"
    timeout = 30

    def log_message(self, *_: object) -> None:
        """Nothing: the requests are kept instead."""

    def do_GET(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def _serve(self) -> None:
        self.place, _, query = self.path.partition("?")
        self.query = {name: values[-1] for name, values in parse_qs(query).items()}
        given = self.headers.get("Authorization", "").removeprefix("Bearer ") or None
        self.record = Request(self.command, self.path, given)
        with self.hub.lock:
            self.hub.requests.append(self.record)
            fault = next((one for one in self.hub.faults if one.meets(self.command, self.path)), None)
        try:
            self.body = self._read(fault)
            if fault is not None:
                self._suffer(fault)
            if given is not None and given not in (TOKEN, READ_TOKEN):
                raise RefusedError(401, "Invalid credentials in Authorization header")
            self._route()
        except RefusedError as refusal:
            self._refuse(refusal)
        except (CutError, ConnectionError, TimeoutError):
            self.close_connection = True

    def _read(self, fault: Fault | None) -> bytes:
        n = int(self.headers.get("Content-Length", 0))
        if fault is not None and fault.after is not None:
            self.record.n_bytes = len(self.rfile.read(min(n, fault.after)))
            self._cut()
        raw = self.rfile.read(n)
        self.record.n_bytes = len(raw)
        return raw

    def _suffer(self, fault: Fault) -> None:
        fault.reached.set()
        if fault.hold is not None:
            fault.hold.wait(30)
        if fault.status is None:
            self._cut()
        raise RefusedError(fault.status, fault.message)

    def _cut(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)
        raise CutError

    def _route(self) -> None:
        for method, pattern, action in ROUTES:
            match = re.fullmatch(pattern, self.place)
            if match and self.command in method.split():
                named = {name: unquote(value) for name, value in match.groupdict().items() if value is not None}
                with self.hub.lock:
                    found = action(self, **named)
                self._send(found if isinstance(found, Answer) else Answer(json.dumps(found).encode()))
                return
        raise RefusedError(404, f"there is no {self.command} {self.place} here")

    def _send(self, answer: Answer) -> None:
        self.record.status = answer.status
        self.send_response(answer.status)
        for name, value in ({"Content-Type": "application/json"} | answer.headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.raw)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.raw)

    def _refuse(self, refusal: RefusedError) -> None:
        headers = {"X-Error-Message": refusal.message} | ({"X-Error-Code": refusal.code} if refusal.code else {})
        self._send(Answer(json.dumps({"error": refusal.message}).encode(), headers, refusal.status))

    def _json(self) -> dict:
        return json.loads(self.body)

    # Who may do what.

    def _repository(self, repo: str) -> Repository:
        found = self.hub.repositories.get(repo)
        if found is None or (found.private and self.record.token is None):
            # The Hub does not tell those who are not logged in what it lacks and what it hides.
            status = 404 if self.record.token else 401
            raise RefusedError(status, "Repository not found", "RepoNotFound")
        return found

    def _writable(self, repo: str) -> Repository:
        self._may_write(repo.partition("/")[0])
        return self._repository(repo)

    def _may_write(self, owner: str) -> None:
        if self.record.token is None:
            raise RefusedError(401, "Invalid username or password.")
        if self.record.token == READ_TOKEN or owner not in (USER, *ORGANISATIONS):
            raise RefusedError(403, f'You don\'t have the rights to write under the namespace "{owner}"')

    def _commit_at(self, repo: str, revision: str) -> Commit:
        commit = self._repository(repo).at(revision)
        if commit is None:
            raise RefusedError(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return commit

    # What is asked.

    def whoami(self) -> dict:
        if self.record.token is None:
            raise RefusedError(401, "Invalid username or password.")
        return {"type": "user", "name": USER, "orgs": [{"name": name} for name in ORGANISATIONS]}

    def validate_yaml(self) -> dict:
        return {"errors": [], "warnings": []}

    def create_repo(self) -> dict:
        asked = self._json()
        owner = asked["organization"] or USER
        self._may_write(owner)
        repo_id = f"{owner}/{asked['name']}"
        if repo_id in self.hub.repositories:
            raise RefusedError(409, "You already created this dataset repo")
        self.hub.create(repo_id, private=asked.get("visibility") == "private" or bool(asked.get("private")))
        return {"url": f"{self.hub.url}/datasets/{repo_id}", "name": repo_id}

    def info(self, repo: str, revision: str = "main") -> dict:
        commit = self._commit_at(repo, revision)
        return {
            "id": repo,
            "sha": commit.oid,
            "private": self._repository(repo).private,
            "lastModified": datetime(2026, 1, 1, tzinfo=UTC).isoformat().replace("+00:00", "Z"),
            "siblings": [{"rfilename": path} for path in commit.tree],
        }

    def refs(self, repo: str) -> dict:
        def listed(prefix: str) -> list[dict]:
            refs = self._repository(repo).refs
            named = {ref.removeprefix(prefix): (ref, oid) for ref, oid in refs.items() if ref.startswith(prefix)}
            return [{"name": name, "ref": ref, "targetCommit": oid} for name, (ref, oid) in named.items()]

        return {"branches": listed("refs/heads/"), "tags": listed("refs/tags/"), "converts": []}

    def tree(self, repo: str, revision: str, path: str = "") -> Answer:
        commit = self._commit_at(repo, revision)
        entries = _below(commit.tree, path, recursive=self.query.get("recursive", "").lower() == "true")
        if not entries and path:
            raise RefusedError(404, f"{path} does not exist on {revision}", "EntryNotFound")
        start = int(self.query.get("cursor", 0))
        headers = {}
        if start + PAGE < len(entries):
            following = "&".join(f"{name}={value}" for name, value in ({**self.query, "cursor": start + PAGE}).items())
            headers["Link"] = f'<{self.hub.url}{self.place}?{following}>; rel="next"'
        return Answer(json.dumps(entries[start : start + PAGE]).encode(), headers)

    def paths_info(self, repo: str, revision: str) -> list[dict]:
        tree = self._commit_at(repo, revision).tree
        asked = parse_qs(self.body.decode()).get("paths", [])
        return [info for path in asked for info in _infos(tree, path)]

    def preupload(self, repo: str, revision: str) -> dict:
        tree = self._writable(repo).at(revision).tree
        ignored = self.hub.read(repo, ".gitignore", revision).decode().split() if ".gitignore" in tree else []

        def answered(path: str) -> dict:
            there = tree.get(path)
            return {
                "path": path,
                "uploadMode": "lfs" if path.endswith(".parquet") else "regular",
                "shouldIgnore": any(fnmatch(path.rpartition("/")[2], pattern) for pattern in ignored),
                "oid": (there.lfs or there.blob) if there else None,
            }

        return {"files": [answered(file["path"]) for file in self._json()["files"]]}

    def lfs_batch(self, repo: str) -> dict:
        there = self._writable(repo).objects

        def answered(asked: dict) -> dict:
            if asked["oid"] in there:
                return asked
            href = f"{self.hub.url}/lfs/{repo}/{asked['oid']}"
            return {**asked, "actions": {"upload": {"href": href}, "verify": {"href": f"{href}/verify"}}}

        return {"transfer": "basic", "objects": [answered(asked) for asked in self._json()["objects"]]}

    def lfs_put(self, repo: str, oid: str) -> dict:
        if hashlib.sha256(self.body).hexdigest() != oid:
            raise RefusedError(400, "the bytes are not those of the object")
        self.hub.repositories[repo].objects[oid] = self.body
        return {}

    def lfs_verify(self, repo: str, oid: str) -> dict:
        if len(self.hub.repositories[repo].objects.get(oid, b"")) != self._json()["size"]:
            raise RefusedError(404, "the object is not there")
        return {}

    def commit(self, repo: str, revision: str) -> dict:
        repository = self._writable(repo)
        lines = [json.loads(line) for line in self.body.splitlines()]
        header = lines[0]["value"]
        head = repository.at(revision)
        if header.get("parentCommit", head.oid) != head.oid:
            raise RefusedError(412, "A commit has happened since. Please refresh and try again.")
        tree = dict(head.tree)
        for line in lines[1:]:
            self._apply(repository, tree, line["key"], line["value"])
        made = repository.commit(header["summary"], tree, head.oid)
        url = f"{self.hub.url}/datasets/{repo}/commit/{made.oid}"
        return {"success": True, "commitOid": made.oid, "commitUrl": url}

    def _apply(self, repository: Repository, tree: dict[str, Entry], key: str, value: dict) -> None:
        path = value["path"]
        if key == "file":
            tree[path] = self.hub.store(base64.b64decode(value["content"]))
        elif key == "lfsFile":
            if value["oid"] not in repository.objects:
                raise RefusedError(400, f"the object of {path} was not uploaded")
            tree[path] = self.hub.store_large(value["oid"], repository.objects[value["oid"]])
        elif key == "deletedFile" and path in tree:
            del tree[path]
        else:
            raise RefusedError(404, f"{key}: A file with this name doesn't exist: {path}", "EntryNotFound")

    def tag(self, repo: str, revision: str) -> dict:
        repository = self._writable(repo)
        name = f"refs/tags/{self._json()['tag']}"
        if name in repository.refs:
            raise RefusedError(409, "Tag reference exists already.")
        repository.refs[name] = self._commit_at(repo, revision).oid
        return {}

    def resolve(self, repo: str, revision: str, path: str) -> Answer:
        commit = self._commit_at(repo, revision)
        entry = commit.tree.get(path)
        if entry is None:
            raise RefusedError(404, f"{path} does not exist", "EntryNotFound")
        raw = self.hub.read(repo, path, revision)
        headers = {"X-Repo-Commit": commit.oid, "ETag": f'"{entry.lfs or entry.blob}"', "Accept-Ranges": "bytes"}
        headers["Content-Type"] = "application/octet-stream"
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if asked is None:
            return Answer(raw, headers)
        first, last = asked.groups()
        start = int(first) if first else len(raw) - int(last)
        end = min(int(last) + 1, len(raw)) if first and last else len(raw)
        if start >= len(raw):
            raise RefusedError(416, "Range not satisfiable")
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(raw)}"
        return Answer(raw[start:end], headers, 206)


def _infos(tree: dict[str, Entry], path: str) -> list[dict]:
    """What the Hub says of a path: of a file, of a folder, nothing of what is not there."""
    if path in tree:
        entry = tree[path]
        file = {"type": "file", "path": path, "oid": entry.blob, "size": entry.size}
        return [file | ({"lfs": {"oid": entry.lfs, "size": entry.size, "pointerSize": 130}} if entry.lfs else {})]
    if any(name.startswith(f"{path}/") for name in tree):
        return [{"type": "directory", "path": path, "oid": hashlib.sha1(path.encode()).hexdigest(), "size": 0}]
    return []


def _below(tree: dict[str, Entry], folder: str, *, recursive: bool) -> list[dict]:
    """The listing of a folder: its files and folders, and with `recursive` theirs."""
    prefix = f"{folder}/" if folder else ""
    paths = set()
    for name in tree:
        if name.startswith(prefix):
            steps = name.removeprefix(prefix).split("/")
            depths = range(1, len(steps) + 1) if recursive else (1,)
            paths |= {prefix + "/".join(steps[:depth]) for depth in depths}
    return [info for path in sorted(paths) for info in _infos(tree, path)]


REPO = r"(?P<repo>[^/]+/[^/]+)"
REVISION = r"(?P<revision>[^/]+)"
OBJECT = "(?P<oid>[0-9a-f]{64})"
ROUTES: list[tuple[str, str, Callable]] = [
    ("GET", "/api/whoami-v2", Handler.whoami),
    ("POST", "/api/validate-yaml", Handler.validate_yaml),
    ("POST", "/api/repos/create", Handler.create_repo),
    ("GET", f"/api/datasets/{REPO}", Handler.info),
    ("GET", f"/api/datasets/{REPO}/revision/{REVISION}", Handler.info),
    ("GET", f"/api/datasets/{REPO}/refs", Handler.refs),
    ("GET", f"/api/datasets/{REPO}/tree/{REVISION}(?:/(?P<path>.+))?", Handler.tree),
    ("POST", f"/api/datasets/{REPO}/paths-info/{REVISION}", Handler.paths_info),
    ("POST", f"/api/datasets/{REPO}/preupload/{REVISION}", Handler.preupload),
    ("POST", f"/api/datasets/{REPO}/commit/{REVISION}", Handler.commit),
    ("POST", f"/api/datasets/{REPO}/tag/{REVISION}", Handler.tag),
    ("POST", rf"/datasets/{REPO}\.git/info/lfs/objects/batch", Handler.lfs_batch),
    ("PUT", f"/lfs/{REPO}/{OBJECT}", Handler.lfs_put),
    ("POST", f"/lfs/{REPO}/{OBJECT}/verify", Handler.lfs_verify),
    ("GET HEAD", f"/datasets/{REPO}/resolve/{REVISION}/(?P<path>.+)", Handler.resolve),
]
