"""The files that pages load: from which folders, under which address, and for how long.

A file's address is `/static/{version}/{folder}/{file}`. The version is a digest over all of them,
so that a browser may keep what it has for a year, and still sees an edited file on a reload.

They are kept in memory, packed: 500 phones scan one code within seconds and want some 60 modules
each, while rooms go on. Starlette's StaticFiles with GZipMiddleware took 1.5 ms for one of them
(measured), this takes less than a tenth of it.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from machine_party.server.error import not_found
from machine_party.server.policy import HEADERS

__all__ = ["StaticFile", "StaticFolders"]

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""What is served, and as what. The system's own table is not asked: some call .js a text."""

_PACKED = frozenset({".css", ".js", ".json", ".svg"})
"""What gets smaller; the other types are packed already."""

_FOREVER = "public, max-age=31536000, immutable"
"""A year: what caches take for ever (RFC 9111, section 1.2.2, has no upper limit)."""


class StaticFile(NamedTuple):
    """A file as it was found: a changed one is another one.

    Attributes:
        path: where it is.
        size: in bytes.
        changed: nanoseconds of the file system's time.
    """

    path: str
    size: int
    changed: int


class _Content(NamedTuple):
    """What is sent of a file."""

    body: bytes
    packed: bytes | None
    etag: str


class StaticFolders:
    """Serves some folders, and knows the version of what is in them.

    Args:
        folders: `{prefix in the address: folder}`.
    """

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._folders = dict(folders)
        self._contents: dict[StaticFile, _Content] = {}
        self.files: Mapping[str, StaticFile] = {}
        self.version = ""
        self.look()

    def look(self) -> None:
        """Looks at the folders again: `files` and `version` say what is there now."""
        found = {name: file for place in self._folders.items() for name, file in _walk(*place)}
        files = dict(sorted(found.items()))
        if files != self.files:
            self.files = files
            self.version = hashlib.sha256(repr(files).encode()).hexdigest()[:12]
            self._contents.clear()

    def route(self) -> Route:
        """Where they are."""
        return Route("/static/{version}/{folder}/{file:path}", self.file)

    async def file(self, request: Request) -> Response:
        """One of the files: for good under the present version, to be asked again under another.

        Raises:
            PeerError: there is none of that name.
        """
        at = request.path_params
        name = f"{at['folder']}/{at['file']}"
        content = self._content(name)
        kept = _FOREVER if at["version"] == self.version else "no-cache"
        headers = {**HEADERS, "Cache-Control": kept, "ETag": content.etag}
        headers["Vary"] = "Accept-Encoding"
        if content.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        headers["Content-Type"] = _TYPES[Path(name).suffix]
        if content.packed is None or "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(content.body, headers=headers)
        return Response(content.packed, headers={**headers, "Content-Encoding": "gzip"})

    def text(self, name: str) -> str | None:
        """The text of one of the files; None if there is none of that name."""
        return self._content(name).body.decode(errors="replace") if name in self.files else None

    def _content(self, name: str) -> _Content:
        file = self.files.get(name)
        if file is None:
            raise not_found()
        if file not in self._contents:
            self._contents[file] = _read(file)
        return self._contents[file]


def _read(file: StaticFile) -> _Content:
    try:
        body = Path(file.path).read_bytes()
    except OSError:  # it went away since we looked
        raise not_found() from None
    packed = gzip.compress(body, mtime=0) if Path(file.path).suffix in _PACKED else None
    etag = hashlib.sha256(body).hexdigest()[:16]
    return _Content(body, packed, f'W/"{etag}"')  # weak: the same for packed and not


def _walk(prefix: str, folder: str | Path) -> Iterator[tuple[str, StaticFile]]:
    """What is served of a folder: known types, nothing hidden, nothing that npm has put there."""
    with os.scandir(folder) as entries:
        for entry in entries:
            name = f"{prefix}/{entry.name}"
            if entry.name.startswith(".") or entry.name == "node_modules" or entry.is_symlink():
                continue
            if entry.is_dir():
                yield from _walk(name, entry.path)
            elif os.path.splitext(entry.name)[1] in _TYPES:
                with contextlib.suppress(FileNotFoundError):  # an editor is replacing it
                    about = entry.stat()
                    yield name, StaticFile(entry.path, about.st_size, about.st_mtime_ns)
