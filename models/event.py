"""What happened, in the order in which it did: one row for each deed that others follow.

Ids are given in the order of the commits (docs/decisions/0021): who has read up to an event has
missed none before it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, Self

import orjson
from tortoise import fields
from tortoise.models import Model

from models.audit import AuditEntry, Deed
from models.signal import announce
from models.sql import Sql, connection, fetch
from models.wall import lifted

CATALOGUE_VERSION = 1
"""Raised when a type changes its meaning or its facts; new types do not raise it."""

CATALOGUE = {
    "review.published": "A review was published, and concerns this structure.",
    "review.changed": "What a published review tells, or whom it concerns, is not the same.",
    "review.transferred": "A review concerns this structure, in place of another.",
    "review.moved_away": "A review concerns another structure, in place of this one.",
    "review.withdrawn": "A review is not published any more.",
    "review.erased": "A review was erased for good: forget what you keep of it.",
    "reply.published": "A structure replied.",
    "reply.edited": "A published reply has another text.",
    "reply.withdrawn": "A published reply was taken back.",
    "report.accepted": "A report of a document may be read by those whom it concerns.",
    "report.acknowledged": "Those whom a report concerns have taken it up.",
    "report.rewriting": "A document is being rewritten for a report.",
    "report.rewritten": "A document was rewritten for a report.",
    "report.declined": "A document stays as it is, for a reason.",
    "report.withdrawn": "The author of a report took it back.",
    "report.erased": "A report was erased for good: forget what you keep of it.",
    "reply.rated": "The author of a review said whether a reply helped.",
    "import.finished": "More reviews were imported at once than is told one by one.",
    "webhook.failed": "An endpoint of webhooks took nothing for too long, and was switched off.",
}
"""The types of events. A type keeps its meaning; new ones may come."""

REVIEW_REMOVALS = ("review.changed", "review.withdrawn", "review.erased")
"""The types that take back words of reviews which were public."""

REPORT_REMOVALS = ("report.withdrawn", "report.erased")
"""The types that take back words of reports which others read."""

TOMBSTONES = frozenset({"review.moved_away", "review.withdrawn", "review.erased", "report.erased"})
"""The types after which the item is not to be found at that place any more."""

TOPIC = "event"
"""What is announced when there are new ones (models/signal.py)."""


class Event(Model):
    """Something that happened to `subject`, and where that was of concern at that moment.

    Written in the transaction of the change. `item` is what events are in order for: the review
    of a reply. `facts` hold ids and numbers, no text of anybody. Without a network it concerns all.
    """

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    type = fields.CharField(max_length=64)
    subject = fields.CharField(max_length=128)
    item = fields.CharField(max_length=128, default="")
    network_id = fields.BigIntField(null=True)
    department_id = fields.CharField(max_length=3, null=True)
    office_id = fields.BigIntField(null=True)
    facts = fields.TextField()
    catalogue = fields.SmallIntField(default=CATALOGUE_VERSION)

    class Meta:
        table = "event"

    @classmethod
    async def add(cls, after: AuditEntry, deeds: Iterable[Deed]) -> None:
        """Write those of `deeds` that others follow, `after` their entry in the audit trail.

        That entry was written in this transaction, so its head is locked until the commit: ids
        are given in commit order.
        """
        events = [cls._of(after, deed) for deed in deeds if deed.action in CATALOGUE]
        if events:
            async with lifted():  # whoever did it may not reach where it is of concern now
                await cls.bulk_create(events, batch_size=1000)
            await announce(TOPIC)

    @classmethod
    def _of(cls, after: AuditEntry, deed: Deed) -> Self:
        return cls(
            at=after.at,
            type=deed.action,
            subject=deed.subject,
            item=deed.facts.get("review", deed.subject),
            network_id=deed.place.network,
            department_id=deed.place.department,
            office_id=deed.place.office,
            facts=orjson.dumps(dict(deed.facts), option=orjson.OPT_SORT_KEYS).decode(),
        )


class Span(NamedTuple):
    """The positions between which the log can be followed: ids of events, or 0."""

    floor: int
    """Who has read less than up to here can't go on, and reads all things anew."""

    head: int
    """The last event there is."""


class EventLog(Model):
    """How far back the log can be followed: one row."""

    id = fields.IntField(primary_key=True)
    floor = fields.BigIntField()

    class Meta:
        table = "event_log"

    @classmethod
    async def span(cls) -> Span:
        """From where to where the log can be followed now.

        Read it before events: what is committed between the two has a later id than its head.
        """
        text = "SELECT floor, (SELECT max(id) FROM event) FROM event_log"
        ((floor, last),) = await fetch(Sql(text))
        return Span(floor, max(floor, last or 0))

    @classmethod
    async def restart(cls, after: AuditEntry, deed: Deed) -> None:
        """Write the event of a `deed` that is not told one by one: all who follow read anew."""
        await Event.add(after, [deed])
        async with lifted():
            await cls.all().update(floor=(await cls.span()).head)

    @classmethod
    async def forget(cls, before: datetime, batch: int) -> int:
        """Remove events of earlier than `before`: how many it were, 0 when none is left.

        The oldest `batch` of them; on PostgreSQL, whole months that are over (models/months.py).
        """
        if connection().capabilities.dialect != "sqlite":
            ((count,),) = await fetch(Sql("SELECT relais_forget(?, ?)", (before, batch)))
            return int(count)
        old = Event.filter(at__lt=before).order_by("id").limit(batch)
        ids = await old.values_list("id", flat=True)
        if ids:
            last = ids[-1]
            await Event.filter(id__lte=last).delete()
            await cls.filter(floor__lt=last).update(floor=last)
        return len(ids)
