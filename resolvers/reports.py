"""Reports of documents, as those see them whom they concern, and who brought them in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import orjson
import strawberry

from auth import scope
from models import ids
from models.errors import BadInput
from models.report import REPORTING, TEXTS
from models.sql import Sql
from resolvers import documents, procedures, reference
from resolvers.attachments import ATTACHMENT
from resolvers.context import Info
from resolvers.names import (
    DiffOp,
    EntryMode,
    FindingKind,
    RejectReason,
    ReportReason,
    ReportState,
)
from resolvers.offices import OFFICE, at_or_below
from resolvers.page import After, Before, Connection, First, Last, Order, Page, connect
from resolvers.rows import Column, Noun, One, Row, as_datetime, select
from resolvers.selection import NOTHING, Selection, selected


def _findings(stored: str) -> list[Row]:
    rows = []
    for name in TEXTS:
        for kind, start, end in orjson.loads(stored).get(name, []):
            row = Row()
            row.field, row.kind, row.start, row.end = name, FindingKind(kind), start, end
            rows.append(row)
    return rows


def _pieces(stored: str) -> list[Row]:
    rows = []
    for op, text in orjson.loads(stored):
        row = Row()
        row.op, row.text = DiffOp(op), text
        rows.append(row)
    return rows


REPORT = Noun(
    name="DocumentReport",
    alias="d",
    source="document_report d",
    key="@.id",
    columns={
        "id": Column("@.id", lambda key: ids.encode("DocumentReport", key)),
        "source": Column("@.source"),
        "source_id": Column("@.source_id"),
        "entry": Column("@.entry", EntryMode),
        "state": Column("@.state", ReportState),
        "steps": Column("@.state", lambda state: REPORTING.possible(ReportState(state))),
        "title": Column("@.title"),
        "form_number": Column("@.form"),
        "url": Column("@.url"),
        "passage": Column("@.passage"),
        "suggestion": Column("@.suggestion"),
        "reason": Column("@.reason", ReportReason),
        "findings": Column("@.findings", _findings),
        "reject_reason": Column("@.reject_reason", RejectReason),
        "note": Column("@.note"),
        "before": Column("@.before"),
        "after": Column("@.after"),
        "diff": Column("@.diff", _pieces),
        "readability_before": Column("@.readability_before"),
        "readability_after": Column("@.readability_after"),
        "version": Column("@.version"),
        "submitted_at": Column("@.submitted_at", as_datetime),
        "submitted_by": Column("@.submitted_by_id", lambda key: ids.encode("Account", key)),
    },
    ones={
        "document": One(documents.DOCUMENT, "LEFT JOIN document # ON #.id = @.document_id"),
        "network": One(reference.NETWORK, "JOIN network # ON #.id = @.network_id"),
        "office": One(OFFICE, "LEFT JOIN office # ON #.id = @.office_id"),
        "department": One(
            reference.DEPARTMENT, "LEFT JOIN department # ON #.code = @.department_id"
        ),
        "procedure": procedures.NAMED,
        "attachment": One(ATTACHMENT, "LEFT JOIN attachment # ON #.id = @.attachment_id"),
    },
)
VERSION = Noun(
    name="ReportVersion",
    alias="w",
    source="report_version w JOIN document_report d ON d.id = w.report_id",
    key="@.id",
    columns={
        "version": Column("@.version"),
        "step": Column("@.step"),
        "state": Column("@.state", ReportState),
        "at": Column("@.at", as_datetime),
        "by": Column("@.by_id", lambda key: ids.encode("Account", key)),
    },
)
NEWEST = Order("report", Sql("d.submitted_at"), "d.id", parse=as_datetime, descending=True)


@strawberry.input(description="Which reports: those that meet every condition given.")
class DocumentReportFilter:
    states: list[ReportState] | None = strawberry.field(
        default=None, description="In one of these states."
    )
    reasons: list[ReportReason] | None = strawberry.field(
        default=None, description="For one of these reasons."
    )
    networks: list[str] | None = strawberry.field(
        default=None, description="Codes of networks, one of which it concerns."
    )
    departments: list[str] | None = strawberry.field(
        default=None, description="Codes of departments, one of which it concerns."
    )
    offices: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Ids of offices, one of which, or one below it, it concerns."
    )
    document: strawberry.ID | None = strawberry.field(
        default=None, description="Id of the `Document`."
    )
    procedures: list[str] | None = strawberry.field(
        default=None, description="Codes of procedures, one of which it names."
    )
    suspect: bool | None = strawberry.field(
        default=None, description="Whether the rules found something to look at."
    )
    since: datetime | None = strawberry.field(default=None, description="Come in then or later.")
    until: datetime | None = strawberry.field(default=None, description="Come in before then.")


ReportWhere = Annotated[
    DocumentReportFilter | None, strawberry.argument(description="Conditions; all without.")
]
ReportId = Annotated[strawberry.ID, strawberry.argument(description="Id of the `DocumentReport`.")]


async def listing(
    info: Info,
    where: ReportWhere = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Connection:
    """Reports in reach, the newest first."""
    met = await conditions(info, where or DocumentReportFilter())
    scoped = scope.document_reports(info.context.viewer).narrow(where=met)

    async def finish(rows: Sequence[Row], wanted: Selection) -> None:
        await _finish(info, rows, wanted)

    page = Page(first, after, last, before)
    return await connect(REPORT, scoped, selected(info), NEWEST, page, finish)


async def by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The report of `key`, if it is in reach."""
    scoped = scope.document_reports(info.context.viewer).narrow(where=[Sql("d.id = ?", (key,))])
    rows = await select(REPORT, scoped, selection)
    await _finish(info, rows, selection)
    return next(iter(rows), None)


async def history(info: Info, id: ReportId) -> list[Row]:  # noqa: A002  (its name in the API)
    """The steps of a report in reach, the first one first."""
    key = ids.key_of("DocumentReport", id, "id")
    scoped = scope.report_versions(info.context.viewer).narrow(where=[Sql("d.id = ?", (key,))])
    rows = await select(VERSION, scoped, selected(info) | _VERSION)
    return sorted(rows, key=lambda row: row.version)


_VERSION = Selection({"version": NOTHING})


async def conditions(info: Info, where: DocumentReportFilter) -> list[Sql]:
    """What reports `d` must meet. Raises BadInput and BadId for what there is not."""
    met = await _on_place(info, where)
    for column, values in (("state", where.states), ("reason", where.reasons)):
        if values is not None:
            met.append(Sql(f"d.{column} IN ??", ([one.value for one in values],)))
    if where.document is not None:
        key = ids.key_of("Document", where.document, "where", "document")
        met.append(Sql("d.document_id = ?", (key,)))
    if where.procedures is not None:
        keys = await procedures.keys_of(info, where.procedures, "where", "procedures")
        met.append(Sql("d.procedure_id IN ??", (keys,)))
    if where.suspect is not None:
        met.append(Sql("d.suspects > 0" if where.suspect else "d.suspects = 0"))
    if where.since is not None:
        met.append(Sql("d.submitted_at >= ?", (_moment(where.since, "since"),)))
    if where.until is not None:
        met.append(Sql("d.submitted_at < ?", (_moment(where.until, "until"),)))
    return met


async def _on_place(info: Info, where: DocumentReportFilter) -> list[Sql]:
    met = []
    if where.networks is not None:
        keys = await reference.network_keys(info, where.networks, "where", "networks")
        met.append(Sql("d.network_id IN ??", (keys,)))
    if where.departments is not None:
        codes = await reference.department_codes(info, where.departments, "where", "departments")
        met.append(Sql("d.department_id IN ??", (codes,)))
    if where.offices is not None:
        offices = await at_or_below(where.offices, "where", "offices")
        met.append(Sql("d.office_id IN ??", (offices,)))
    return met


def _moment(given: datetime, name: str) -> datetime:
    try:
        return as_datetime(given)
    except OverflowError:
        raise BadInput("This day is beyond the calendar.", "where", name) from None


async def _finish(info: Info, rows: Sequence[Row], wanted: Selection) -> None:
    await procedures.with_named(info, rows, wanted)
    if "document" in wanted:
        known = [row.document for row in rows if row.document]
        await documents.with_counts(info, known, wanted["document"])
    if "viewerCan" not in wanted or not rows:
        return
    for row in rows:
        row.viewer_can = Row()
    among = Sql("d.id IN ??", ([row.key for row in rows],))
    for name, scoped in (
        ("rewrite", scope.workable_reports(info.context.viewer)),
        ("triage", scope.triaged_reports(info.context.viewer)),
    ):
        own = {row.key for row in await select(REPORT, scoped.narrow(where=[among]), NOTHING)}
        for row in rows:
            setattr(row.viewer_can, name, row.key in own)
