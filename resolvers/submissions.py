"""Reviews on their way to publication: the moderators' queue, and what a machine brought in."""

from typing import Annotated, Any

import orjson
import strawberry

from auth import scope
from models import ids
from models.sql import Sql
from models.submission import AXES, MODERATING, TEXTS, SubmissionState
from resolvers import findings, reference
from resolvers.context import Info
from resolvers.names import (
    EntryMode,
    RejectReason,
    Sentiment,
)
from resolvers.names import SubmissionState as StateName
from resolvers.offices import MAX_VALUES, bounded
from resolvers.page import After, Before, Connection, First, Last, Order, Page, connect
from resolvers.procedures import NAMED, with_named
from resolvers.review_rows import channels_of
from resolvers.rows import Column, Noun, One, Row, as_date, as_datetime, select
from resolvers.selection import Selection, selected


def _findings(stored: str) -> list[Row]:
    found = orjson.loads(stored)
    return findings.rows({name: found.get(name, []) for name in TEXTS})


def _parts(stored: str) -> list[Row]:
    rows = []
    for part in orjson.loads(stored):
        row = Row()
        row.network_key, row.department_code = part["network_id"], part["department_id"]
        office = part["office_id"]
        row.office_id = ids.encode("Office", office) if office else None
        row.received_name, row.channels = part["received_name"], channels_of(part["channels"])
        rows.append(row)
    return rows


SUBMISSION = Noun(
    name="Submission",
    alias="q",
    source="submission q",
    key="@.id",
    columns={
        "id": Column("@.id", lambda key: ids.encode("Submission", key)),
        "source": Column("@.source"),
        "source_id": Column("@.source_id"),
        "entry": Column("@.entry", EntryMode),
        "state": Column("@.state", StateName),
        "steps": Column("@.state", lambda state: MODERATING.possible(SubmissionState(state))),
        "title": Column("@.title"),
        "description": Column("@.description"),
        "sentiment": Column("@.sentiment", Sentiment),
        "written_on": Column("@.written_on", as_date),
        "posted_as": Column("@.posted_as"),
        "country": Column("@.country"),
        "postal_code": Column("@.postal_code"),
        "structures": Column("@.parts", _parts),
        "findings": Column("@.findings", _findings),
        "reason": Column("@.reason", RejectReason),
        "note": Column("@.note"),
        "version": Column("@.version"),
        "submitted_at": Column("@.submitted_at", as_datetime),
        "submitted_by": Column("@.submitted_by_id", lambda key: ids.encode("Account", key)),
        "decided_at": Column("@.decided_at", as_datetime),
        "review_id": Column("@.review_id", lambda key: ids.encode("Review", key)),
    },
    ones={
        "procedure": NAMED,
        "axes": One(
            Noun(
                name="ReviewAxes",
                alias="q",
                source="submission q",
                key="@.id",
                columns={name: Column(f"@.{name}", Sentiment) for name in AXES},
            )
        ),
    },
)
QUEUE = Order("queue", Sql("q.submitted_at"), "q.id", parse=as_datetime)


@strawberry.input(description="Which submissions: those that meet every condition given.")
class SubmissionFilter:
    states: list[StateName] | None = strawberry.field(
        default=None, description="In one of these states."
    )
    suspect: bool | None = strawberry.field(
        default=None, description="Whether the rules found something to look at."
    )
    entries: list[EntryMode] | None = strawberry.field(
        default=None, description="Come in by one of these ways."
    )
    sources: list[str] | None = strawberry.field(
        default=None, description="From one of these sources."
    )
    source_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description=f"Of one of these identifiers at their source, at most {MAX_VALUES}: so a "
        "platform finds the id and the version of what it handed over.",
    )


SubmissionWhere = Annotated[
    SubmissionFilter | None, strawberry.argument(description="Conditions; all of them without.")
]


async def queue(
    info: Info,
    where: SubmissionWhere = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Connection:
    """Submissions in reach, the oldest first."""
    where = where or SubmissionFilter()
    met: list[Sql] = []
    for column, values in (("state", where.states), ("entry", where.entries)):
        if values is not None:
            met.append(Sql(f"q.{column} IN ??", ([one.value for one in values],)))
    for column, given in (("source", where.sources), ("source_id", where.source_ids)):
        if given is not None:
            # No identifier holds what can't be printed, and PostgreSQL takes no NUL.
            named = [str(one) for one in bounded(given, "where") if str(one).isprintable()]
            met.append(Sql(f"q.{column} IN ??", (named,)))
    if where.suspect is not None:
        met.append(Sql("q.suspects > 0" if where.suspect else "q.suspects = 0"))
    scoped = scope.submissions(info.context.viewer).narrow(where=met)

    async def finish(rows: Any, wanted: Selection) -> None:
        await _with_networks(info, rows, wanted)
        await with_named(info, rows, wanted)

    page = Page(first, after, last, before)
    return await connect(SUBMISSION, scoped, selected(info), QUEUE, page, finish)


async def by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The submission of `key`, for moderators and for whoever brought it in."""
    scoped = scope.submissions(info.context.viewer).narrow(where=[Sql("q.id = ?", (key,))])
    rows = await select(SUBMISSION, scoped, selection)
    await _with_networks(info, rows, selection)
    await with_named(info, rows, selection)
    return next(iter(rows), None)


async def _with_networks(info: Info, rows: Any, selection: Selection) -> None:
    if "structures" not in selection:
        return
    codes = {network.key: network.code for network in await reference.networks(info)}
    for row in rows:
        for part in row.structures:
            part.network_code = codes[part.network_key]
