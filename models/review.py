"""What users tell of a public service, the structures it concerns, and their replies."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import IntEnum
from typing import TYPE_CHECKING

from tortoise import fields
from tortoise.models import Model

from models.network import Department, Network
from models.office import Office
from models.procedure import Procedure
from models.redaction import Span, redact
from models.sql import Sql, connection
from models.text import search_terms
from models.workflow import next_version

if TYPE_CHECKING:
    from models.reply import Reply


MAX_TITLE = 1_000
"""Characters of a title."""


class Sentiment(IntEnum):
    """What the user felt ("ressenti"): three values, there are no stars."""

    NEGATIVE = -1
    NEUTRAL = 0
    POSITIVE = 1


class Axis(IntEnum):
    """The five general tags; each review may be positive, neutral or negative on each."""

    ACCESSIBILITY = 1
    INFORMATION = 2
    RELATION = 3
    RESPONSIVENESS = 4
    SIMPLICITY = 5


class Channel(IntEnum):
    """How the user met the structure ("canal"). The values add up in `ReviewStructure.channels`."""

    COUNTER = 1
    PHONE = 2
    ONLINE = 4
    EMAIL = 8
    MAIL = 16
    APP = 32
    OTHER = 64


class Review(Model):
    """An experience that a user told ("expérience"), published after moderation."""

    id = fields.BigIntField(primary_key=True)
    source = fields.CharField(max_length=32)
    source_id = fields.CharField(max_length=64)
    title = fields.CharField(max_length=MAX_TITLE)
    description = fields.TextField()
    sentiment = fields.IntEnumField(Sentiment)
    written_on = fields.DateField(null=True)
    published_at = fields.DatetimeField()
    posted_as = fields.CharField(max_length=255, null=True)
    country = fields.CharField(max_length=255, null=True)
    postal_code = fields.CharField(max_length=16, null=True)
    improvement = fields.CharField(max_length=255, null=True)
    action = fields.TextField(null=True)
    accessibility = fields.IntEnumField(Sentiment, null=True)
    information = fields.IntEnumField(Sentiment, null=True)
    relation = fields.IntEnumField(Sentiment, null=True)
    responsiveness = fields.IntEnumField(Sentiment, null=True)
    simplicity = fields.IntEnumField(Sentiment, null=True)
    procedure: fields.ForeignKeyNullableRelation[Procedure] = fields.ForeignKeyField(
        "models.Procedure", related_name="reviews", on_delete=fields.RESTRICT, null=True
    )
    search = fields.TextField()
    version = fields.IntField(default=1)
    redacted_at = fields.DatetimeField(null=True)

    procedure_id: int | None

    class Meta:
        table = "review"
        unique_together = (("source", "source_id"),)

    async def redact(self, spans: Mapping[str, Sequence[Span]], *, expected_version: int) -> None:
        """Take words out of what is shown. The row must be locked by the caller.

        Raises StaleVersion, or BadInput for words that are not there.
        """
        next_version(self.version, expected_version)
        title = redact(self.title, spans.get("title", ()), "passages")
        self.title = title[:MAX_TITLE]  # a mask may be longer than what it hides
        self.description = redact(self.description, spans.get("description", ()), "passages")
        self.search = " ".join(search_terms(f"{self.title} {self.description}"))
        self.version += 1
        self.redacted_at = datetime.now(UTC)
        await self.save()

    async def parts(self) -> list["ReviewStructure"]:
        """The structures it concerns, in the order they are named."""
        return await ReviewStructure.filter(review=self).order_by("position")

    async def received(self) -> str:
        """What was received, as JSON: for moderators only, and each reading is written down."""
        kept = await ReviewOriginal.get_or_none(review=self)
        return kept.received if kept else ""


class ReviewOriginal(Model):
    """A review as it was received, kept apart: it is never shown, searched or exported."""

    review: fields.OneToOneRelation[Review] = fields.OneToOneField(
        "models.Review", related_name="original", on_delete=fields.CASCADE, primary_key=True
    )
    received = fields.TextField()
    fingerprint = fields.CharField(max_length=32)

    class Meta:
        table = "review_original"


class ReviewStructure(Model):
    """One of the one to three structures that a review concerns, with its own reply.

    Scope hangs here. What the work list is filtered and sorted by is repeated from the review and
    the office, so that one index serves it.
    """

    id = fields.BigIntField(primary_key=True)
    review: fields.ForeignKeyRelation[Review] = fields.ForeignKeyField(
        "models.Review", related_name="structures", on_delete=fields.CASCADE, db_index=False
    )
    position = fields.SmallIntField()
    network: fields.ForeignKeyRelation[Network] = fields.ForeignKeyField(
        "models.Network", related_name="structures", on_delete=fields.RESTRICT
    )
    department: fields.ForeignKeyNullableRelation[Department] = fields.ForeignKeyField(
        "models.Department", related_name="structures", on_delete=fields.RESTRICT, null=True
    )
    office: fields.ForeignKeyNullableRelation[Office] = fields.ForeignKeyField(
        "models.Office", related_name="structures", on_delete=fields.RESTRICT, null=True
    )
    received_name = fields.CharField(max_length=512, null=True)
    channels = fields.SmallIntField(default=0)
    sentiment = fields.IntEnumField(Sentiment)
    published_at = fields.DatetimeField()
    answered = fields.BooleanField(default=False)
    replied_at = fields.DatetimeField(null=True)
    assignee_id = fields.BigIntField(null=True)
    version = fields.IntField(default=1)

    review_id: int
    network_id: int
    department_id: str | None
    office_id: int | None
    replies: fields.ReverseRelation["Reply"]

    class Meta:
        table = "review_structure"
        unique_together = (("review", "position"),)

    @classmethod
    async def hold(cls, key: int) -> None:
        """Lock the review of the structure of `key`: two of its structures do not move at once."""
        review = await cls.filter(id=key).first()
        if review is not None:
            await Review.filter(id=review.review_id).select_for_update().first()

    async def assign(self, to: int | None, *, expected_version: int) -> None:
        """Let an account answer for it, or nobody. The row must be locked by the caller."""
        self.version = next_version(self.version, expected_version)
        self.assignee_id = to
        await self.save(update_fields=["assignee_id", "version"])


def matching(terms: Sequence[str]) -> Sql:
    """Whether the text of review `r` holds every one of `terms` (see `text.search_terms`)."""
    if connection().capabilities.dialect == "sqlite":
        phrase = " ".join(f'"{term}"' for term in terms)
        return Sql(
            "r.id IN (SELECT rowid FROM review_search WHERE review_search MATCH ?)", (phrase,)
        )
    phrase = " & ".join(f"'{term}'" for term in terms)
    return Sql(
        "r.id IN (SELECT review_id FROM review_search WHERE words @@ to_tsquery('simple', ?))",
        (phrase,),
        skewed=True,
    )
