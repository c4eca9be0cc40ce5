"""What happened, as exports have it."""

from collections.abc import Sequence
from typing import Any

import orjson

from auth import scope
from auth.scope import Scoped
from auth.viewer import Viewer
from models.export import Conditions
from resolvers.events import EVENT
from resolvers.exporting import Field, Flat, Listed, Value, met, picked
from resolvers.rows import Row

_EVENT = picked(
    *("id", "at", "type", "subject", "item", "facts"),
    network=picked("code"),
    department=picked("code"),
    office=picked("id"),
)
_EVENT_FIELDS = (
    Field("id"),
    Field("at", Value.MOMENT),
    *map(Field, ("type", "subject", "item", "network", "department", "officeId", "facts")),
)


def _events(viewer: Viewer, conditions: Conditions) -> Scoped[Any]:
    return scope.events(viewer).narrow(where=met(conditions, "e.at", alias="e"))


async def _flat_events(_: Viewer, rows: Sequence[Row]) -> list[Flat]:
    return [
        {
            "id": row.id,
            "at": row.at,
            "type": row.type,
            "subject": row.subject,
            "item": row.item,
            "network": row.network and row.network.code,
            "department": row.department and row.department.code,
            "officeId": row.office and row.office.id,
            "facts": orjson.dumps(row.facts).decode(),
        }
        for row in rows
    ]


EVENTS = Listed(
    fields=_EVENT_FIELDS,
    noun=EVENT,
    key="e.id",
    selection=_EVENT,
    scoped=_events,
    flat=_flat_events,
)
