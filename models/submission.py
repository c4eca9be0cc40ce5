"""What users tell before it is published: moderated first, and kept apart until then."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Self

import orjson
from tortoise import fields
from tortoise.expressions import Q
from tortoise.models import Model
from tortoise.queryset import QuerySet

from models import text
from models.account import Account
from models.contact import MAX_CONTACT, ContactRequest
from models.detection import Finding, FindingKind, FoundBy, findings, first_of
from models.errors import BadInput, SourceIdTaken
from models.procedure import Procedure
from models.redaction import Span, redact
from models.review import (
    MAX_TITLE,
    Axis,
    Review,
    ReviewOriginal,
    ReviewStructure,
    Sentiment,
)
from models.sql import alone
from models.text import search_terms
from models.workflow import Workflow, next_version

MAX_DESCRIPTION = 20_000
MAX_SHORT = 255
MAX_NOTE = 1_000
MAX_STRUCTURES = 3
ENTERED = "relais"
"""The source of what offices write down: no platform's."""

TEXTS = ("title", "description")
_NAMED = FindingKind.PERSON_NAME
AXES = tuple(axis.name.lower() for axis in Axis)
FORGOTTEN: dict[str, Any] = {
    "title": "",
    "description": "",
    "note": "",
    "findings": "{}",
    "suspects": 0,
    **dict.fromkeys(("contact", "archive", "postal_code", "posted_as", "country")),
}
"""What is left of the texts of a submission once they are forgotten."""


class EntryMode(StrEnum):
    """How a review came in: typed by its author, or by an office on a person's behalf."""

    ONLINE = "online"
    COUNTER = "counter"
    PHONE = "phone"
    PAPER = "paper"


class SubmissionState(StrEnum):
    """Where a review stands with moderation."""

    SUBMITTED = "submitted"
    PUBLISHED = "published"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class SubmissionStep(StrEnum):
    """What can be done with a submission."""

    UPDATE = "update"
    APPROVE = "approve"
    REJECT = "reject"
    UNPUBLISH = "unpublish"
    WITHDRAW = "withdraw"


class RejectReason(StrEnum):
    """Why the charter keeps a review from being published."""

    INSULT = "insult"
    PERSONAL_DATA = "personal_data"
    AGENT_NAMED = "agent_named"
    OUT_OF_PERIMETER = "out_of_perimeter"
    NOT_AN_EXPERIENCE = "not_an_experience"
    DUPLICATE = "duplicate"
    ADVERTISING = "advertising"


_SUBMITTED, _PUBLISHED, _REJECTED, _WITHDRAWN = SubmissionState

MODERATING = Workflow(
    "Submission",
    _SUBMITTED,
    {
        SubmissionStep.UPDATE: {_SUBMITTED: _SUBMITTED},
        SubmissionStep.APPROVE: {_SUBMITTED: _PUBLISHED},
        SubmissionStep.REJECT: {_SUBMITTED: _REJECTED},
        SubmissionStep.UNPUBLISH: {_PUBLISHED: _REJECTED},
        SubmissionStep.WITHDRAW: {_SUBMITTED: _WITHDRAWN, _PUBLISHED: _WITHDRAWN},
    },
)


@dataclass(frozen=True, slots=True)
class Concerned:
    """A structure that a review is about."""

    network_id: int
    department_id: str | None
    office_id: int | None
    received_name: str | None
    channels: int


@dataclass(frozen=True, slots=True)
class Told:
    """What a user tells, cleaned and bounded."""

    title: str
    description: str
    sentiment: Sentiment
    structures: tuple[Concerned, ...]
    axes: dict[str, Sentiment] = field(default_factory=dict)
    written_on: date | None = None
    posted_as: str | None = None
    country: str | None = None
    postal_code: str | None = None
    contact: str | None = None
    procedure_id: int | None = None

    @classmethod
    def of(cls, title: str, description: str, **rest: Any) -> Self:
        """As it was received. Raises BadInput for what is empty, too long or in the future."""
        told: dict[str, Any] = {
            "title": _text(title, MAX_TITLE, "title"),
            "description": _text(description, MAX_DESCRIPTION, "description"),
        }
        if not any(told.values()):
            raise BadInput("A title or a description is needed.", "description")
        for name, most in (
            ("posted_as", MAX_SHORT),
            ("country", MAX_SHORT),
            ("postal_code", 16),
            ("contact", MAX_CONTACT),
        ):
            rest[name] = _text(rest.get(name) or "", most, name) or None
        written = rest.get("written_on")
        if written is not None and written > datetime.now(UTC).date():
            raise BadInput("This day has not come yet.", "writtenOn")
        if not 1 <= len(rest["structures"]) <= MAX_STRUCTURES:
            message = "Between {least} and {most} are expected."
            raise BadInput(message, "structures", least=1, most=MAX_STRUCTURES)
        offices = [one.office_id for one in rest["structures"] if one.office_id is not None]
        if len(set(offices)) < len(offices):
            raise BadInput("This review concerns that place already.", "structures")
        return cls(**told, **rest)

    @property
    def fingerprint(self) -> str:
        """What tells it from another telling, and tells nothing of how to reach the user.

        What is not told does not count.
        """
        told = {name: value for name, value in asdict(self).items() if value is not None}
        told.pop("contact", None)
        return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()

    @property
    def columns(self) -> dict[str, Any]:
        """It as the columns of a submission."""
        told = asdict(self)
        parts, axes = told.pop("structures"), told.pop("axes")
        found = {name: [tuple(one) for one in findings(getattr(self, name))] for name in TEXTS}
        return {
            **told,
            **{name: axes.get(name) for name in AXES},
            "parts": orjson.dumps(parts).decode(),
            "findings": orjson.dumps(found).decode(),
            "suspects": sum(map(len, found.values())),
            "fingerprint": self.fingerprint,
        }


def _text(received: str, most: int, name: str) -> str:
    cleaned = text.clean(received)
    if len(cleaned) > most:
        raise BadInput("This is longer than {most} characters.", _camel(name), most=most)
    return cleaned


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.title() for other in others)


class Submission(Model):
    """A review on its way to publication. What is not published is in no other table.

    `contact` says how to reach a user who asks to talk to someone: a ContactRequest has it once it
    is published, and nobody when it is not. `archive` holds what was published of
    it, and answered, before it was taken out again.
    """

    id = fields.BigIntField(primary_key=True)
    source = fields.CharField(max_length=32)
    source_id = fields.CharField(max_length=64)
    entry = fields.CharEnumField(EntryMode, max_length=16)
    state = fields.CharEnumField(SubmissionState, max_length=16, default=_SUBMITTED)
    title = fields.CharField(max_length=MAX_TITLE)
    description = fields.TextField()
    sentiment = fields.IntEnumField(Sentiment)
    written_on = fields.DateField(null=True)
    posted_as = fields.CharField(max_length=MAX_SHORT, null=True)
    country = fields.CharField(max_length=MAX_SHORT, null=True)
    postal_code = fields.CharField(max_length=16, null=True)
    contact = fields.CharField(max_length=MAX_CONTACT, null=True)
    accessibility = fields.IntEnumField(Sentiment, null=True)
    information = fields.IntEnumField(Sentiment, null=True)
    relation = fields.IntEnumField(Sentiment, null=True)
    responsiveness = fields.IntEnumField(Sentiment, null=True)
    simplicity = fields.IntEnumField(Sentiment, null=True)
    procedure: fields.ForeignKeyNullableRelation[Procedure] = fields.ForeignKeyField(
        "models.Procedure", related_name="submissions", on_delete=fields.RESTRICT, null=True
    )
    parts = fields.TextField()
    findings = fields.TextField()
    suspects = fields.IntField()
    fingerprint = fields.CharField(max_length=64)
    reason: Any = fields.CharEnumField(RejectReason, max_length=32, null=True)
    note = fields.CharField(max_length=MAX_NOTE, default="")
    version = fields.IntField(default=1)
    submitted_at = fields.DatetimeField()
    submitted_by: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="submissions", on_delete=fields.SET_NULL, null=True
    )
    decided_at = fields.DatetimeField(null=True)
    decided_by: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="decisions", on_delete=fields.SET_NULL, null=True
    )
    review: fields.ForeignKeyNullableRelation[Review] = fields.ForeignKeyField(
        "models.Review", related_name="submissions", on_delete=fields.SET_NULL, null=True
    )
    archive = fields.TextField(null=True)

    procedure_id: int | None
    submitted_by_id: int | None
    decided_by_id: int | None
    review_id: int | None

    class Meta:
        table = "submission"
        unique_together = (("source", "source_id"),)

    @classmethod
    def new(cls, source: str, source_id: str, entry: EntryMode, told: Told, *, by: int) -> Self:
        """A submission that is still to be saved."""
        return cls(
            source=source,
            source_id=source_id,
            entry=entry,
            submitted_by_id=by,
            submitted_at=datetime.now(UTC),
            **told.columns,
        )

    @classmethod
    async def known(cls, source: str, source_ids: Sequence[str]) -> dict[str, Self]:
        """Those of a source, by their identifiers there."""
        found = await cls.filter(source=source, source_id__in=source_ids)
        return {one.source_id: one for one in found}

    @classmethod
    async def claim(cls, source: str, account: int) -> bool:
        """Whether `source` is of `account`, which was the first to bring something in from it.

        Until the end of the transaction, nobody else brings anything in from there.
        """
        await alone(f"source {source}")
        first = await cls.filter(source=source).order_by("id").first()
        return source != ENTERED and (first is None or first.submitted_by_id == account)

    async def update(self, told: Told, *, expected_version: int) -> None:
        """Its author tells it otherwise, before it is decided.

        This and every step: the row must be locked by the caller. Raises StaleVersion or
        IllegalStep.
        """
        self._step(SubmissionStep.UPDATE, expected_version)
        for name, value in told.columns.items():
            setattr(self, name, value)
        await self.save()

    async def approve(
        self, redactions: dict[str, list[Span]], *, by: int, expected_version: int
    ) -> list[ReviewStructure]:
        """Publish it without the words that are redacted: the structures it concerns.

        Raises SourceIdTaken when an import published the same before.
        """
        self._decide(SubmissionStep.APPROVE, by, expected_version)
        if await published(self.source, [self.source_id]):
            message = "A review of this source identifier is published: reject this one."
            raise SourceIdTaken(message, "id")
        shown: dict[str, Any] = {
            name: redact(getattr(self, name), redactions.get(name, []), "redactions")
            for name in TEXTS
        }
        shown["title"] = shown["title"][:MAX_TITLE]  # a mask may be longer than what it hides
        made = await Review.create(
            source=self.source,
            source_id=self.source_id,
            **shown,
            sentiment=self.sentiment,
            written_on=self.written_on,
            published_at=self.decided_at,
            posted_as=self.posted_as,
            country=self.country,
            postal_code=self.postal_code,
            procedure_id=self.procedure_id,
            **{name: getattr(self, name) for name in AXES},
            search=" ".join(search_terms(" ".join(shown.values()))),
        )
        received = orjson.dumps({name: getattr(self, name) for name in TEXTS}).decode()
        await ReviewOriginal.create(
            review=made, received=received, fingerprint=self.fingerprint[:32]
        )
        contact, self.contact, self.review_id = self.contact, None, made.id
        self.show(made)
        await self.save()
        structures = [
            await ReviewStructure.create(
                review=made,
                position=position,
                sentiment=self.sentiment,
                published_at=self.decided_at,
                **part,
            )
            for position, part in enumerate(orjson.loads(self.parts), 1)
        ]
        if contact:
            await ContactRequest.ask(contact, structures)
        return structures

    def show(self, review: Review) -> None:
        """What was taken out of the review that it became is not to be read here either."""
        self.title, self.description = review.title, review.description
        found = {name: [tuple(one) for one in findings(getattr(self, name))] for name in TEXTS}
        self.findings, self.suspects = orjson.dumps(found).decode(), sum(map(len, found.values()))

    @classmethod
    async def hold(cls, review: int) -> Self | None:
        """Lock the submission that became the review of this key, if one did: before the review."""
        return await cls.filter(review_id=review).select_for_update().first()

    async def reject(
        self, reason: RejectReason, note: str, *, by: int, expected_version: int
    ) -> None:
        """Keep it from being published."""
        self._decide(SubmissionStep.REJECT, by, expected_version)
        self.reason, self.note = reason, _text(note, MAX_NOTE, "note")
        self.contact = None
        await self.save()

    async def take_out(
        self,
        step: SubmissionStep,
        *,
        by: int,
        expected_version: int,
        reason: RejectReason | None = None,
    ) -> None:
        """Unpublish it, or let its author withdraw it: what was public is in the archive only."""
        self._decide(step, by, expected_version)
        self.reason, self.contact = reason, None
        if self.review_id is not None:
            self.archive = await archived(self.review_id)
            await Review.filter(id=self.review_id).delete()
            self.review_id = None
        if step is SubmissionStep.WITHDRAW:
            self._forget()
        await self.save()

    @classmethod
    def kept_back(cls, before: datetime) -> QuerySet[Self]:
        """Those that were rejected, or taken out again, before then and still tell something."""
        told = ~Q(title="", description="")
        return cls.filter(told, state=_REJECTED, decided_at__lt=before)

    @property
    def archived_review(self) -> int | None:
        """The key of the review that was published of it, and taken out again."""
        return orjson.loads(self.archive)["review"][0]["id"] if self.archive else None

    @classmethod
    async def unread(cls) -> list[int]:
        """The keys of those that wait for moderation, and that no language model has read."""
        waiting = cls.filter(state=_SUBMITTED).exclude(findings__contains=f'"{FoundBy.MODEL}":')
        return [int(str(key)) for key in await waiting.order_by("id").values_list("id", flat=True)]

    async def propose(self, names: Mapping[str, Sequence[Span]]) -> int:
        """Add the names that a language model found in its texts: how many are new.

        Where a rule found something already, that stands. The row must be locked by the caller.
        """
        stored = orjson.loads(self.findings)
        before = self.suspects
        for name in TEXTS:
            rules = [Finding(FindingKind(kind), *rest) for kind, *rest in stored.get(name, [])]
            new = [Finding(_NAMED, *span, FoundBy.MODEL) for span in names.get(name, ())]
            stored[name] = [tuple(one) for one in first_of(rules, new)]
        self.suspects = sum(len(stored[name]) for name in TEXTS)
        self.findings = orjson.dumps(stored | {FoundBy.MODEL.value: True}).decode()
        await self.save(update_fields=["findings", "suspects"])
        return self.suspects - before

    async def parts_published(self) -> list[ReviewStructure]:
        """The structures that what was published of it concerns."""
        return await ReviewStructure.filter(review_id=self.review_id).order_by("position")

    def _forget(self) -> None:
        """What its author takes back is not ours to keep."""
        for name, value in FORGOTTEN.items():
            setattr(self, name, value)

    def _decide(self, step: SubmissionStep, by: int, expected_version: int) -> None:
        self._step(step, expected_version)
        self.decided_at, self.decided_by_id = datetime.now(UTC), by

    def _step(self, step: SubmissionStep, expected_version: int) -> None:
        next_version(self.version, expected_version)
        self.state = MODERATING.after(self.state, step)
        self.version += 1


async def published(source: str, source_ids: Sequence[str]) -> set[str]:
    """Which identifiers of a source are of published reviews."""
    found = Review.filter(source=source, source_id__in=source_ids)
    return {str(one) for one in await found.values_list("source_id", flat=True)}


async def archived(review: int) -> str:
    """What is public of a review, with its replies, as JSON."""
    kept = await Review.filter(id=review).values()
    structures = await ReviewStructure.filter(review_id=review).prefetch_related("replies")
    replies = [
        {
            "structure": one.position,
            "state": reply.state.value,
            "greeting": reply.greeting,
            "body": reply.body,
            "signature": reply.signature,
        }
        for one in structures
        for reply in one.replies
    ]
    return orjson.dumps({"review": kept, "replies": replies}).decode()
