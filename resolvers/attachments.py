"""Files that come with reports: brought by who may bring reports in, read by who reads those."""

from typing import Any
from urllib.parse import quote

from auth import scope
from auth.permissions import Permission
from auth.viewer import Viewer
from models import ids
from models.attachment import MAX_UNUSED, Attachment, MediaType
from models.audit import AuditEntry, Deed, Doer
from models.sql import Sql
from models.wall import behind
from resolvers.locked import locked
from resolvers.rows import Column, Noun, Row, count, everything, select

ATTACHMENT = Noun(
    name="Attachment",
    alias="x",
    source="attachment x",
    key="@.id",
    columns={
        "id": Column("@.id", lambda key: ids.encode("Attachment", key)),
        "url": Column("@.id", lambda key: f"/attachments/{quote(ids.encode('Attachment', key))}"),
        "media_type": Column("@.media_type", MediaType),
        "size": Column("@.size"),
        "sha256": Column("@.sha256"),
    },
)


def may_upload(viewer: Viewer) -> bool:
    """Whether the viewer may bring reports in, and so the files that come with them."""
    return bool({Permission.INTAKE, Permission.REPLY} & viewer.can)


async def crowded(viewer: Viewer) -> bool:
    """Whether the viewer uploaded as many files as may wait to be named in a report."""
    async with behind(scope.reach(viewer)):
        waiting = await count(ATTACHMENT, scope.unused(viewer), MAX_UNUSED)
    return waiting >= MAX_UNUSED


async def uploaded(
    viewer: Viewer, doer: Doer, sha256: str, kind: MediaType, size: int
) -> dict[str, Any]:
    """Write down a file that is in its place: what the uploader is told of it."""
    async with behind(scope.reach(viewer), change=True):
        made = Attachment.new(sha256, kind, size, by=viewer.account)
        await made.save()
        key = ids.encode("Attachment", made.id)
        facts = {"mediaType": kind.value, "size": size}
        await AuditEntry.add(Deed("attachment.uploaded", key, facts=facts), doer)
    return {"id": key, "mediaType": kind.value, "size": size, "sha256": sha256}


async def by_id(viewer: Viewer, global_id: str) -> Row | None:
    """The file of an id, if the viewer may read it. Raises BadId."""
    key = ids.key_of("Attachment", global_id)
    scoped = scope.attachments(viewer).narrow(where=[Sql("x.id = ?", (key,))])
    async with behind(scope.reach(viewer)):
        return next(iter(await select(ATTACHMENT, scoped, everything(ATTACHMENT))), None)


async def named(viewer: Viewer, global_id: str | None, *field: str) -> int | None:
    """The key of a file that a new report names, held for it. Raises BadId or NotFound."""
    if global_id is None:
        return None
    key = ids.key_of("Attachment", global_id, *field)
    await locked(Attachment, ATTACHMENT, scope.unused(viewer), key, *field)
    return key
