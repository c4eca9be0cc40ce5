"""What a structure makes better because of what it was told."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Self

from tortoise import fields
from tortoise.models import Model

from models.account import Account
from models.errors import AlreadyOpen, BadInput
from models.review import ReviewStructure
from models.said import MAX_SAID, said
from models.workflow import Workflow, next_version


class ImprovementState(StrEnum):
    """How far an improvement has come."""

    FLAGGED = "flagged"
    PLANNED = "planned"
    MADE = "made"
    DROPPED = "dropped"


class ImprovementStep(StrEnum):
    """What can be done with an improvement."""

    PLAN = "plan"
    MAKE = "make"
    DROP = "drop"


_FLAGGED, _PLANNED, _MADE, _DROPPED = ImprovementState

IMPROVING = Workflow(
    "Improvement",
    _FLAGGED,
    {
        ImprovementStep.PLAN: {_FLAGGED: _PLANNED, _PLANNED: _PLANNED},
        ImprovementStep.MAKE: {_FLAGGED: _MADE, _PLANNED: _MADE},
        ImprovementStep.DROP: {_FLAGGED: _DROPPED, _PLANNED: _DROPPED},
    },
)


class Improvement(Model):
    """Something to make better. Each step has words of its own: none is written over."""

    id = fields.BigIntField(primary_key=True)
    structure: fields.ForeignKeyRelation[ReviewStructure] = fields.ForeignKeyField(
        "models.ReviewStructure", related_name="improvements", on_delete=fields.CASCADE
    )
    state = fields.CharEnumField(ImprovementState, max_length=16, default=_FLAGGED)
    need = fields.CharField(max_length=MAX_SAID)
    plan = fields.CharField(max_length=MAX_SAID, default="")
    planned_for = fields.DateField(null=True)
    change = fields.CharField(max_length=MAX_SAID, default="")
    made_on = fields.DateField(null=True)
    why_dropped = fields.CharField(max_length=MAX_SAID, default="")
    flagged_at = fields.DatetimeField()
    flagged_by: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="improvements", on_delete=fields.SET_NULL, null=True
    )
    version = fields.IntField(default=1)

    structure_id: int

    class Meta:
        table = "improvement"

    @classmethod
    async def flag(cls, structure: ReviewStructure, need: str, *, by: int) -> Self:
        """See something to improve, at `structure`, which is locked: one at a time."""
        words = said(need, "need")
        if await cls.exists(structure=structure, state__in=[_FLAGGED, _PLANNED]):
            message = "An improvement is under way for it: go on with that one."
            raise AlreadyOpen(message, "id")
        return await cls.create(
            structure=structure, need=words, flagged_at=datetime.now(UTC), flagged_by_id=by
        )

    async def set_plan(self, plan: str, planned_for: date | None, *, expected_version: int) -> None:
        """Say what is to be done, and for when; said again, it is planned anew.

        This and every step: the row must be locked by the caller.
        """
        self._step(ImprovementStep.PLAN, expected_version)
        self.plan, self.planned_for = said(plan, "plan"), planned_for
        await self.save()

    async def make(self, change: str, made_on: date, *, expected_version: int) -> None:
        """It was done: what changed, and when. Raises BadInput for a day to come."""
        if made_on > datetime.now(UTC).date():
            raise BadInput("This day has not come yet.", "madeOn")
        self._step(ImprovementStep.MAKE, expected_version)
        self.change, self.made_on = said(change, "change"), made_on
        await self.save()

    async def drop(self, why: str, *, expected_version: int) -> None:
        """It will not be done, and why."""
        self._step(ImprovementStep.DROP, expected_version)
        self.why_dropped = said(why, "why")
        await self.save()

    def _step(self, step: ImprovementStep, expected_version: int) -> None:
        self.version = next_version(self.version, expected_version)
        self.state = IMPROVING.after(self.state, step)
