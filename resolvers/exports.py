"""Exports: what one asks to take out in bulk, and how far that is."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated

import orjson
import strawberry

from auth import scope
from auth.viewer import Viewer
from models import ids
from models.errors import (
    ExportEmpty,
    ExportExpired,
    ExportOutdated,
    ExportUnready,
)
from models.export import EXPORTING, WRITE, Conditions, Export, topic
from models.signal import announce
from models.sql import Sql
from models.task import Task
from models.wall import lifted
from resolvers import reference
from resolvers.context import Info
from resolvers.done import Done
from resolvers.events import EVENT
from resolvers.exported import SOURCES
from resolvers.locked import locked
from resolvers.names import ExportFault, ExportFormat, ExportKind, ExportState
from resolvers.offices import at_or_below
from resolvers.page import After, Before, Connection, First, Last, Order, Page, connect, whole
from resolvers.reviews import midnight
from resolvers.rows import Column, Noun, Row, as_datetime, count, select
from resolvers.selection import Selection, selected

EXPORT = Noun(
    name="Export",
    alias="x",
    source="export x",
    key="@.id",
    columns={
        "id": Column("@.id", lambda key: ids.encode("Export", key)),
        "kind": Column("@.kind", ExportKind),
        "format": Column("@.format", ExportFormat),
        "state": Column("@.state", ExportState),
        "steps": Column("@.state", lambda state: EXPORTING.possible(ExportState(state))),
        "fault": Column("@.fault", ExportFault),
        "rows": Column("CAST(@.rows AS text)", int),
        "total": Column("CAST(@.total AS text)", int),
        "size": Column("CAST(@.size AS text)"),
        "sha256": Column("@.sha256"),
        "url": Column(
            "CASE WHEN @.state = 'ready' THEN @.id END",
            lambda key: f"/exports/{ids.encode('Export', key)}",
        ),
        "version": Column("@.version"),
        "requested_at": Column("@.requested_at", as_datetime),
        "finished_at": Column("@.finished_at", as_datetime),
        "expires_at": Column("@.expires_at", as_datetime),
    },
)
LATEST = Order("export", Sql("x.id"), "x.id", parse=whole, descending=True)


@strawberry.input(description="Which rows: those that meet every condition given.")
class ExportFilter:
    networks: list[str] | None = strawberry.field(
        default=None, description="Codes of networks, one of which is concerned."
    )
    offices: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Ids of offices, one of which, or one below it, is concerned."
    )
    departments: list[str] | None = strawberry.field(
        default=None, description="Codes of departments, one of which the structure is in."
    )
    since: date | None = strawberry.field(
        default=None,
        description="Published, reported or happened on this day (Europe/Paris) or later.",
    )
    until: date | None = strawberry.field(
        default=None,
        description="Published, reported or happened on this day (Europe/Paris) or earlier.",
    )


Kind = Annotated[ExportKind, strawberry.argument(description="What is to be taken out.")]
Format = Annotated[ExportFormat, strawberry.argument(description="As which kind of file.")]
ExportWhere = Annotated[
    ExportFilter | None,
    strawberry.argument(description="Conditions; all that may be exported without."),
]
ExportId = Annotated[strawberry.ID, strawberry.argument(description="Id of the `Export`.")]
ExpectedVersion = Annotated[
    int,
    strawberry.argument(
        description="The `version` that was read: an export that changed since is left alone."
    ),
]


async def start(info: Info, kind: Kind, format: Format, where: ExportWhere = None) -> Done:  # noqa: A002  (its name in the API)
    """Ask for an export of what the viewer may take out; the worker writes it."""
    conditions = await _conditions(info, where or ExportFilter())
    within = scope.taking_out(info.context.viewer)
    if not await SOURCES[kind].total(within, conditions, cap=1):
        message = (
            "There is nothing within your scope that may be exported and meets these conditions."
        )
        raise ExportEmpty(message, "where")
    made = await Export.ask(info.context.viewer.account, kind, format, conditions)
    async with lifted():
        await Task.ask(WRITE, made.id)
    return Done(made.deed("export.started"), export=made.id)


async def cancel(
    info: Info,
    id: ExportId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
) -> Done:
    """Give an export up; its file can't be fetched any more."""
    key = ids.key_of("Export", id, "id")
    found = await locked(Export, EXPORT, scope.exports(info.context.viewer), key)
    await found.cancel(expected_version=expected_version)
    await announce(topic(found.id))
    return Done(found.deed("export.cancelled"), export=found.id)


async def fetched(viewer: Viewer, global_id: str) -> Export:
    """The export of this id, whose file the viewer may have now.

    Raises BadId, NotFound, ExportUnready, ExportExpired or ExportOutdated.
    """
    key = ids.key_of("Export", global_id, "id")
    found = await locked(Export, EXPORT, scope.exports(viewer), key)
    if found.state is ExportState.EXPIRED or found.over:
        raise ExportExpired("The export's file is gone: ask for another.")
    if found.state is not ExportState.READY:
        raise ExportUnready("The export can't be fetched; its state says why.")
    if await outdated(viewer, found):
        message = "Words were taken out since, or rights taken back: ask for another export."
        raise ExportOutdated(message)
    return found


async def outdated(viewer: Viewer, ready: Export) -> bool:
    """Whether what `viewer` may take out is less than is in the file."""
    within = scope.taking_out(viewer)
    lost = set(orjson.loads(ready.reach)) - set(scope.holdings(within))
    removed = scope.removals(within, ready.position, SOURCES[ready.kind].removals)
    return bool(lost or await count(EVENT, removed, cap=1))


async def listing(
    info: Info,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Connection:
    """What the viewer asked for, the latest first."""
    page = Page(first, after, last, before)
    return await connect(EXPORT, scope.exports(info.context.viewer), selected(info), LATEST, page)


async def by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The export of `key`, if the viewer asked for it."""
    return await owned(info.context.viewer, key, selection)


async def owned(viewer: Viewer, key: int, selection: Selection) -> Row | None:
    """The export of `key`, if `viewer` asked for it."""
    scoped = scope.exports(viewer).narrow(where=[Sql("x.id = ?", (key,))])
    return next(iter(await select(EXPORT, scoped, selection)), None)


async def _conditions(info: Info, where: ExportFilter) -> Conditions:
    met = Conditions(
        since=_midnight(where.since, "since"), until=_midnight(where.until, "until", days=1)
    )
    if where.networks is not None:
        keys = await reference.network_keys(info, where.networks, "where", "networks")
        met = replace(met, networks=tuple(keys))
    if where.offices is not None:
        met = replace(met, offices=tuple(await at_or_below(where.offices, "where", "offices")))
    if where.departments is not None:
        codes = await reference.department_codes(info, where.departments, "where", "departments")
        met = replace(met, departments=tuple(codes))
    return met


def _midnight(day: date | None, field: str, days: int = 0) -> datetime | None:
    return None if day is None else midnight(day, field, days)
