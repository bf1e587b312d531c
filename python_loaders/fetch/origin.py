"""What fetch knows about a file it brought: its origin, kept beside the file until it is landed.

The origin lies in `.origin/<file name>.json` in the directory of the file, is written before the
file appears, and becomes a part of the commit record. Both together are the only state of
incremental fetches. A secret is never in it.
"""

import datetime as dt
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, field_validator

from python_loaders.contract.secrets import redact
from python_loaders.durable import sync_directory, write_file

DIRECTORY = ".origin"


class Origin(BaseModel):
    """Where a file came from. Keys that a later version adds are ignored by this one."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    target: str = Field(description="The source, or source.table, whose fetch brought it.")
    kind: str
    uri: str = Field(description="Without passwords and without the values of a query.")
    request: str | None = Field(None, description="Tells requests of one target apart.")
    file: str
    bytes: int
    sha256: str
    fetched_at: dt.datetime
    etag: str | None = None
    last_modified: str | None = None
    checksum: str | None = Field(None, description="What the content was compared with.")
    pages: int | None = None
    rows: int | None = None
    number: int | None = Field(None, description="Counts the extractions from databases.")
    content: str | None = Field(None, description="Digest of the rows, whatever file holds them.")
    window: dict[str, JsonValue] | None = Field(None, description="Bounds of a database cursor.")
    replaces: str | None = Field(
        None, description="sha256 of the file of this name that this one takes the place of."
    )

    @field_validator("uri")
    @classmethod
    def _show_no_secret(cls, uri: str) -> str:
        return redact(uri)

    def record(self) -> dict[str, JsonValue]:
        """Return it for a commit record: JSON, without what is not known."""
        return self.model_dump(mode="json", exclude_none=True)


def sidecar(path: Path) -> Path:
    """Return where the origin of a file of the inbox is kept."""
    return path.parent / DIRECTORY / f"{path.name}.json"


def write_origin(path: Path, origin: Origin) -> None:
    """Keep the origin of a file that is about to appear, durably and as a whole."""
    place = sidecar(path)
    if not place.parent.is_dir():
        place.parent.mkdir(parents=True)
        sync_directory(path.parent)
    write_file(place, origin.model_dump_json(indent=2, exclude_none=True).encode() + b"\n")


def read_sidecar(path: Path) -> Origin | None:
    """Return what is kept beside a file, whether or not the file is still the one it describes."""
    try:
        return Origin.model_validate_json(sidecar(path).read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValidationError):
        return None


def read_origin(path: Path, sha256: str) -> Origin | None:
    """Return the origin of a file, or None if fetch did not bring these bytes.

    Args:
        path: the file.
        sha256: of its content: somebody may have put another file under the same name.
    """
    origin = read_sidecar(path)
    return origin if origin and origin.sha256 == sha256 else None


def orphaned_sidecars(inbox: Path) -> list[Path]:
    """Return the origins of files that are not in the inbox any more."""
    return [
        place
        for place in sorted(inbox.glob(f"{DIRECTORY}/[!.]*.json"))
        if not (inbox / place.stem).exists()
    ]
