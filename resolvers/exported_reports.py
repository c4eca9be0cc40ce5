"""Reports of documents, as exports have them: as those read them whom they concern."""

from collections.abc import Sequence
from typing import Any

from auth import scope
from auth.scope import Scoped
from auth.viewer import Viewer
from models.event import REPORT_REMOVALS
from models.export import Conditions
from resolvers.exporting import Field, Flat, Listed, Value, met, picked
from resolvers.reports import REPORT
from resolvers.rows import Row

_TEXTS = ("title", "formNumber", "url", "passage", "suggestion", "note", "before", "after")
_FIELDS = (
    *map(Field, ("id", "state", "reason", *_TEXTS)),
    Field("readabilityBefore", Value.NUMBER),
    Field("readabilityAfter", Value.NUMBER),
    *map(Field, ("documentId", "network", "department", "officeId", "office", "procedure")),
    Field("submittedAt", Value.MOMENT),
    Field("version", Value.NUMBER),
)
_SELECTION = picked(
    *("id", "state", "reason", *_TEXTS, "readabilityBefore", "readabilityAfter"),
    *("submittedAt", "version"),
    document=picked("id"),
    network=picked("code"),
    department=picked("code"),
    office=picked("id", "name"),
    procedure=picked("code"),
)


def _reports(viewer: Viewer, conditions: Conditions) -> Scoped[Any]:
    return scope.read_reports(viewer).narrow(where=met(conditions, "d.submitted_at", alias="d"))


async def _flat_reports(_: Viewer, rows: Sequence[Row]) -> list[Flat]:
    return [
        {
            "id": row.id,
            "state": row.state.name,
            "reason": row.reason.name,
            "title": row.title,
            "formNumber": row.form_number,
            "url": row.url,
            "passage": row.passage,
            "suggestion": row.suggestion,
            "note": row.note,
            "before": row.before,
            "after": row.after,
            "readabilityBefore": row.readability_before,
            "readabilityAfter": row.readability_after,
            "documentId": row.document and row.document.id,
            "network": row.network.code,
            "department": row.department and row.department.code,
            "officeId": row.office and row.office.id,
            "office": row.office and row.office.name,
            "procedure": row.procedure and row.procedure.code,
            "submittedAt": row.submitted_at,
            "version": row.version,
        }
        for row in rows
    ]


REPORTS = Listed(
    fields=_FIELDS,
    noun=REPORT,
    key="d.id",
    selection=_SELECTION,
    scoped=_reports,
    flat=_flat_reports,
    removals=REPORT_REMOVALS,
)
