"""What happens, as it is followed: the log of events after a place in it, through the gate."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from auth import scope
from auth.viewer import Viewer
from models import ids
from models.event import TOMBSTONES, EventLog
from models.sql import Sql
from resolvers import reference
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
        "office_id": Column("@.office_id", lambda key: ids.encode("Office", key)),
    },
    ones={
        "network": One(reference.NETWORK, "LEFT JOIN network # ON #.id = @.network_id"),
        "department": One(
            reference.DEPARTMENT, "LEFT JOIN department # ON #.code = @.department_id"
        ),
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
    viewer: Viewer, after: int, selection: Selection, most: int, *types: str
) -> Stretch:
    """At most `most` events that `viewer` may follow, after the position `after`.

    None is left out and none comes twice, as long as one goes on from where the last one ended.
    """
    span = await EventLog.span()
    if after < span.floor:
        return Stretch((), span.head, resync=True)
    met = [Sql("e.id > ? AND e.id <= ?", (after, span.head))]
    if types:
        met.append(Sql("e.type IN ??", (list(types),)))
    scoped = scope.events(viewer).narrow(where=met)
    rows = await select(EVENT, scoped, selection, Ordering(_IN_ORDER, most + 1, Sql("e.id")))
    more = len(rows) > most
    rows = rows[:most]
    return Stretch(rows, rows[-1].key if more else span.head, more=more)


async def by_key(viewer: Viewer, key: int, selection: Selection) -> Row | None:
    """The event of `key`, if `viewer` may follow it and it is still kept."""
    scoped = scope.events(viewer).narrow(where=[Sql("e.id = ?", (key,))])
    return next(iter(await select(EVENT, scoped, selection)), None)
