"""What is done with document reports: the national team's triage, then those they concern."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

from auth import scope
from models import ids
from models.audit import Deed, Place
from models.redaction import MAX_SPANS, Span
from models.report import DocumentReport, ReportStep
from models.wall import lifted
from resolvers.context import Info
from resolvers.done import Done
from resolvers.intake import ExpectedVersion
from resolvers.locked import locked
from resolvers.moderation import Note, Reason
from resolvers.names import ReportText
from resolvers.reporting import changed
from resolvers.reports import REPORT, ReportId


@strawberry.input(description="Words to be taken out: code points of a text, counted from 0.")
class ReportRedaction:
    field: ReportText = strawberry.field(description="Of which text.")
    start: int = strawberry.field(description="The first one.")
    end: int = strawberry.field(description="The one after the last.")


Redactions = Annotated[
    list[ReportRedaction] | None,
    strawberry.argument(
        description=f"At most {MAX_SPANS} passages to be taken out of each text; `[…]` stands in "
        "their place, and nobody but moderators can read them any more."
    ),
]
WithoutAttachment = Annotated[
    bool, strawberry.argument(description="Whether the file is taken out; it is removed then.")
]
After = Annotated[str, strawberry.argument(description="What was written, 1 to 10,000 characters.")]
Before = Annotated[
    str | None,
    strawberry.argument(
        description="In place of what, at most 10,000 characters: the passage, when left out."
    ),
]
Why = Annotated[str, strawberry.argument(description="Why, 1 to 1,000 characters.")]


async def accept(
    info: Info,
    id: ReportId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
    redactions: Redactions = None,
    without_attachment: WithoutAttachment = False,
) -> Done:
    """Let those whom a report concerns read it, without the words that are redacted."""
    found = await _waiting(info, id)
    by = info.context.viewer.account
    async with lifted():
        await found.accept(
            _spans(redactions or []),
            without_attachment=without_attachment,
            by=by,
            expected_version=expected_version,
        )
    return changed("report.accepted", found)


async def reject(
    info: Info,
    id: ReportId,  # noqa: A002  (its name in the API)
    reason: Reason,
    expected_version: ExpectedVersion,
    note: Note = "",
) -> Done:
    """Keep a report from those whom it would concern."""
    found = await _waiting(info, id)
    by = info.context.viewer.account
    await found.reject(reason, note, by=by, expected_version=expected_version)
    return changed("report.rejected", found)


async def original(info: Info, id: ReportId) -> Done:  # noqa: A002  (its name in the API)
    """Read what a report said before words were taken out; the reading is written down."""
    found = await _waiting(info, id)
    async with lifted():
        received = await found.received()
    deed = Deed("report.original_read", ids.encode("DocumentReport", found.id), Place())
    return Done(deed, once={"received": received}, report=found.id)


async def acknowledge(
    info: Info,
    id: ReportId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
) -> Done:
    """Take a report up."""
    found, by = await _workable(info, id), info.context.viewer.account
    await found.go_on(ReportStep.ACKNOWLEDGE, by=by, expected_version=expected_version)
    return changed("report.acknowledged", found)


async def begin(
    info: Info,
    id: ReportId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
) -> Done:
    """Begin to rewrite the document."""
    found, by = await _workable(info, id), info.context.viewer.account
    await found.go_on(ReportStep.BEGIN_REWRITING, by=by, expected_version=expected_version)
    return changed("report.rewriting", found)


async def rewrite(
    info: Info,
    id: ReportId,  # noqa: A002  (its name in the API)
    after: After,
    expected_version: ExpectedVersion,
    before: Before = None,
) -> Done:
    """Keep what was written in place of what."""
    found, by = await _workable(info, id), info.context.viewer.account
    await found.rewrite(before, after, by=by, expected_version=expected_version)
    return changed("report.rewritten", found)


async def decline(
    info: Info,
    id: ReportId,  # noqa: A002  (its name in the API)
    reason: Why,
    expected_version: ExpectedVersion,
) -> Done:
    """Say why the document stays as it is."""
    found, by = await _workable(info, id), info.context.viewer.account
    await found.decline(reason, by=by, expected_version=expected_version)
    return changed("report.declined", found)


def _spans(given: Sequence[ReportRedaction]) -> dict[str, list[Span]]:
    spans: dict[str, list[Span]] = {}
    for one in given:
        spans.setdefault(one.field.value, []).append(Span(one.start, one.end))
    return spans


async def _waiting(info: Info, global_id: str) -> DocumentReport:
    key = ids.key_of("DocumentReport", global_id, "id")
    return await locked(DocumentReport, REPORT, scope.triaged_reports(info.context.viewer), key)


async def _workable(info: Info, global_id: str) -> DocumentReport:
    key = ids.key_of("DocumentReport", global_id, "id")
    return await locked(DocumentReport, REPORT, scope.workable_reports(info.context.viewer), key)
