"""What those who work on a review tell each other: never published, never exported."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Self

from tortoise import fields
from tortoise.models import Model

from models.account import Account
from models.review import Review
from models.said import MAX_SAID, said
from models.workflow import next_version


class Comment(Model):
    """An internal word on a review, seen by the structures concerned and the national team."""

    id = fields.BigIntField(primary_key=True)
    review: fields.ForeignKeyRelation[Review] = fields.ForeignKeyField(
        "models.Review", related_name="comments", on_delete=fields.CASCADE
    )
    author: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="comments", on_delete=fields.SET_NULL, null=True
    )
    body = fields.CharField(max_length=MAX_SAID)
    at = fields.DatetimeField()
    edited_at = fields.DatetimeField(null=True)
    version = fields.IntField(default=1)

    review_id: int
    author_id: int | None

    class Meta:
        table = "review_comment"

    @classmethod
    async def add(cls, review: int, body: str, mentioned: Collection[int], *, by: int) -> Self:
        """Say something on a review, and call those who are mentioned."""
        made = await cls.create(
            review_id=review, author_id=by, body=said(body, "body"), at=datetime.now(UTC)
        )
        await made.mention(mentioned)
        return made

    async def edit(self, body: str, mentioned: Collection[int], *, expected_version: int) -> None:
        """Say it otherwise; who was mentioned before, and is still, is not called again."""
        self.version = next_version(self.version, expected_version)
        self.body, self.edited_at = said(body, "body"), datetime.now(UTC)
        await self.save()
        await Mention.filter(comment=self).exclude(account_id__in=list(mentioned)).delete()
        known = {one.account_id for one in await Mention.filter(comment=self)}
        await self.mention([one for one in mentioned if one not in known])

    async def remove(self, *, expected_version: int) -> None:
        """Take it back, with its mentions."""
        next_version(self.version, expected_version)
        await self.delete()

    async def mention(self, accounts: Collection[int]) -> None:
        """Call these to it."""
        await Mention.bulk_create([Mention(comment=self, account_id=one) for one in accounts])


class Mention(Model):
    """That a comment calls someone, and when they had read it."""

    id = fields.BigIntField(primary_key=True)
    comment: fields.ForeignKeyRelation[Comment] = fields.ForeignKeyField(
        "models.Comment", related_name="mentions", on_delete=fields.CASCADE
    )
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="mentions", on_delete=fields.CASCADE
    )
    read_at = fields.DatetimeField(null=True)

    account_id: int

    class Meta:
        table = "mention"
        unique_together = (("comment", "account"),)

    @classmethod
    async def read(cls, comment: int, *, by: int) -> None:
        """`by` has read a comment that mentions them; once more changes nothing."""
        unread = cls.filter(comment_id=comment, account_id=by, read_at=None)
        await unread.update(read_at=datetime.now(UTC))
