"""What opens the service: tokens of machines, sessions of people. Only hashes are kept."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from tortoise import fields
from tortoise.models import Model

from models import ids
from models.account import Account
from models.audit import Deed
from models.errors import AlreadyRevoked

PREFIX = "relais_"

MAX_DAYS = 366
"""Days that a token may live."""

MAX_OVERLAP = 7 * 24 * 60
"""Minutes for which an old token may outlive its rotation."""


def digest(secret: str) -> str:
    """What is kept of a secret. It is 256 random bits: a slow hash would add nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


def visible(secret: str) -> str:
    """The beginning of a token, which may be shown."""
    return secret[: len(PREFIX) + 6]


class AccessToken(Model):
    """A machine's token. `prefix` is its visible part, by which people tell tokens apart."""

    id = fields.BigIntField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="tokens", on_delete=fields.CASCADE
    )
    prefix = fields.CharField(max_length=24)
    sha256 = fields.CharField(max_length=64, unique=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    expires_at = fields.DatetimeField()
    last_used_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    account_id: int

    class Meta:
        table = "access_token"

    @classmethod
    async def issue(cls, account: Account, expires_at: datetime) -> tuple["AccessToken", str]:
        """A new token of `account`, and its secret, which is told this once."""
        secret = f"{PREFIX}{secrets.token_urlsafe(32)}"
        made = await cls.create(
            account=account, prefix=visible(secret), sha256=digest(secret), expires_at=expires_at
        )
        return made, secret

    async def revoke(self) -> None:
        """End it now. Raises AlreadyRevoked."""
        if self.revoked_at is not None:
            raise AlreadyRevoked("This was revoked already.", "id")
        self.revoked_at = datetime.now(UTC)
        await self.save(update_fields=["revoked_at"])

    async def deed(self, action: str) -> Deed:
        """What was done with it, for the audit trail."""
        await self.fetch_related("account")
        return Deed(action, ids.encode("AccessToken", self.id), await self.account.place())

    @classmethod
    async def run_out(cls, account: Account, within: timedelta) -> None:
        """Let the live tokens of `account` end within this time, for another takes their place."""
        end = datetime.now(UTC) + within
        await cls.filter(account=account, revoked_at=None, expires_at__gt=end).update(
            expires_at=end
        )


class Session(Model):
    """A person's sign-in, ended by its time, by the person or by the identity provider.

    `sealed` is what the provider gave, and opens only with the cookie that the browser holds.
    """

    id = fields.BigIntField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="sessions", on_delete=fields.CASCADE
    )
    sha256 = fields.CharField(max_length=64, unique=True)
    sealed = fields.TextField()
    begun_at = fields.DatetimeField(auto_now_add=True)
    checked_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    account_id: int

    class Meta:
        table = "session"
