"""That someone asked the national team to look at a published review again."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self

from tortoise import fields
from tortoise.models import Model

from models.account import Account
from models.errors import AlreadyOpen
from models.review import Review
from models.said import MAX_SAID, noted
from models.submission import RejectReason
from models.workflow import Workflow, next_version


class FlagState(StrEnum):
    """Where such a demand stands."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class FlagStep(StrEnum):
    """What can be done with it."""

    UPHOLD = "uphold"
    DISMISS = "dismiss"


_OPEN, _UPHELD, _DISMISSED = FlagState

FLAGGING = Workflow(
    "ReviewFlag",
    _OPEN,
    {FlagStep.UPHOLD: {_OPEN: _UPHELD}, FlagStep.DISMISS: {_OPEN: _DISMISSED}},
)


class ReviewFlag(Model):
    """A demand to look again. It outlives the review, whose words are not in it."""

    id = fields.BigIntField(primary_key=True)
    review: fields.ForeignKeyNullableRelation[Review] = fields.ForeignKeyField(
        "models.Review", related_name="flags", on_delete=fields.SET_NULL, null=True
    )
    state = fields.CharEnumField(FlagState, max_length=16, default=_OPEN)
    reason: Any = fields.CharEnumField(RejectReason, max_length=32)
    note = fields.CharField(max_length=MAX_SAID)
    answer = fields.CharField(max_length=MAX_SAID, default="")
    flagged_at = fields.DatetimeField()
    flagged_by: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="flags", on_delete=fields.SET_NULL, null=True
    )
    decided_at = fields.DatetimeField(null=True)
    decided_by: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="flags_decided", on_delete=fields.SET_NULL, null=True
    )
    version = fields.IntField(default=1)

    review_id: int | None
    decided_by_id: int | None

    class Meta:
        table = "review_flag"

    @classmethod
    async def raise_for(cls, review: Review, reason: RejectReason, note: str, *, by: int) -> Self:
        """Ask to look at `review`, whose row is locked, again. Raises AlreadyOpen."""
        if await cls.exists(review=review, state=_OPEN):
            message = "Someone asked to have this review looked at: it will be."
            raise AlreadyOpen(message, "id")
        return await cls.create(
            review=review,
            reason=reason,
            note=noted(note, "note"),
            flagged_at=datetime.now(UTC),
            flagged_by_id=by,
        )

    async def dismiss(self, answer: str, *, by: int, expected_version: int) -> None:
        """Leave the review as it is. The row must be locked by the caller."""
        self.version = next_version(self.version, expected_version)
        self._end(FlagStep.DISMISS, by)
        self.answer = noted(answer, "answer")
        await self.save()

    @classmethod
    async def open_of(cls, review: int) -> list[Self]:
        """Those of a review that are open, locked."""
        return await cls.filter(review_id=review, state=_OPEN).select_for_update()

    async def uphold(self, *, by: int) -> None:
        """What was asked for was done: words were taken out of the review, or all of it."""
        self.version += 1
        self._end(FlagStep.UPHOLD, by)
        await self.save()

    @classmethod
    async def forget(cls, review: int) -> None:
        """What was said of a review that is taken out is not ours to keep."""
        await cls.filter(review_id=review).update(note="", answer="")

    def _end(self, step: FlagStep, by: int) -> None:
        self.state = FLAGGING.after(self.state, step)
        self.decided_at, self.decided_by_id = datetime.now(UTC), by
