"""Who may sign in, and what each was granted."""

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from tortoise import fields
from tortoise.models import Model

from models import ids
from models.audit import Deed, Place
from models.errors import AlreadyActive, AlreadyRevoked, BadInput
from models.network import Department, Network
from models.office import Office
from models.sql import Sql

if TYPE_CHECKING:
    from models.access import AccessToken

OURS = "relais"
"""The issuer of the accounts that this service names itself: machines, and those of the demo."""

# ASCII only: there are letters beyond that which turn into those of another address in lower case.
_ADDRESS = re.compile(r"(?=.{3,255}\Z)[!-?A-~]+@[!-?A-~]+")


def address(given: str) -> str | None:
    """An e-mail address in the form in which addresses are compared; None when it is none."""
    return given.lower() if _ADDRESS.fullmatch(given) else None


class Role(StrEnum):
    """What a grant lets its holder do; auth/permissions.py says it right by right."""

    OFFICE_AGENT = "office_agent"
    OFFICE_MANAGER = "office_manager"
    DEPARTMENT_MANAGER = "department_manager"
    NETWORK_MANAGER = "network_manager"
    VALIDATOR = "validator"
    READER = "reader"
    ANALYST = "analyst"
    MODERATOR = "moderator"
    ADMINISTRATOR = "administrator"
    SERVICE = "service"


class AccountKind(StrEnum):
    """Who is behind an account."""

    PERSON = "person"
    MACHINE = "machine"


class Account(Model):
    """A person or a machine. `label` is a function ("Caf du Rhône, accueil"), never a name.

    Subjects are those of the issuer: a person is the two together. `email` is what the identity
    provider said at the last sign-in, and is shown only to those who administer.
    """

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharEnumField(AccountKind, max_length=16, default=AccountKind.PERSON)
    issuer = fields.CharField(max_length=255, default=OURS)
    subject = fields.CharField(max_length=255)
    label = fields.CharField(max_length=255)
    email = fields.CharField(max_length=255, null=True, db_index=True)
    deactivated_at = fields.DatetimeField(null=True)

    grants: fields.ReverseRelation["Grant"]
    tokens: fields.ReverseRelation["AccessToken"]

    class Meta:
        table = "account"
        unique_together = (("issuer", "subject"),)

    @classmethod
    async def known(cls, issuer: str, subject: str, *, email: str | None = None) -> Self:
        """The person that an identity provider vouches for: made when met for the first time."""
        defaults = {"label": email or subject, "email": email}
        person, new = await cls.get_or_create(issuer=issuer, subject=subject, defaults=defaults)
        if email and not new and email != person.email:
            person.email = person.label = email
            await person.save(update_fields=["email", "label"])
        return person

    async def claim(self) -> list["Grant"]:
        """The grants that waited for the address of this person, which are theirs now."""
        if self.email is None or self.deactivated_at is not None:
            return []
        waiting = Grant.filter(account=None, invited_email=self.email, revoked_at=None)
        found = await waiting.select_for_update().order_by("id")
        for grant in found:
            grant.account_id, grant.invited_email = self.id, None
            await grant.save(update_fields=["account_id", "invited_email"])
        return found

    @classmethod
    async def machine(cls, label: str) -> Self:
        """A new machine, which comes in by tokens of ours."""
        subject = f"machine-{uuid4().hex}"
        return await cls.create(kind=AccountKind.MACHINE, subject=subject, label=label)

    async def deactivate(self) -> None:
        """Shut it out, whatever it holds. Raises AlreadyRevoked."""
        if self.deactivated_at is not None:
            raise AlreadyRevoked("This was revoked already.", "id")
        self.deactivated_at = datetime.now(UTC)
        await self.save(update_fields=["deactivated_at"])

    async def reactivate(self) -> None:
        """Let it in again, with the grants it has. Raises AlreadyActive."""
        if self.deactivated_at is None:
            raise AlreadyActive("This account is not shut out.", "id")
        self.deactivated_at = None
        await self.save(update_fields=["deactivated_at"])

    async def place(self) -> Place:
        """Where it is of concern: where the first of its grants holds."""
        first = await self.grants.all().order_by("id").first()
        return Place() if first is None else Place.of(first)

    async def deed(self, action: str, **facts: Any) -> Deed:
        """What was done to it, for the audit trail."""
        return Deed(action, ids.encode("Account", self.id), await self.place(), facts)

    @classmethod
    async def of_email(cls, email: str) -> Self | None:
        """The one active person of this address; nobody where several have it."""
        found = await cls.filter(email=email, deactivated_at=None).limit(2)
        return found[0] if len(found) == 1 else None


class Grant(Model):
    """A role over a scope: a network, narrowed to a department or to an office and those below.

    No network at all is the whole country. A grant may wait for its holder: the first who signs
    in with the address `invited_email`. `rights` names those of a service, parted by blanks.
    """

    id = fields.BigIntField(primary_key=True)
    account: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="grants", on_delete=fields.CASCADE, null=True
    )
    invited_email = fields.CharField(max_length=255, null=True, db_index=True)
    role = fields.CharEnumField(Role, max_length=32)
    rights = fields.CharField(max_length=512, default="")
    network: fields.ForeignKeyNullableRelation[Network] = fields.ForeignKeyField(
        "models.Network", related_name="grants", on_delete=fields.RESTRICT, null=True
    )
    department: fields.ForeignKeyNullableRelation[Department] = fields.ForeignKeyField(
        "models.Department", related_name="grants", on_delete=fields.RESTRICT, null=True
    )
    office: fields.ForeignKeyNullableRelation[Office] = fields.ForeignKeyField(
        "models.Office", related_name="grants", on_delete=fields.RESTRICT, null=True
    )
    starts_at = fields.DatetimeField(null=True)
    ends_at = fields.DatetimeField(null=True)
    given_at = fields.DatetimeField(null=True, auto_now_add=True)
    given_by: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="given", on_delete=fields.SET_NULL, null=True
    )
    revoked_at = fields.DatetimeField(null=True)

    account_id: int | None
    network_id: int | None
    department_id: str | None
    office_id: int | None

    class Meta:
        table = "access_grant"

    @classmethod
    async def give(
        cls,
        account: Account | str,
        role: Role,
        *,
        network: Network | None = None,
        department: Department | None = None,
        office: Office | None = None,
        rights: str = "",
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
        by: int | None = None,
    ) -> "Grant":
        """Grant `role` over a scope to an account, or to whoever signs in with an address.

        The same again changes nothing. Raises BadInput unless the scope suits the role.
        """
        scope: dict[str, Any] = {"network": network, "department": department, "office": office}
        given = frozenset(name for name, value in scope.items() if value is not None)
        if given not in SCOPES[role]:
            wanted = " or ".join(" and ".join(sorted(names)) or "none" for names in SCOPES[role])
            message = "The role {role} is for this scope: {wanted}."
            raise BadInput(message, "role", role=role.value, wanted=wanted)
        if office is not None and network is not None and office.network_id != network.id:
            raise BadInput("The office is not of that network.", "office")
        if (role is Role.SERVICE) is not bool(rights):
            raise BadInput("Rights are named for machines, and for machines only.", "permissions")
        now = datetime.now(UTC)
        if ends_at is not None and ends_at <= max(now, starts_at or now):
            raise BadInput("The grant would end before it begins.", "endsAt")
        holder: dict[str, Any] = (
            {"invited_email": account} if isinstance(account, str) else {"account": account}
        )
        columns: dict[str, Any] = {
            "role": role,
            "rights": rights,
            "starts_at": starts_at,
            "ends_at": ends_at,
        }
        same = await cls.filter(**holder, **columns, **scope, revoked_at=None).first()
        return same or await cls.create(**holder, **columns, **scope, given_by_id=by)

    async def revoke(self) -> None:
        """Take it back, whether it was claimed or not. Raises AlreadyRevoked."""
        if self.revoked_at is not None:
            raise AlreadyRevoked("This was revoked already.", "id")
        self.revoked_at = datetime.now(UTC)
        await self.save(update_fields=["revoked_at"])

    def deed(self, action: str) -> Deed:
        """What was done with it, for the audit trail."""
        facts: dict[str, Any] = {"role": self.role.value, "waiting": self.account_id is None}
        if self.account_id is not None:
            facts["account"] = ids.encode("Account", self.account_id)
        if self.rights:
            facts["permissions"] = self.rights.split()
        return Deed(action, ids.encode("Grant", self.id), Place.of(self), facts)


def over(now: datetime) -> Sql:
    """Whether a grant `a` was revoked, or its time is over at `now`."""
    return Sql("a.revoked_at IS NOT NULL OR coalesce(a.ends_at <= ?, FALSE)", (now,))


def in_force(now: datetime) -> Sql:
    """Whether a grant `a` holds at `now`: it is not over, and waits for nothing."""
    past = over(now)
    begun = "a.account_id IS NOT NULL AND coalesce(a.starts_at <= ?, TRUE)"
    return Sql(f"NOT ({past.text}) AND {begun}", (*past.args, now))


_COUNTRY, _NETWORK = frozenset[str](), frozenset({"network"})
_DEPARTMENT, _OFFICE = frozenset({"network", "department"}), frozenset({"network", "office"})

SCOPES: dict[Role, tuple[frozenset[str], ...]] = {
    Role.OFFICE_AGENT: (_OFFICE,),
    Role.OFFICE_MANAGER: (_OFFICE,),
    Role.DEPARTMENT_MANAGER: (_DEPARTMENT,),
    Role.NETWORK_MANAGER: (_NETWORK,),
    Role.VALIDATOR: (_NETWORK, _DEPARTMENT, _OFFICE),
    Role.READER: (_COUNTRY, _NETWORK, _DEPARTMENT, _OFFICE),
    Role.ANALYST: (_COUNTRY, _NETWORK),
    Role.MODERATOR: (_COUNTRY,),
    Role.ADMINISTRATOR: (_COUNTRY,),
    Role.SERVICE: (_COUNTRY, _NETWORK, _DEPARTMENT, _OFFICE),
}
"""What each role may be granted over."""
