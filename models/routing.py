"""Where a structure's part of a review goes: moved down at once, elsewhere on request."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Self

from tortoise import fields
from tortoise.models import Model

from models.account import Account
from models.audit import Place
from models.errors import (
    AlreadyConcerned,
    AlreadyOpen,
    AlreadyReplied,
    DraftOpen,
    NotBelow,
)
from models.network import Department, Network
from models.office import Office, below
from models.reply import Reply
from models.review import Review, ReviewStructure
from models.said import MAX_SAID, noted, said
from models.workflow import Workflow, next_version


class TransferState(StrEnum):
    """Where a request for a transfer stands."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class TransferStep(StrEnum):
    """What can be done with a request for a transfer."""

    APPROVE = "approve"
    REFUSE = "refuse"
    CANCEL = "cancel"


_OPEN, _APPROVED, _REFUSED, _CANCELLED = TransferState

TRANSFERRING = Workflow(
    "Transfer",
    _OPEN,
    {
        TransferStep.APPROVE: {_OPEN: _APPROVED},
        TransferStep.REFUSE: {_OPEN: _REFUSED},
        TransferStep.CANCEL: {_OPEN: _CANCELLED},
    },
)


class Move(Model):
    """That a structure's part of a review went from one place to another, and why."""

    id = fields.BigIntField(primary_key=True)
    structure: fields.ForeignKeyRelation[ReviewStructure] = fields.ForeignKeyField(
        "models.ReviewStructure", related_name="moves", on_delete=fields.CASCADE
    )
    from_network: fields.ForeignKeyRelation[Network] = fields.ForeignKeyField(
        "models.Network", related_name="moves_from", on_delete=fields.RESTRICT
    )
    from_department: fields.ForeignKeyNullableRelation[Department] = fields.ForeignKeyField(
        "models.Department", related_name="moves_from", on_delete=fields.RESTRICT, null=True
    )
    from_office: fields.ForeignKeyNullableRelation[Office] = fields.ForeignKeyField(
        "models.Office", related_name="moves_from", on_delete=fields.RESTRICT, null=True
    )
    to_network: fields.ForeignKeyRelation[Network] = fields.ForeignKeyField(
        "models.Network", related_name="moves_to", on_delete=fields.RESTRICT
    )
    to_department: fields.ForeignKeyNullableRelation[Department] = fields.ForeignKeyField(
        "models.Department", related_name="moves_to", on_delete=fields.RESTRICT, null=True
    )
    to_office: fields.ForeignKeyNullableRelation[Office] = fields.ForeignKeyField(
        "models.Office", related_name="moves_to", on_delete=fields.RESTRICT, null=True
    )
    reason = fields.CharField(max_length=MAX_SAID)
    at = fields.DatetimeField()
    by: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="moves", on_delete=fields.SET_NULL, null=True
    )

    from_network_id: int
    from_department_id: str | None
    from_office_id: int | None
    to_office_id: int | None
    structure_id: int

    class Meta:
        table = "structure_move"

    @property
    def origin(self) -> Place:
        """Where it was."""
        return Place(self.from_network_id, self.from_department_id, self.from_office_id)


async def check_movable(structure: ReviewStructure, to: Place) -> None:
    """Return if `structure`, whose review is locked, may go to `to`.

    Raises AlreadyReplied, AlreadyConcerned or DraftOpen.
    """
    if structure.answered:
        message = "This structure has answered: what is answered is not moved."
        raise AlreadyReplied(message, "id")
    others = ReviewStructure.filter(review_id=structure.review_id, network_id=to.network)
    if await others.filter(department_id=to.department, office_id=to.office).exists():
        raise AlreadyConcerned("This review concerns that place already.", "to")
    leaves = to.network != structure.network_id
    if leaves and await Reply.exists(structure=structure, withdrawn_at=None):
        message = (
            "Someone drafts a reply, which another network would read: publish it, or give it up."
        )
        raise DraftOpen(message, "id")


async def move_down(
    structure: ReviewStructure, to: Office, reason: str, *, by: int, expected_version: int
) -> Move:
    """Let an office below it answer, at once. Raises NotBelow, AlreadyOpen and what a move does."""
    next_version(structure.version, expected_version)
    if not await _is_below(to, structure):
        message = "This office is not below the present one: ask for a transfer."
        raise NotBelow(message, "to")
    if await Transfer.exists(structure=structure, state=_OPEN):
        message = "A transfer of it was asked for: cancel that first."
        raise AlreadyOpen(message, "id")
    return await _move(structure, Place.of_office(to), noted(reason, "reason"), by)


async def _is_below(office: Office, structure: ReviewStructure) -> bool:
    if office.network_id != structure.network_id:
        return False
    if structure.office_id is not None:
        return office.id in set(await below([structure.office_id])) - {structure.office_id}
    return structure.department_id in {None, office.department_id}


async def _move(structure: ReviewStructure, to: Place, reason: str, by: int) -> Move:
    await check_movable(structure, to)
    gone = await Move.create(
        structure=structure,
        from_network_id=structure.network_id,
        from_department_id=structure.department_id,
        from_office_id=structure.office_id,
        to_network_id=to.network,
        to_department_id=to.department,
        to_office_id=to.office,
        reason=reason,
        at=datetime.now(UTC),
        by_id=by,
    )
    where = {"network_id": to.network, "department_id": to.department, "office_id": to.office}
    structure.update_from_dict({**where, "assignee_id": None, "version": structure.version + 1})
    await structure.save(update_fields=[*where, "assignee_id", "version"])
    return gone


class Transfer(Model):
    """A request to let another place answer. Its own network, department and office ask."""

    id = fields.BigIntField(primary_key=True)
    structure: fields.ForeignKeyRelation[ReviewStructure] = fields.ForeignKeyField(
        "models.ReviewStructure", related_name="transfers", on_delete=fields.CASCADE
    )
    review: fields.ForeignKeyRelation[Review] = fields.ForeignKeyField(
        "models.Review", related_name="transfers", on_delete=fields.CASCADE
    )
    state = fields.CharEnumField(TransferState, max_length=16, default=_OPEN)
    network: fields.ForeignKeyRelation[Network] = fields.ForeignKeyField(
        "models.Network", related_name="transfers", on_delete=fields.RESTRICT
    )
    department: fields.ForeignKeyNullableRelation[Department] = fields.ForeignKeyField(
        "models.Department", related_name="transfers", on_delete=fields.RESTRICT, null=True
    )
    office: fields.ForeignKeyNullableRelation[Office] = fields.ForeignKeyField(
        "models.Office", related_name="transfers", on_delete=fields.RESTRICT, null=True
    )
    to_network: fields.ForeignKeyRelation[Network] = fields.ForeignKeyField(
        "models.Network", related_name="transfers_to", on_delete=fields.RESTRICT
    )
    to_department: fields.ForeignKeyNullableRelation[Department] = fields.ForeignKeyField(
        "models.Department", related_name="transfers_to", on_delete=fields.RESTRICT, null=True
    )
    to_office: fields.ForeignKeyNullableRelation[Office] = fields.ForeignKeyField(
        "models.Office", related_name="transfers_to", on_delete=fields.RESTRICT, null=True
    )
    reason = fields.CharField(max_length=MAX_SAID)
    note = fields.CharField(max_length=MAX_SAID, default="")
    asked_at = fields.DatetimeField()
    asked_by: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="transfers", on_delete=fields.SET_NULL, null=True
    )
    decided_at = fields.DatetimeField(null=True)
    decided_by: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="transfers_decided", on_delete=fields.SET_NULL, null=True
    )
    version = fields.IntField(default=1)

    structure_id: int
    review_id: int
    network_id: int
    department_id: str | None
    office_id: int | None
    to_network_id: int
    to_department_id: str | None
    to_office_id: int | None
    decided_by_id: int | None

    class Meta:
        table = "transfer"

    @classmethod
    async def request(
        cls, structure: ReviewStructure, to: Place, reason: str, *, by: int, expected_version: int
    ) -> Self:
        """Ask for `structure`, which is locked, to go to `to`: one request at a time.

        Raises AlreadyOpen and what a move does, StaleVersion, or BadInput without a reason.
        """
        next_version(structure.version, expected_version)
        why = said(reason, "reason")
        if await cls.exists(structure=structure, state=_OPEN):
            raise AlreadyOpen("A transfer of it was asked for already.", "id")
        await check_movable(structure, to)
        return await cls.create(
            structure=structure,
            review_id=structure.review_id,
            network_id=structure.network_id,
            department_id=structure.department_id,
            office_id=structure.office_id,
            to_network_id=to.network,
            to_department_id=to.department,
            to_office_id=to.office,
            reason=why,
            asked_at=datetime.now(UTC),
            asked_by_id=by,
        )

    @property
    def target(self) -> Place:
        """Where it is to go."""
        return Place(self.to_network_id, self.to_department_id, self.to_office_id)

    async def approve(self, note: str, *, by: int, expected_version: int) -> Move:
        """Let it go there now. This and every step: the row must be locked by the caller."""
        await self._end(TransferStep.APPROVE, note, by, expected_version)
        await ReviewStructure.hold(self.structure_id)
        structure = await ReviewStructure.filter(id=self.structure_id).select_for_update().get()
        return await _move(structure, self.target, self.reason, by)

    async def refuse(self, note: str, *, by: int, expected_version: int) -> None:
        """Let it stay where it is, and say why."""
        await self._end(TransferStep.REFUSE, said(note, "note"), by, expected_version)

    async def cancel(self, *, by: int, expected_version: int) -> None:
        """Take the request back."""
        await self._end(TransferStep.CANCEL, "", by, expected_version)

    async def _end(self, step: TransferStep, note: str, by: int, expected_version: int) -> None:
        self.version = next_version(self.version, expected_version)
        self.state = TRANSFERRING.after(self.state, step)
        self.note = noted(note, "note")
        self.decided_at, self.decided_by_id = datetime.now(UTC), by
        await self.save()
