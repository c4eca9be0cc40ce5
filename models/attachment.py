"""Files that come with reports: facts here, the bytes in a folder, by what they are."""

import hashlib
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Self
from uuid import uuid4

from tortoise import fields
from tortoise.models import Model

from models.account import Account

MAX_SIZE = 5 * 1024 * 1024
"""Bytes of a file."""

MAX_UNUSED = 300
"""Files that an account may have uploaded without naming them in a report."""

KEPT = timedelta(hours=24)
"""How long a file waits to be named in a report."""


class MediaType(StrEnum):
    """What a file is, by its content."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"


_MARKS = {
    MediaType.PDF: (b"%PDF-", b"%%EOF"),
    MediaType.PNG: (b"\x89PNG\r\n\x1a\n", b"IEND\xae\x42\x60\x82"),
    MediaType.JPEG: (b"\xff\xd8\xff", b"\xff\xd9"),
}
TAIL = 1024
"""Bytes at the end of a file in which it must say that it is whole."""


def media_type(head: bytes, tail: bytes) -> MediaType | None:
    """What a file is, from how it begins and ends; null when it is none that is taken."""
    for kind, (first, last) in _MARKS.items():
        if head.startswith(first) and last in tail:
            return kind
    return None


class Attachment(Model):
    """A file that was uploaded by an account, to be named in one report."""

    id = fields.BigIntField(primary_key=True)
    sha256 = fields.CharField(max_length=64, db_index=True)
    media_type = fields.CharEnumField(MediaType, max_length=32)
    size = fields.IntField()
    uploaded_at = fields.DatetimeField()
    uploaded_by: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="attachments", on_delete=fields.SET_NULL, null=True
    )

    uploaded_by_id: int | None

    class Meta:
        table = "attachment"

    @classmethod
    def new(cls, sha256: str, kind: MediaType, size: int, *, by: int) -> Self:
        """One that is still to be saved."""
        now = datetime.now(UTC)
        return cls(sha256=sha256, media_type=kind, size=size, uploaded_at=now, uploaded_by_id=by)

    @classmethod
    async def release(cls, key: int) -> None:
        """No report is to name it any more: it waits no longer to be removed."""
        await cls.filter(id=key).update(uploaded_at=datetime.now(UTC) - KEPT)


class Folder:
    """Where the bytes are: shared by all processes, each file under its SHA-256."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def begun(self) -> "Upload":
        """A file that is being written. Raises OSError."""
        self._path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Upload(self._path)

    def read(self, sha256: str) -> bytes:
        """The bytes of a file. Raises OSError."""
        return _place(self._path, sha256).read_bytes()

    def fresh(self, sha256: str, since: datetime) -> bool:
        """Whether the bytes were written since then: someone may upload the same just now."""
        place = _place(self._path, sha256)
        return place.exists() and place.stat().st_mtime >= since.timestamp()

    def remove(self, sha256: str) -> None:
        """Forget the bytes."""
        _place(self._path, sha256).unlink(missing_ok=True)

    def sweep(self, before: datetime) -> int:
        """Remove what uploads left behind that were cut short; how many."""
        left = [
            one for one in self._path.glob("*.part") if one.stat().st_mtime < before.timestamp()
        ]
        for one in left:
            one.unlink(missing_ok=True)
        return len(left)


class Upload:
    """A file that is being written: it is there whole, or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._part = folder / f"{uuid4().hex}.part"
        self._file: BinaryIO = self._part.open("xb")
        self._hash = hashlib.sha256()
        self._head = self._tail = b""
        self.size = 0

    def write(self, chunk: bytes) -> None:
        """Some more of it. Raises OSError."""
        self._file.write(chunk)
        self._hash.update(chunk)
        self._head = (self._head + chunk)[:16] if len(self._head) < 16 else self._head
        self._tail = (self._tail + chunk)[-TAIL:]
        self.size += len(chunk)

    @property
    def kind(self) -> MediaType | None:
        """What it is, by its content."""
        return media_type(self._head, self._tail)

    def keep(self) -> str:
        """Put it in its place, on the disk for good; its SHA-256. Raises OSError."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        name = self._hash.hexdigest()
        place = _place(self._folder, name)
        place.parent.mkdir(exist_ok=True, mode=0o700)
        self._part.replace(place)
        for folder in (place.parent, self._folder):
            _settle(folder)
        return name

    def drop(self) -> None:
        """Leave nothing of it."""
        with suppress(OSError):  # what could not be written can't be flushed
            self._file.close()
        self._part.unlink(missing_ok=True)


def _place(folder: Path, sha256: str) -> Path:
    return folder / sha256[:2] / sha256


def _settle(folder: Path) -> None:
    """See that the names in `folder` are on the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
