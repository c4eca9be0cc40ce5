"""What happened, in the order in which it did: one row for each deed that others follow."""

from datetime import UTC, datetime

import orjson
from tortoise import fields
from tortoise.models import Model

from models.audit import Deed
from models.wall import lifted

CATALOGUE = {
    "review.published": "A review was published, and concerns this structure.",
    "review.changed": "Words were taken out of a published review.",
    "review.transferred": "A review concerns this structure, in place of another.",
    "review.moved_away": "A review concerns another structure, in place of this one.",
    "review.withdrawn": "A review is not published any more.",
    "reply.published": "A structure replied.",
    "reply.edited": "A published reply has another text.",
    "reply.withdrawn": "A published reply was taken back.",
    "report.accepted": "A report of a document may be read by those whom it concerns.",
    "report.acknowledged": "Those whom a report concerns have taken it up.",
    "report.rewriting": "A document is being rewritten for a report.",
    "report.rewritten": "A document was rewritten for a report.",
    "report.declined": "A document stays as it is, for a reason.",
    "report.withdrawn": "The author of a report took it back.",
    "reply.rated": "The author of a review said whether a reply helped.",
}
"""The types of events. A type keeps its meaning; new ones may come."""


class Event(Model):
    """Something that happened to `subject`, and where that was of concern at that moment.

    Written in the transaction of the change. `facts` hold ids and numbers, no text of anybody.
    """

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    type = fields.CharField(max_length=64)
    subject = fields.CharField(max_length=128)
    network_id = fields.BigIntField(null=True)
    department_id = fields.CharField(max_length=3, null=True)
    office_id = fields.BigIntField(null=True)
    facts = fields.TextField()

    class Meta:
        table = "event"

    @classmethod
    async def add(cls, deed: Deed) -> None:
        """Write what was done, if it is of a type that others follow.

        After the audit trail: its head is locked until the commit, so ids are in commit order.
        """
        if deed.action in CATALOGUE:
            event = cls(
                at=datetime.now(UTC),
                type=deed.action,
                subject=deed.subject,
                network_id=deed.place.network,
                department_id=deed.place.department,
                office_id=deed.place.office,
                facts=orjson.dumps(dict(deed.facts), option=orjson.OPT_SORT_KEYS).decode(),
            )
            async with lifted():  # whoever did it may not reach where it is of concern now
                await event.save()
