"""What happens, as it is followed: the log of events after a place in it, through the gate."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from auth import scope
from auth.viewer import Viewer
from models import ids
from models.errors import BadCursor
from models.event import TOMBSTONES, EventLog
from models.sql import Sql
from resolvers import reference
from resolvers.context import Info
from resolvers.offices import OFFICE
from resolvers.rows import Column, Noun, One, Ordering, Row, as_datetime, select
from resolvers.selection import Selection

EVENT = Noun(
    name="Event",
    alias="e",
    source="event e",
    key="@.id",
    columns={
        "id": Column("@.id", lambda key: ids.encode("Event", key)),
        "position": Column("CAST(@.id AS text)"),
        "at": Column("@.at", as_datetime),
        "type": Column("@.type"),
        "catalogue": Column("@.catalogue"),
        "subject": Column("@.subject"),
        "item": Column("@.item"),
        "tombstone": Column("@.type", TOMBSTONES.__contains__),
        "facts": Column("@.facts", orjson.loads),
    },
    ones={
        "network": One(reference.NETWORK, "LEFT JOIN network # ON #.id = @.network_id"),
        "department": One(
            reference.DEPARTMENT, "LEFT JOIN department # ON #.code = @.department_id"
        ),
        "office": One(OFFICE, "LEFT JOIN office # ON #.id = @.office_id"),
    },
)
_IN_ORDER = Sql("e.id ASC")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Events in order, and the position up to which all were looked at: go on from there."""

    rows: Sequence[Row]
    position: int
    more: bool = False
    resync: bool = False
    """Nothing is told: what lies between is not all kept, so everything must be read anew."""


async def stretch(
    viewer: Viewer,
    after: int | None,
    selection: Selection,
    most: int,
    *types: str,
) -> Stretch:
    """At most `most` events that `viewer` may follow, after the position `after`.

    None is left out and none comes twice, as long as one goes on from where the last one ended.
    Raises BadCursor for a position that was not reached yet.
    """
    span = await EventLog.span()
    if after is not None and after > span.head:
        raise _foreign()
    if after is None or after < span.floor:
        return Stretch((), span.head, resync=True)
    return await between(viewer, after, span.head, selection, most, types)


async def between(
    viewer: Viewer,
    after: int,
    head: int,
    selection: Selection,
    most: int,
    types: Sequence[str] = (),
    where: Sequence[Sql] = (),
) -> Stretch:
    """The same of what is kept, up to `head`, which was read before (`EventLog.span`)."""
    met = [Sql("e.id > ? AND e.id <= ?", (after, head)), *where]
    if types:
        met.append(Sql("e.type IN ??", (list(types),)))
    scoped = scope.events(viewer).narrow(where=met)
    rows = await select(EVENT, scoped, selection, Ordering(_IN_ORDER, most + 1, Sql("e.id")))
    more, rows = len(rows) > most, rows[:most]
    last = rows[-1].key if more and rows else after if more else head
    return Stretch(_with_cursors(viewer, rows), last, more=more)


async def by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The event of `key`, if the viewer may follow it and it is still kept."""
    viewer = info.context.viewer
    scoped = scope.events(viewer).narrow(where=[Sql("e.id = ?", (key,))])
    return next(iter(_with_cursors(viewer, await select(EVENT, scoped, selection))), None)


def cursor(viewer: Viewer, position: int) -> str:
    """Where `viewer` has got to; good for as long as they may follow what they may follow now."""
    place = orjson.dumps(["events", position, scope.follows(viewer)])
    return base64.urlsafe_b64encode(place).decode().rstrip("=")


def position(viewer: Viewer, cursor: str) -> int | None:
    """The position of `cursor`; None when `viewer` could follow something else then.

    Raises BadCursor for what was not issued here.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        name, place, follows = orjson.loads(base64.b64decode(padded, b"-_", validate=True))
        known = name == "events" and type(place) is int and place >= 0 and type(follows) is str
    except (binascii.Error, ValueError, TypeError):
        known = False
    if not known:
        raise _foreign()
    return int(place) if follows == scope.follows(viewer) else None


def _foreign() -> BadCursor:
    return BadCursor("This cursor is not of the events here: read all anew.", "after")


def _with_cursors(viewer: Viewer, rows: Sequence[Row]) -> Sequence[Row]:
    for row in rows:
        row.cursor = cursor(viewer, row.key)
    return rows
