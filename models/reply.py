"""Replies: what a structure answers, from the first draft to what all may read."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Self

from tortoise import fields
from tortoise.expressions import Q, Subquery
from tortoise.models import Model
from tortoise.queryset import QuerySet

from models import text
from models.account import Account
from models.detection import Finding, FindingKind, findings
from models.errors import (
    AlreadyReplied,
    AlreadyWithdrawn,
    BadInput,
    FindingsToConfirm,
    SelfValidation,
    ValidationRequired,
)
from models.review import ReviewStructure
from models.workflow import Workflow, next_version

MAX_REPLY_LENGTH = 10_000
"""Characters in the body of a reply."""

MAX_LINE = 255
"""Characters in its greeting, and in its signature."""

MAX_NOTE = 1_000
"""Characters of what a validator says when giving a reply back."""


class ReplyState(StrEnum):
    """How far a reply has come."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    VALIDATED = "validated"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class ReplyStep(StrEnum):
    """What can be done with a reply."""

    EDIT = "edit"
    SUBMIT = "submit"
    VALIDATE = "validate"
    RETURN = "return"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


_DRAFT, _SUBMITTED, _VALIDATED, _PUBLISHED, _WITHDRAWN = ReplyState

REPLYING = Workflow(
    "Reply",
    _DRAFT,
    {
        ReplyStep.EDIT: {
            _DRAFT: _DRAFT,
            _SUBMITTED: _DRAFT,
            _VALIDATED: _DRAFT,
            _PUBLISHED: _PUBLISHED,
        },
        ReplyStep.SUBMIT: {_DRAFT: _SUBMITTED},
        ReplyStep.VALIDATE: {_SUBMITTED: _VALIDATED},
        ReplyStep.RETURN: {_SUBMITTED: _DRAFT, _VALIDATED: _DRAFT},
        ReplyStep.PUBLISH: {_DRAFT: _PUBLISHED, _VALIDATED: _PUBLISHED},
        ReplyStep.WITHDRAW: dict.fromkeys((_DRAFT, _SUBMITTED, _VALIDATED, _PUBLISHED), _WITHDRAWN),
    },
)


@dataclass(frozen=True, slots=True)
class ReplyText:
    """The words of a reply, cleaned. Signed by function, never by name."""

    body: str
    greeting: str = ""
    signature: str = ""

    @classmethod
    def of(cls, body: str, greeting: str | None, signature: str | None) -> Self:
        """As it was typed. Raises BadInput for what is empty or too long."""
        cleaned = text.clean(body)
        if not cleaned:
            raise BadInput("The reply is empty.", "body")
        if len(cleaned) > MAX_REPLY_LENGTH:
            message = "The reply is longer than {most} characters."
            raise BadInput(message, "body", most=MAX_REPLY_LENGTH)
        return cls(cleaned, _line(greeting, "greeting"), _line(signature, "signature"))

    @property
    def findings(self) -> dict[str, list[Finding]]:
        """What in each text should not be public by accident: somebody named, or their numbers.

        How to reach an office is not among it: that is what replies tell.
        """
        return {
            name: [one for one in findings(value) if one.kind not in _TOLD]
            for name, value in asdict(self).items()
        }

    def confirm(self, *, accepted: bool) -> None:
        """Raise FindingsToConfirm when it is to be public and names someone, unless `accepted`."""
        if not accepted and any(self.findings.values()):
            message = (
                "This seems to name someone, or to tell a number of theirs: change it, or publish "
                "it as it is with `acceptFindings`."
            )
            raise FindingsToConfirm(message, "acceptFindings")


_TOLD = {FindingKind.EMAIL, FindingKind.PHONE}


def _line(given: str | None, field: str) -> str:
    line = text.clean(given or "")
    if len(line) > MAX_LINE or "\n" in line:
        message = "One line of at most {most} characters is expected."
        raise BadInput(message, field, most=MAX_LINE)
    return line


class Reply(Model):
    """What a structure answers. Withdrawn ones are kept, at most one is not."""

    id = fields.BigIntField(primary_key=True)
    structure: fields.ForeignKeyRelation[ReviewStructure] = fields.ForeignKeyField(
        "models.ReviewStructure", related_name="replies", on_delete=fields.CASCADE
    )
    state = fields.CharEnumField(ReplyState, max_length=16, default=ReplyState.PUBLISHED)
    greeting = fields.CharField(max_length=MAX_LINE, default="")
    body = fields.TextField()
    signature = fields.CharField(max_length=MAX_LINE, default="")
    published_at = fields.DatetimeField(null=True)
    edited_at = fields.DatetimeField(null=True)
    withdrawn_at = fields.DatetimeField(null=True)
    helpful = fields.BooleanField(null=True)
    version = fields.IntField(default=1)
    author: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="replies", on_delete=fields.SET_NULL, null=True
    )

    class Meta:
        table = "reply"

    structure_id: int
    author_id: int | None

    @classmethod
    async def draft(cls, structure: ReviewStructure, words: ReplyText, *, by: int) -> "Reply":
        """Begin a reply for `structure`, whose row must be locked by the caller."""
        if await cls.exists(structure=structure, withdrawn_at=None):
            message = "There is a reply, or a draft of one: edit or withdraw that."
            raise AlreadyReplied(message, "id")
        reply = await cls.create(
            structure=structure, state=ReplyState.DRAFT, author_id=by, **asdict(words)
        )
        await reply.keep("draft", by)
        return reply

    async def edit(
        self, words: ReplyText, *, by: int, expected_version: int, accepted: bool = False
    ) -> None:
        """Put other words in place of these; what was validated is to be validated again.

        This and every step: the row must be locked by the caller. Raises StaleVersion,
        AlreadyWithdrawn or IllegalStep; FindingsToConfirm where all would read them at once.
        """
        await self._step(ReplyStep.EDIT, expected_version)
        if self.state is ReplyState.PUBLISHED:
            words.confirm(accepted=accepted)
        for name, value in asdict(words).items():
            setattr(self, name, value)
        self.author_id = by
        if self.state is ReplyState.PUBLISHED:
            self.edited_at = datetime.now(UTC)
        await self._done(ReplyStep.EDIT, by)

    async def submit(self, *, by: int, expected_version: int) -> None:
        """Ask for validation."""
        await self._step(ReplyStep.SUBMIT, expected_version)
        await self._done(ReplyStep.SUBMIT, by)

    async def validate(self, *, by: int, expected_version: int) -> None:
        """Find it good. Raises SelfValidation when `by` wrote it."""
        await self._step(ReplyStep.VALIDATE, expected_version)
        if self.author_id == by:
            message = "Nobody validates what they wrote: ask someone else to."
            raise SelfValidation(message, "id")
        await self._done(ReplyStep.VALIDATE, by)

    async def give_back(self, note: str, *, by: int, expected_version: int) -> None:
        """Give it back to be written anew, and say why."""
        said = text.clean(note)
        if not 0 < len(said) <= MAX_NOTE:
            raise BadInput("1 to {most} characters are expected.", "note", most=MAX_NOTE)
        await self._step(ReplyStep.RETURN, expected_version)
        await self._done(ReplyStep.RETURN, by, said)

    async def publish(
        self, *, by: int, expected_version: int, validated: bool, accepted: bool = False
    ) -> None:
        """Let all read it. Raises ValidationRequired when it is to be `validated` first.

        Raises FindingsToConfirm when it names someone and nobody `accepted` that.
        """
        unready = self.state is ReplyState.DRAFT and validated
        await self._step(ReplyStep.PUBLISH, expected_version)
        if unready:
            message = "This network validates replies: submit it first."
            raise ValidationRequired(message, "id")
        ReplyText(self.body, self.greeting, self.signature).confirm(accepted=accepted)
        now = datetime.now(UTC)
        self.published_at = now
        await self._done(ReplyStep.PUBLISH, by)
        await ReviewStructure.filter(id=self.structure_id).update(answered=True, replied_at=now)

    async def withdraw(self, *, by: int, expected_version: int) -> None:
        """Take it back: its structure is to be answered again."""
        public = self.state is ReplyState.PUBLISHED
        await self._step(ReplyStep.WITHDRAW, expected_version)
        self.withdrawn_at = datetime.now(UTC)
        await self._done(ReplyStep.WITHDRAW, by)
        if public:
            answered = ReviewStructure.filter(id=self.structure_id)
            await answered.update(answered=False, replied_at=None)

    async def set_aside(self, words: ReplyText, *, by: int, read: int) -> None:
        """Keep words that came too late: their writer had read version `read`."""
        late = {"reply_id": self.id, "version": read, "by_id": by, **asdict(words)}
        if not await LateEdit.exists(**late):
            await LateEdit.create(**late, at=datetime.now(UTC))

    @classmethod
    def given_up(cls, before: datetime) -> QuerySet[Self]:
        """Those that were withdrawn, or last worked on and not published, before then."""
        unpublished = Q(state__in=[_DRAFT, _SUBMITTED, _VALIDATED])
        worked = ReplyVersion.filter(at__gte=before).values("reply_id")
        untouched = unpublished & ~Q(id__in=Subquery(worked))
        return cls.filter(Q(withdrawn_at__lt=before) | untouched)

    async def rate(self, *, helpful: bool) -> None:
        """The author of the review says whether it helped."""
        self.helpful = helpful
        await self.save(update_fields=["helpful"])

    async def _step(self, step: ReplyStep, expected_version: int) -> None:
        if self.withdrawn_at is not None:
            raise AlreadyWithdrawn("This reply was withdrawn.", "id")
        next_version(self.version, expected_version)
        self.state = REPLYING.after(self.state, step)
        if not await ReplyVersion.exists(reply=self, version=self.version):
            # It was not written here: what it says now would be lost.
            before = await Reply.get(id=self.id)
            await before.keep("import", None)

    async def _done(self, step: ReplyStep, by: int, note: str = "") -> None:
        self.version += 1
        await self.save()
        await self.keep(step.value, by, note)

    async def keep(self, step: str, by: int | None, note: str = "") -> None:
        """Write down what it is after `step`."""
        await ReplyVersion.create(
            reply=self,
            version=self.version,
            step=step,
            state=self.state,
            greeting=self.greeting,
            body=self.body,
            signature=self.signature,
            note=note,
            at=datetime.now(UTC),
            by_id=by,
        )


class ReplyVersion(Model):
    """A reply after one of its steps: nothing that was written is lost."""

    id = fields.BigIntField(primary_key=True)
    reply: fields.ForeignKeyRelation[Reply] = fields.ForeignKeyField(
        "models.Reply", related_name="versions", on_delete=fields.CASCADE
    )
    version = fields.IntField()
    step = fields.CharField(max_length=16)
    state = fields.CharEnumField(ReplyState, max_length=16)
    greeting = fields.CharField(max_length=MAX_LINE)
    body = fields.TextField()
    signature = fields.CharField(max_length=MAX_LINE)
    note = fields.CharField(max_length=MAX_NOTE)
    at = fields.DatetimeField()
    by: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="reply_versions", on_delete=fields.SET_NULL, null=True
    )

    class Meta:
        table = "reply_version"
        unique_together = (("reply", "version"),)


class LateEdit(Model):
    """Words for a reply that somebody else changed meanwhile: refused, and not lost.

    `version` is the one that their writer had read.
    """

    id = fields.BigIntField(primary_key=True)
    reply: fields.ForeignKeyRelation[Reply] = fields.ForeignKeyField(
        "models.Reply", related_name="late_edits", on_delete=fields.CASCADE
    )
    version = fields.IntField()
    greeting = fields.CharField(max_length=MAX_LINE)
    body = fields.TextField()
    signature = fields.CharField(max_length=MAX_LINE)
    at = fields.DatetimeField()
    by: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="late_edits", on_delete=fields.SET_NULL, null=True
    )

    class Meta:
        table = "late_edit"
