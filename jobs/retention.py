"""How long what is kept, class by class: docs/privacy.md is this table for people."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from tortoise.expressions import Q
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from jobs import attachments, exports
from jobs.operator import audited
from models import report, submission
from models.access import Session
from models.attachment import Folder
from models.audit import Deed
from models.comment import Comment
from models.contact import ContactRequest
from models.event import EventLog
from models.flag import FlagState, ReviewFlag
from models.idempotency import KEPT, Idempotency
from models.reply import LateEdit, Reply
from models.report import DocumentReport, ReportOriginal
from models.review import ReviewOriginal
from models.submission import Submission
from models.tombstone import scrub
from models.webhook import Delivery, DeliveryState
from settings import Settings

BATCH = 1_000
"""Rows removed in one statement, so that nobody waits for long."""

Purge: TypeAlias = Callable[[Settings], Awaitable[int]]


def _ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


async def _in_batches(rows: QuerySet[Any], **change: Any) -> int:
    """Remove `rows`, or change them so that they are none of them any more: how many."""
    key, done = rows.model._meta.pk_attr, 0  # noqa: SLF001  (Tortoise has no public way)
    while keys := set(await rows.limit(BATCH).values_list(key, flat=True)):
        found = rows.model.filter(**{f"{key}__in": list(keys)})
        await (found.update(**change) if change else found.delete())
        done += len(keys)
    return done


async def events(config: Settings) -> int:
    """Events."""
    before, removed = _ago(config.event_days), 0
    while count := await EventLog.forget(before, BATCH):
        removed += count
    return removed


async def deliveries(config: Settings) -> int:
    """What was sent of events, or given up."""
    old = Delivery.filter(asked_at__lt=_ago(config.event_days))
    return await _in_batches(old.exclude(state=DeliveryState.PENDING))


async def keys(_: Settings) -> int:
    """Answers to changes that were asked for under an idempotency key."""
    return await Idempotency.filter(made_at__lt=datetime.now(UTC) - KEPT).delete()


async def contacts(config: Settings) -> int:
    """How to reach users who asked for a human contact, and what was noted of calls."""
    async with in_transaction():
        forgotten = await ContactRequest.forget(
            _ago(config.contact_days), _ago(config.contact_open_days)
        )
        if forgotten:
            await audited(Deed("contact.forgotten", "", facts={"requests": forgotten}))
    return forgotten


async def rejected(config: Settings) -> int:
    """What was rejected, or taken out again: texts, archive, notes, where the author is from."""
    before = _ago(config.rejected_days)
    return await _in_batches(
        Submission.kept_back(before), **submission.FORGOTTEN
    ) + await _in_batches(DocumentReport.kept_back(before), **report.FORGOTTEN)


async def originals(config: Settings) -> int:
    """What was received, of what others read without the words that were taken out."""
    before = _ago(config.original_days)
    reviews = ReviewOriginal.filter(review__published_at__lt=before).exclude(received="")
    reports = ReportOriginal.filter(report__submitted_at__lt=before)
    return await _in_batches(reviews, received="") + await _in_batches(reports)


async def used_files(config: Settings) -> int:
    """Files of document reports that were rewritten or declined."""
    closed = DocumentReport.closed(_ago(config.attachment_days))
    return await _in_batches(closed, attachment_id=None)


async def files(config: Settings) -> int:
    """Files that no report names any more, or that none has named within a day."""
    return await attachments.remove_unused(Folder(config.attachment_dir), datetime.now(UTC))


async def comments(config: Settings) -> int:
    """Internal comments, and notes of demands to look again that were decided."""
    before = _ago(config.comment_days)
    decided = ReviewFlag.filter(decided_at__lt=before).exclude(state=FlagState.OPEN)
    noted = decided.filter(~Q(note="") | ~Q(answer=""))
    return await _in_batches(Comment.filter(at__lt=before)) + await _in_batches(
        noted, note="", answer=""
    )


async def drafts(config: Settings) -> int:
    """Replies that were not published, or not any more, and words that came too late."""
    before = _ago(config.draft_days)
    return await _in_batches(Reply.given_up(before)) + await _in_batches(
        LateEdit.filter(at__lt=before)
    )


async def sessions(config: Settings) -> int:
    """Sign-ins that are over."""
    before = _ago(config.session_days)
    return await _in_batches(Session.filter(Q(expires_at__lt=before) | Q(ended_at__lt=before)))


async def erased(_: Settings) -> int:
    """Bytes of what was erased, in the files of SQLite."""
    return await scrub()


@dataclass(frozen=True, slots=True)
class Class:
    """A class of data: how long it is kept, why, and what removes it; None when nothing does."""

    what: str
    kept: str
    why: str
    purge: Purge | None = None


CLASSES = (
    Class(
        "Published reviews and replies",
        "for good",
        "They are open data.",
    ),
    Class(
        "Submissions and document reports that wait",
        "until they are decided",
        "The national team has to see them.",
    ),
    Class(
        "Rejected and unpublished submissions, rejected reports: texts, archive, notes",
        "`RELAIS_REJECTED_DAYS`",
        "Complaints, and the same brought in again. Identifier, state and reason stay.",
        rejected,
    ),
    Class(
        "What its author withdrew: texts, contact, file",
        "not at all",
        "It is not ours. Identifier and state stay.",
    ),
    Class(
        "What was received, before redaction",
        "`RELAIS_ORIGINAL_DAYS` after publication",
        "A redaction may be contested.",
        originals,
    ),
    Class(
        "Contact of a user who asked to talk to someone",
        "`RELAIS_CONTACT_DAYS` after that ended, `RELAIS_CONTACT_OPEN_DAYS` after it was asked",
        "To call back; who was not called by then does not wait any more.",
        contacts,
    ),
    Class(
        "Files of document reports",
        "`RELAIS_ATTACHMENT_DAYS` after the report was closed",
        "To rewrite the document.",
        used_files,
    ),
    Class("Files that no report names", "1 day", "To name them in a report.", files),
    Class(
        "Internal comments, notes of demands to look again",
        "`RELAIS_COMMENT_DAYS`",
        "To work on a review.",
        comments,
    ),
    Class(
        "Drafts, withdrawn replies, words that came too late",
        "`RELAIS_DRAFT_DAYS`",
        "To go on writing, and to see who changed what.",
        drafts,
    ),
    Class("Sign-ins", "`RELAIS_SESSION_DAYS` after they end", "To look into misuse.", sessions),
    Class(
        "Answers under an idempotency key",
        "1 day",
        "To answer a retry. They hold ids, no text.",
        keys,
    ),
    Class(
        "Events",
        "`RELAIS_EVENT_DAYS`, on PostgreSQL until that is over for their whole month",
        "To be followed. They hold ids and numbers, no text.",
        events,
    ),
    Class("Deliveries of webhooks", "`RELAIS_EVENT_DAYS`", "To look into what failed.", deliveries),
    Class(
        "Files of exports",
        "20 hours, less when words were taken out of what they hold",
        "To be fetched. That one was asked for is known for 30 days.",
        exports.purge,
    ),
    Class(
        "Tombstones of what was erased",
        "for good",
        "So that it does not come back. They are keyed hashes; on SQLite the bytes of what was "
        "erased are overwritten then.",
        erased,
    ),
    Class("The audit trail", "for good", "It shows who did what. It holds no text of a user."),
    Class(
        "Accounts, grants, invitations",
        "for good",
        "The audit trail names them. An account can be shut out.",
    ),
)
"""All there is, in the order in which it is purged: files after what names them."""
