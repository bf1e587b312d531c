"""The unfinished file of a download: it grows, is hashed on the way, and can be continued.

Only what a server identifies by a strong ETag is continued, because nothing else says that the
second half belongs to the first. A part that is left for the next run has a note beside it with
its length and sha256; without one, as after a crash, the part is not trusted.
"""

import hashlib
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from python_loaders.durable import sync_file, write_file

COPY_BYTES = 1 << 20


class _Note(BaseModel):
    model_config = ConfigDict(frozen=True)

    etag: str
    bytes: int
    sha256: str


class Part:
    """A file that is being written. Use as a context: it is kept only if it can be continued.

    Attributes:
        size: bytes that are there.
        etag: of the content that they are the begin of, "" if it cannot be continued.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._note = path.with_name(f"{path.name}.json")
        self.size = 0
        self.etag = ""
        self._hash = hashlib.sha256()

    def __enter__(self) -> Self:
        self._restore()
        self._file = self.path.open("ab", buffering=0)
        self._file.truncate(self.size)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._file.close()
        # After an error of the operating system, such as a full disk, nothing should stay.
        if kind is None or not self.etag or not self.size or issubclass(kind, OSError):
            self.path.unlink(missing_ok=True)
            return
        sync_file(self.path)
        note = _Note(etag=self.etag, bytes=self.size, sha256=self.sha256)
        write_file(self._note, note.model_dump_json().encode())

    def restart(self, etag: str) -> None:
        """Forget what is there: the content begins again.

        Args:
            etag: of the new content, if it is a strong one, else "".
        """
        self._file.truncate(0)
        self.size, self.etag, self._hash = 0, etag, hashlib.sha256()

    def write(self, piece: bytes) -> None:
        """Add bytes."""
        view = memoryview(piece)
        while view:
            written = self._file.write(view)
            self._hash.update(view[:written])
            self.size += written
            view = view[written:]

    @property
    def sha256(self) -> str:
        """The digest of all that is there."""
        return self._hash.hexdigest()

    def _restore(self) -> None:
        """Take over what an earlier run left, if its note and its bytes agree."""
        try:
            note = _Note.model_validate_json(self._note.read_bytes())
            with self.path.open("rb") as file:
                left = note.bytes
                while left and (piece := file.read(min(COPY_BYTES, left))):
                    self._hash.update(piece)
                    left -= len(piece)
        except (FileNotFoundError, ValidationError):
            note = None
        self._note.unlink(missing_ok=True)
        if note and not left and self.sha256 == note.sha256:
            self.size, self.etag = note.bytes, note.etag
        else:
            self._hash = hashlib.sha256()
