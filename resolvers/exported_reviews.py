"""Reviews and replies, as exports have them."""

from collections.abc import Sequence
from typing import Any

from auth import scope
from auth.scope import Scoped
from auth.viewer import Viewer
from models import ids
from models.export import Conditions
from models.sql import Sql
from resolvers.exporting import Field, Flat, Listed, Value, met, picked
from resolvers.names import ReplyState
from resolvers.review_rows import AXES, REPLY, REVIEW, STRUCTURE
from resolvers.rows import Row, everything, select

NUMBERS = (1, 2, 3)
_BOOLEAN, _MOMENT = Value.BOOLEAN, Value.MOMENT
_REVIEW_FIELDS = (
    *map(Field, ("id", "source", "sourceId", "title", "description", "sentiment")),
    Field("writtenOn", Value.DAY),
    Field("publishedAt", _MOMENT),
    *map(Field, ("postedAs", "country", "postalCode", "improvement", "action")),
    Field("procedure"),
    Field("version", Value.NUMBER),
    Field("redacted", _BOOLEAN),
    *(Field(axis) for axis in AXES.values()),
)
_PART_FIELDS = (
    *map(Field, ("network", "officeId", "office", "department", "channels")),
    Field("answered", _BOOLEAN),
    Field("repliedAt", _MOMENT),
    Field("reply"),
)


_PART = picked(
    *("position", "receivedName", "channels", "answered", "repliedAt", "reviewKey"),
    network=picked("code", "name"),
    office=picked("id", "name"),
    department=picked("code"),
    reply=picked("greeting", "body", "signature"),
)


def published(viewer: Viewer, conditions: Conditions) -> Scoped[Any]:
    """The reviews that are taken out."""
    return scope.reviews(viewer).narrow(parts=met(conditions, "s.published_at"))


def _replies(viewer: Viewer, conditions: Conditions) -> Scoped[Any]:
    published = Sql("p.state = ?", (ReplyState.PUBLISHED.value,))
    return scope.replies(viewer).narrow(where=[published, *met(conditions, "p.published_at")])


async def parts_of(viewer: Viewer, reviews: Sequence[Row]) -> dict[int, list[Row]]:
    """The structures of each of `reviews`, in order, three at most."""
    found: dict[int, list[Row]] = {row.key: [] for row in reviews}
    among = Sql("s.review_id IN ??", (list(found),))
    for row in await select(STRUCTURE, scope.structures(viewer).narrow(where=[among]), _PART):
        found[row.review_key].append(row)
    return {key: sorted(rows, key=lambda row: row.position)[:3] for key, rows in found.items()}


async def _flat_reviews(viewer: Viewer, rows: Sequence[Row]) -> list[Flat]:
    parts = await parts_of(viewer, rows)
    return [_flat_review(row, parts[row.key]) for row in rows]


def _flat_review(row: Row, parts: Sequence[Row]) -> Flat:
    flat = {
        "id": row.id,
        "source": row.source,
        "sourceId": row.source_id,
        "title": row.title,
        "description": row.description,
        "sentiment": row.sentiment.name,
        "writtenOn": row.written_on,
        "publishedAt": row.published_at,
        "postedAs": row.posted_as,
        "country": row.country,
        "postalCode": row.postal_code,
        "improvement": row.improvement,
        "action": row.action,
        "procedure": row.procedure and row.procedure.code,
        "version": row.version,
        "redacted": row.redacted,
    }
    for axis in AXES.values():
        said = getattr(row.axes, axis)
        flat[axis] = None if said is None else said.name
    for number in NUMBERS:
        part = parts[number - 1] if number <= len(parts) else None
        values = dict.fromkeys(field.name for field in _PART_FIELDS) if part is None else _of(part)
        flat.update({f"{name}{number}": value for name, value in values.items()})
    return flat


def _of(part: Row) -> Flat:
    return {
        "network": part.network.code,
        "officeId": part.office and part.office.id,
        "office": part.office.name if part.office else part.received_name,
        "department": part.department and part.department.code,
        "channels": ",".join(channel.name for channel in part.channels),
        "answered": part.answered,
        "repliedAt": part.replied_at,
        "reply": whole(part.reply),
    }


def whole(reply: Row | None) -> str | None:
    """A reply as its reader has it."""
    if reply is None:
        return None
    return "\n\n".join(filter(None, (reply.greeting, reply.body, reply.signature)))


_REPLY_FIELDS = (
    *map(Field, ("id", "structureId", "greeting", "body", "signature")),
    Field("publishedAt", _MOMENT),
    Field("editedAt", _MOMENT),
    Field("helpful", _BOOLEAN),
    Field("version", Value.NUMBER),
)


async def _flat_replies(_: Viewer, rows: Sequence[Row]) -> list[Flat]:
    return [
        {
            "id": row.id,
            "structureId": ids.encode("ReviewStructure", row.structure_key),
            "greeting": row.greeting,
            "body": row.body,
            "signature": row.signature,
            "publishedAt": row.published_at,
            "editedAt": row.edited_at,
            "helpful": row.helpful,
            "version": row.version,
        }
        for row in rows
    ]


REVIEWS = Listed(
    fields=(
        *_REVIEW_FIELDS,
        *(
            Field(f"{field.name}{number}", field.value)
            for number in NUMBERS
            for field in _PART_FIELDS
        ),
    ),
    noun=REVIEW,
    key="s.review_id",
    selection=everything(REVIEW),
    scoped=published,
    flat=_flat_reviews,
)
REPLIES = Listed(
    fields=_REPLY_FIELDS,
    noun=REPLY,
    key="p.id",
    selection=everything(REPLY),
    scoped=_replies,
    flat=_flat_replies,
)
