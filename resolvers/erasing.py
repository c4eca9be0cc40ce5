"""What the national team erases for good."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry

from auth import scope
from models import ids
from models.audit import Deed
from models.erasure import erase_report, erase_review
from models.report import DocumentReport
from models.review import Review
from models.submission import Submission
from models.tombstone import Marks
from models.wall import lifted
from models.workflow import next_version
from resolvers.context import Info
from resolvers.done import Done
from resolvers.intake import ExpectedVersion, SubmissionId
from resolvers.locked import locked
from resolvers.moderation import ReviewId
from resolvers.names import EraseReason
from resolvers.reports import REPORT, ReportId
from resolvers.review_rows import REVIEW
from resolvers.submissions import SUBMISSION

Why = Annotated[EraseReason, strawberry.argument(description="Why: it is kept in the audit trail.")]
Erase = Callable[[str, str, Marks, EraseReason], Awaitable[list[Deed]]]


async def review(
    info: Info,
    id: ReviewId,  # noqa: A002  (its name in the API)
    reason: Why,
    expected_version: ExpectedVersion,
) -> Done:
    """Erase a published review, and the submission that it was."""
    key = ids.key_of("Review", id, "id")
    await Submission.hold(key)
    found = await locked(Review, REVIEW, scope.moderated_reviews(info.context.viewer), key)
    return await _erased(info, id, found, erase_review, reason, expected_version)


async def submission(
    info: Info,
    id: SubmissionId,  # noqa: A002  (its name in the API)
    reason: Why,
    expected_version: ExpectedVersion,
) -> Done:
    """Erase what was handed over, whatever became of it, and the review that it became."""
    key = ids.key_of("Submission", id, "id")
    found = await locked(Submission, SUBMISSION, scope.moderated(info.context.viewer), key)
    return await _erased(info, id, found, erase_review, reason, expected_version)


async def report(
    info: Info,
    id: ReportId,  # noqa: A002  (its name in the API)
    reason: Why,
    expected_version: ExpectedVersion,
) -> Done:
    """Erase a report of a document, whatever became of it."""
    key = ids.key_of("DocumentReport", id, "id")
    found = await locked(DocumentReport, REPORT, scope.triaged_reports(info.context.viewer), key)
    return await _erased(info, id, found, erase_report, reason, expected_version)


async def _erased(
    info: Info,
    global_id: str,
    found: Review | Submission | DocumentReport,
    erase: Erase,
    reason: EraseReason,
    expected_version: int,
) -> Done:
    next_version(found.version, expected_version)
    async with lifted():
        deeds = await erase(found.source, found.source_id, info.context.marks, reason)
    return Done(*deeds, told={"erased_id": global_id})
