"""What happens, told as it happens: read from the log, so that what is told live is what is kept.

Whoever follows has a position in the log and nothing else: there is no queue that may grow, and no
seam between what was missed and what is new. Before each event the viewer is read again.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import suppress
from typing import Annotated, TypeVar

import strawberry

from auth import scope
from auth.viewer import Viewer
from models import ids
from models.errors import NotFound, ResyncRequired
from models.event import CATALOGUE, TOPIC, EventLog
from models.export import UNFINISHED, topic
from models.signal import listening
from models.sql import Sql
from models.wall import behind
from resolvers import exports, reference
from resolvers.changes import known_types
from resolvers.context import Info
from resolvers.events import Stretch, between, position
from resolvers.exports import ExportId
from resolvers.offices import at_or_below
from resolvers.rows import Row
from resolvers.selection import NOTHING, Selection, selected

T = TypeVar("T")

LOOK = 5.0
"""Seconds after which one looks for what is new, had the word of it been lost."""

AT_ONCE = 50
"""Events that are read at once."""


@strawberry.input(description="Which events: those that meet every condition given.")
class EventFilter:
    types: list[str] | None = strawberry.field(
        default=None, description="Types, such as `review.published`: one of these."
    )
    networks: list[str] | None = strawberry.field(
        default=None, description="Codes of networks, in one of which it happened."
    )
    offices: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Ids of offices, at one of which, or one below it, it happened."
    )
    departments: list[str] | None = strawberry.field(
        default=None, description="Codes of departments, in one of which it happened."
    )


After = Annotated[
    str | None,
    strawberry.argument(
        description="A cursor of an event, or the `endCursor` of `changes`: what happened since is "
        "told first, each event once. What happens from now on without."
    ),
]
Where = Annotated[
    EventFilter | None, strawberry.argument(description="Conditions; all events without.")
]


async def review_events(
    info: Info, after: After = None, where: Where = None
) -> AsyncGenerator[Row, None]:
    """What happens to reviews and their replies."""
    return await _events(info, after, where, ("review.", "reply."))


async def report_events(
    info: Info, after: After = None, where: Where = None
) -> AsyncGenerator[Row, None]:
    """What happens to reports of documents."""
    return await _events(info, after, where, ("report.",))


async def export_progress(
    info: Info,
    id: ExportId,  # noqa: A002  (its name in the API)
) -> AsyncGenerator[Row, None]:
    """How far an export is, each time that it got further; ends with it."""
    key, wanted = ids.key_of("Export", id, "id"), selected(info)
    if await _export(info, key, NOTHING) is None:
        raise NotFound("There is nothing by this id within your scope.", "id")
    return _progress(info, key, wanted)


async def _progress(info: Info, key: int, wanted: Selection) -> AsyncGenerator[Row, None]:
    told = None
    with listening(topic(key)) as rung:
        while True:
            rung.clear()
            row = await _export(info, key, wanted | _HOW_FAR)
            if row is None:
                return
            now = (row.version, row.rows, row.total)
            if now != told:
                told = now
                yield row
            if row.state not in UNFINISHED:
                return
            await _rung(rung)


_HOW_FAR = Selection(dict.fromkeys(("state", "rows", "total", "version"), NOTHING))


async def _export(info: Info, key: int, wanted: Selection) -> Row | None:
    viewer = await _viewer(info)

    async with behind(scope.reach(viewer)):
        return await exports.owned(viewer, key, wanted)


async def _events(
    info: Info, after: str | None, where: EventFilter | None, kinds: tuple[str, ...]
) -> AsyncGenerator[Row, None]:
    where = where or EventFilter()
    ours = [name for name in CATALOGUE if name.startswith(kinds)]
    types = known_types(where.types, "where", "types", among=ours) or ours
    viewer = await _viewer(info)
    async with behind(scope.reach(viewer)):
        met, span = await _conditions(info, where), await EventLog.span()
    place = span.head if after is None else position(viewer, after)
    if place is None or not span.floor <= place <= span.head:
        raise _lost("after")
    return _followed(info, scope.follows(viewer), place, types, met)


async def _followed(
    info: Info, follows: str, place: int, types: Sequence[str], met: Sequence[Sql]
) -> AsyncGenerator[Row, None]:
    """Events after `place`, in order, each once, for as long as the viewer follows the same."""
    wanted = selected(info)
    with listening(TOPIC) as rung:
        while True:
            rung.clear()
            viewer = await _same(info, follows)
            found = await _read(viewer, place, wanted, types, met)
            for row in found.rows:
                await _same(info, follows)
                yield row
            place = found.position
            if not found.more:
                await _rung(rung)


async def _read(
    viewer: Viewer, place: int, wanted: Selection, types: Sequence[str], met: Sequence[Sql]
) -> Stretch:
    async with behind(scope.reach(viewer)):
        span = await EventLog.span()
        if place < span.floor:
            raise _lost()
        return await between(viewer, place, span.head, wanted, AT_ONCE, types, met)


async def _same(info: Info, follows: str) -> Viewer:
    """The viewer as of now. Raises ResyncRequired when they may follow something else."""
    viewer = await _viewer(info)
    if scope.follows(viewer) != follows:
        raise _lost()
    return viewer


async def _viewer(info: Info) -> Viewer:
    again = info.context.again
    return info.context.viewer if again is None else await again()


async def _rung(rung: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(LOOK):
            await rung.wait()


def _lost(*field: str) -> ResyncRequired:
    message = "This can't be gone on from: read the lists anew, then follow from now on."
    return ResyncRequired(message, *field)


async def _conditions(info: Info, where: EventFilter) -> list[Sql]:
    met: list[tuple[str, Iterable[object]]] = []
    if where.networks is not None:
        keys = await reference.network_keys(info, where.networks, "where", "networks")
        met.append(("network_id", keys))
    if where.offices is not None:
        met.append(("office_id", await at_or_below(where.offices, "where", "offices")))
    if where.departments is not None:
        codes = await reference.department_codes(info, where.departments, "where", "departments")
        met.append(("department_id", codes))
    return [Sql(f"e.{column} IN ??", (list(keys),)) for column, keys in met]
