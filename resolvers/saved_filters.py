"""Filters that a viewer keeps under a name."""

from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Annotated, Any

import strawberry
from strawberry.utils.str_converters import to_camel_case

from auth import scope
from models import ids
from models.audit import Deed
from models.said import MAX_NAME
from models.saved_filter import SavedFilter
from models.sql import Sql
from resolvers import reviews
from resolvers.context import Info
from resolvers.done import Done
from resolvers.locked import locked
from resolvers.reviews import ReviewFilter
from resolvers.routing import ExpectedVersion
from resolvers.rows import Row, select
from resolvers.selection import Selection, selected
from resolvers.work_rows import SAVED_FILTER

FilterId = Annotated[strawberry.ID, strawberry.argument(description="Id of the `SavedFilter`.")]
Name = Annotated[
    str,
    strawberry.argument(
        description=f"What it is called: 1 to {MAX_NAME} characters, once for each account."
    ),
]
NewName = Annotated[
    str | None, strawberry.argument(description="What it is to be called; as it is, without.")
]
Conditions = Annotated[ReviewFilter, strawberry.argument(description="Its conditions.")]
NewConditions = Annotated[
    ReviewFilter | None, strawberry.argument(description="Its conditions; as they are, without.")
]


async def create(info: Info, name: Name, where: Conditions) -> Done:
    """Keep a filter of reviews under a name."""
    await reviews.check(info, where)
    by = info.context.viewer.account
    return _changed("filter.kept", await SavedFilter.keep(name, as_json(where), by=by))


async def update(
    info: Info,
    id: FilterId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
    name: NewName = None,
    where: NewConditions = None,
) -> Done:
    """Call a filter otherwise, or keep other conditions."""
    found = await _own(info, id)
    if where is not None:
        await reviews.check(info, where)
    told = None if where is None else as_json(where)
    await found.change(name, told, expected_version=expected_version)
    return _changed("filter.changed", found)


async def remove(
    info: Info,
    id: FilterId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
) -> Done:
    """Keep a filter no longer."""
    found = await _own(info, id)
    await found.remove(expected_version=expected_version)
    return Done(Deed("filter.removed", id), told={"removed_id": id})


async def listing(info: Info) -> list[Row]:
    """The filters that the viewer keeps, in the order in which they were made."""
    rows = await select(SAVED_FILTER, scope.saved_filters(info.context.viewer), selected(info))
    return sorted(rows, key=lambda row: row.key)


async def by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The filter of `key`, if it is the viewer's."""
    scoped = scope.saved_filters(info.context.viewer).narrow(where=[Sql("l.id = ?", (key,))])
    return next(iter(await select(SAVED_FILTER, scoped, selection)), None)


def as_json(value: Any) -> Any:
    """An input as a client would send it as a variable, without what was left out."""
    if is_dataclass(value):
        given = ((one.name, getattr(value, one.name)) for one in fields(value))
        return {to_camel_case(name): as_json(part) for name, part in given if part is not None}
    if isinstance(value, list):
        return [as_json(one) for one in value]
    if isinstance(value, Enum):
        return value.name
    return value.isoformat() if isinstance(value, date) else value


def _changed(action: str, found: SavedFilter) -> Done:
    deed = Deed(action, ids.encode("SavedFilter", found.id), facts={"version": found.version})
    return Done(deed, saved_filter=found.id)


async def _own(info: Info, global_id: str) -> SavedFilter:
    key = ids.key_of("SavedFilter", global_id, "id")
    return await locked(SavedFilter, SAVED_FILTER, scope.saved_filters(info.context.viewer), key)
