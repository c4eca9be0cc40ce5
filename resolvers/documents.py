"""Documents that were reported: how often, for what, and what became of it."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

from auth import scope
from models import ids
from models.report import DocumentReport
from models.sql import Sql, every
from resolvers import reference
from resolvers.context import Info
from resolvers.names import ReportReason, ReportState
from resolvers.page import After, Before, Connection, First, Last, Order, Page, connect
from resolvers.rows import Column, Noun, One, Row, select, tally
from resolvers.selection import Selection, selected

DOCUMENT = Noun(
    name="Document",
    alias="m",
    source="document m",
    key="@.id",
    columns={
        "id": Column("@.id", lambda key: ids.encode("Document", key)),
        "title": Column("@.title"),
        "form_number": Column("@.form"),
        "url": Column("@.url"),
    },
    ones={"network": One(reference.NETWORK, "JOIN network # ON #.id = @.network_id")},
)
OF_DOCUMENT = Noun("DocumentReport", "d", "document_report d", "@.id", {})


@strawberry.input(description="Which documents: those that meet every condition given.")
class DocumentFilter:
    networks: list[str] | None = strawberry.field(
        default=None, description="Codes of networks, one of which it is of."
    )


DocumentWhere = Annotated[
    DocumentFilter | None, strawberry.argument(description="Conditions; all of them without.")
]


async def listing(
    info: Info,
    where: DocumentWhere = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Connection:
    """Documents, the most reported first."""
    where, viewer = where or DocumentFilter(), info.context.viewer
    met = []
    if where.networks is not None:
        keys = await reference.network_keys(info, where.networks, "where", "networks")
        met.append(Sql("m.network_id IN ??", (keys,)))
    counted = every(scope.reports_of_documents(viewer).where)
    text = f"SELECT count(*) FROM document_report d WHERE d.document_id = m.id AND ({counted.text})"
    order = Order("reports", Sql(f"({text})", counted.args), "m.id", parse=int, descending=True)

    async def finish(rows: Sequence[Row], wanted: Selection) -> None:
        await with_counts(info, rows, wanted)

    scoped = scope.documents(viewer).narrow(where=met)
    page = Page(first, after, last, before)
    return await connect(DOCUMENT, scoped, selected(info), order, page, finish)


async def by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The document of `key`, if a report of it is in reach."""
    return next(iter(await _by_keys(info, [key], selection)), None)


async def most_reported(
    info: Info, met: Sequence[Sql], most: int, selection: Selection
) -> list[Row]:
    """Documents by how many reports in reach meet conditions: each count with its `document`."""
    scoped = scope.reports_of_documents(info.context.viewer).narrow(where=met)
    first = await tally(OF_DOCUMENT, scoped, "d.document_id", most=most)
    keys = [key for key, _ in first]
    documents = {row.key: row for row in await _by_keys(info, keys, selection.under("document"))}
    counted = [_of(documents[key]) for key in keys if key in documents]
    await _count(counted, scoped, keys)
    return counted


def _of(document: Row) -> Row:
    row = Row()
    row.key, row.document = document.key, document
    return row


async def _by_keys(info: Info, keys: Sequence[int], selection: Selection) -> list[Row]:
    among = Sql("m.id IN ??", (keys,))
    scoped = scope.documents(info.context.viewer).narrow(where=[among])
    rows = await select(DOCUMENT, scoped, selection)
    await with_counts(info, rows, selection)
    return rows


async def with_counts(info: Info, rows: Sequence[Row], selection: Selection) -> None:
    """Count the reports of each of `rows`, as far as the viewer reads them: one statement."""
    if rows and {"reports", "byState", "byReason"} & selection.keys():
        scoped = scope.reports_of_documents(info.context.viewer)
        await _count(rows, scoped, list({row.key for row in rows}))


async def _count(
    rows: Sequence[Row], scoped: scope.Scoped[DocumentReport], keys: Sequence[int]
) -> None:
    """Give each of `rows`, which are of the documents of `keys`, the reports in `scoped`."""
    among = scoped.narrow(where=[Sql("d.document_id IN ??", (keys,))])
    found = await tally(OF_DOCUMENT, among, "d.document_id", "d.state", "d.reason")
    for row in rows:
        mine = [one for one in found if one[0] == row.key]
        row.reports = sum(one[3] for one in mine)
        row.by_state = [
            _counted("state", state, sum(one[3] for one in mine if one[1] == state))
            for state in ReportState
        ]
        row.by_reason = [
            _counted("reason", reason, sum(one[3] for one in mine if one[2] == reason))
            for reason in ReportReason
        ]
        row.by_state = [one for one in row.by_state if one.reports]
        row.by_reason = [one for one in row.by_reason if one.reports]


def _counted(name: str, value: object, reports: int) -> Row:
    row = Row()
    setattr(row, name, value)
    row.reports = reports
    return row
