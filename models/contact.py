"""Users who ask to talk to someone: tracked until they were met, and forgotten after that."""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum

from tortoise import fields
from tortoise.expressions import Q
from tortoise.models import Model

from models import text
from models.account import Account
from models.errors import BadInput
from models.review import ReviewStructure
from models.workflow import Workflow, next_version

MAX_CONTACT = 255
"""Characters of how to reach somebody."""

MAX_CONTACT_NOTE = 1_000
"""Characters of a word on a call."""


class ContactState(StrEnum):
    """How far it has come to talk to a user who asked for it."""

    TO_DO = "to_do"
    CALLED = "called"
    MET = "met"
    UNREACHABLE = "unreachable"


class ContactStep(StrEnum):
    """What can be done about a user who asks to talk to someone."""

    CALL = "call"
    MEET = "meet"
    GIVE_UP = "give_up"


_TO_DO, _CALLED, _MET, _UNREACHABLE = ContactState

CONTACTING = Workflow(
    "ContactRequest",
    _TO_DO,
    {
        ContactStep.CALL: {_TO_DO: _CALLED, _CALLED: _CALLED},
        ContactStep.MEET: {_TO_DO: _MET, _CALLED: _MET},
        ContactStep.GIVE_UP: {_CALLED: _UNREACHABLE},
    },
)


class ContactRequest(Model):
    """A user asks one structure to talk to someone. It goes with the review.

    `contact` says how to reach them: null once it was forgotten. `note` is a word on the last call.
    """

    id = fields.BigIntField(primary_key=True)
    structure: fields.ForeignKeyRelation[ReviewStructure] = fields.ForeignKeyField(
        "models.ReviewStructure", related_name="contact_requests", on_delete=fields.CASCADE
    )
    state = fields.CharEnumField(ContactState, max_length=16, default=_TO_DO)
    contact = fields.CharField(max_length=MAX_CONTACT, null=True)
    note = fields.CharField(max_length=MAX_CONTACT_NOTE, default="")
    calls = fields.IntField(default=0)
    version = fields.IntField(default=1)
    asked_at = fields.DatetimeField()
    called_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    handled_by: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="contact_requests", on_delete=fields.SET_NULL, null=True
    )

    structure_id: int
    handled_by_id: int | None

    class Meta:
        table = "contact_request"

    @classmethod
    async def ask(cls, contact: str, structures: Sequence[ReviewStructure]) -> None:
        """Each of `structures` is asked to talk to whom `contact` reaches."""
        now = datetime.now(UTC)
        await cls.bulk_create(
            cls(structure_id=one.id, contact=contact, asked_at=now) for one in structures
        )

    async def take(self, step: ContactStep, note: str, *, by: int, expected_version: int) -> None:
        """Write down that they were called, met or given up, with a word on it.

        The row must be locked by the caller. Raises BadInput, StaleVersion or IllegalStep.
        """
        said = text.clean(note)
        if len(said) > MAX_CONTACT_NOTE:
            raise BadInput("This is longer than {most} characters.", "note", most=MAX_CONTACT_NOTE)
        next_version(self.version, expected_version)
        self.state = CONTACTING.after(self.state, step)
        now = datetime.now(UTC)
        if step is ContactStep.CALL:
            self.calls, self.called_at = self.calls + 1, now
        else:
            self.ended_at = now
        self.note, self.handled_by_id = said or self.note, by
        self.version += 1
        await self.save()

    @classmethod
    async def forget(cls, before: datetime, asked_before: datetime) -> int:
        """Forget how to reach those whose request ended, or was asked, before then: how many."""
        over = Q(ended_at__lt=before) | Q(asked_at__lt=asked_before)
        return await cls.filter(over, contact__isnull=False).update(contact=None, note="")
