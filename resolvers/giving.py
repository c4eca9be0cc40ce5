"""Giving and taking: grants, machines and their tokens, accounts as a whole."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import strawberry
from tortoise import Model

from auth import giving, scope
from auth.permissions import PERMISSIONS
from models import ids
from models.access import MAX_DAYS, MAX_OVERLAP, AccessToken
from models.account import Account, AccountKind, Grant, Role, address
from models.audit import Deed, Place
from models.errors import BadInput, NotFound
from models.network import Department, Network
from models.office import Office, below
from resolvers import access
from resolvers.context import Info
from resolvers.done import Done
from resolvers.locked import locked
from resolvers.names import Permission
from resolvers.names import Role as RoleName

MAX_LABEL = 255


@strawberry.input(
    description="Where a grant holds: the whole country when empty, a network, or within it a "
    "department or an office with those below it."
)
class PlaceInput:
    network: str | None = strawberry.field(default=None, description="Code of the network.")
    department: str | None = strawberry.field(
        default=None, description="Code of the department, within the network."
    )
    office: strawberry.ID | None = strawberry.field(
        default=None, description="Id of the office; its network may be left out."
    )


@strawberry.input(description="A grant to be given: to an account, or to an e-mail address.")
class GrantInput:
    role: RoleName = strawberry.field(description="The role; `SERVICE` is for machines.")
    place: PlaceInput = strawberry.field(description="Where it holds.")
    account: strawberry.ID | None = strawberry.field(
        default=None, description="Id of the account that is to hold it."
    )
    email: str | None = strawberry.field(
        default=None,
        description="Address of the person who is to hold it: theirs at once if they signed in "
        "with it before, or else when they first do.",
    )
    permissions: list[Permission] | None = strawberry.field(
        default=None, description="The rights of a machine; left out for people."
    )
    starts_at: datetime | None = strawberry.field(
        default=None, description="When it begins; at once when left out."
    )
    ends_at: datetime | None = strawberry.field(
        default=None, description="When it ends; never when left out."
    )


@strawberry.input(description="A machine to be let in.")
class ServiceAccountInput:
    label: str = strawberry.field(
        description=f"What it is called: a function, never a name; 1 to {MAX_LABEL} characters."
    )
    permissions: list[Permission] = strawberry.field(description="Its rights, one by one.")
    place: PlaceInput = strawberry.field(description="Where they hold.")
    token_days: int = strawberry.field(
        default=90, description=f"Days that its token lives, 1 to {MAX_DAYS}."
    )
    ends_at: datetime | None = strawberry.field(
        default=None, description="When its rights end; never when left out."
    )


GrantArgument = Annotated[GrantInput, strawberry.argument(description="The grant.")]
GrantId = Annotated[strawberry.ID, strawberry.argument(description="Id of the `Grant`.")]
AccountId = Annotated[strawberry.ID, strawberry.argument(description="Id of the `Account`.")]
TokenId = Annotated[strawberry.ID, strawberry.argument(description="Id of the `AccessToken`.")]
MachineArgument = Annotated[
    ServiceAccountInput, strawberry.argument(description="The machine and its rights.")
]
Overlap = Annotated[
    int,
    strawberry.argument(
        description="Minutes for which the tokens it has now go on, so that it can be given the "
        f"new one: 0 to {MAX_OVERLAP}."
    ),
]
Days = Annotated[
    int, strawberry.argument(description=f"Days that the new token lives, 1 to {MAX_DAYS}.")
]


async def give(info: Info, input: GrantArgument) -> Done:  # noqa: A002  (its name in the API)
    """Give a role over a scope."""
    place, parts = await place_of(input.place, "input", "place")
    role, named = Role(input.role), input.permissions or []
    rights = access.named_rights(role, named)
    to = await _holder(info, input)
    await _allow(info, PERMISSIONS[role] | set(named), place, input.ends_at, to)
    if isinstance(to, Account) and (to.kind is AccountKind.MACHINE) is not (role is Role.SERVICE):
        raise BadInput("The role service is for machines, the others for people.", "input", "role")
    given = await _give(
        info, to, role, **parts, rights=rights, starts_at=input.starts_at, ends_at=input.ends_at
    )
    return Done(given.deed("grant.given"), grant=given.id)


async def revoke(info: Info, id: GrantId) -> Done:  # noqa: A002  (its name in the API)
    """Take a grant back."""
    key = ids.key_of("Grant", id, "id")
    given = await locked(Grant, access.GRANT, scope.grants(info.context.viewer), key)
    await given.revoke()
    return Done(given.deed("grant.revoked"), grant=given.id)


async def create_machine(info: Info, input: MachineArgument) -> Done:  # noqa: A002  (its name in the API)
    """Let a machine in."""
    label = input.label.strip()
    if not (0 < len(label) <= MAX_LABEL and label.isprintable()):
        message = "1 to {most} printable characters are expected."
        raise BadInput(message, "input", "label", most=MAX_LABEL)
    place, parts = await place_of(input.place, "input", "place")
    rights = access.named_rights(Role.SERVICE, input.permissions)
    await _allow(info, frozenset(input.permissions), place, input.ends_at, None)
    machine = await Account.machine(label)
    await _give(info, machine, Role.SERVICE, **parts, rights=rights, ends_at=input.ends_at)
    facts = {"permissions": rights.split(), "days": input.token_days}
    deed = await machine.deed("machine.created", **facts)
    return await _issued(machine, _days(input.token_days, "input", "tokenDays"), deed)


async def rotate(
    info: Info,
    id: AccountId,  # noqa: A002  (its name in the API)
    overlap_minutes: Overlap = 60,
    token_days: Days = 90,
) -> Done:
    """Give a machine a new token; those it has end after a while."""
    machine = await _governed(info, id)
    if machine.kind is not AccountKind.MACHINE:
        raise BadInput("People have no tokens: they sign in.", "id")
    if not 0 <= overlap_minutes <= MAX_OVERLAP:
        message = "Between {least} and {most} are expected."
        raise BadInput(message, "overlapMinutes", least=0, most=MAX_OVERLAP)
    lifetime = _days(token_days, "tokenDays")
    await AccessToken.run_out(machine, timedelta(minutes=overlap_minutes))
    facts = {"days": token_days, "overlapMinutes": overlap_minutes}
    deed = await machine.deed("machine.rotated", **facts)
    return await _issued(machine, lifetime, deed)


async def revoke_token(info: Info, id: TokenId) -> Done:  # noqa: A002  (its name in the API)
    """End a machine's token: within two seconds it opens nothing, anywhere."""
    key = ids.key_of("AccessToken", id, "id")
    token = await locked(AccessToken, access.TOKEN, scope.tokens(info.context.viewer), key)
    await token.revoke()
    deed = await token.deed("token.revoked")
    return Done(deed, token=key)


async def deactivate(info: Info, id: AccountId) -> Done:  # noqa: A002  (its name in the API)
    """Shut an account out, whatever it holds."""
    account = await _governed(info, id)
    if account.id == info.context.viewer.account:
        raise BadInput("Nobody shuts themselves out: ask someone else to.", "id")
    await account.deactivate()
    return Done(await account.deed("account.deactivated"), account=account.id)


async def reactivate(info: Info, id: AccountId) -> Done:  # noqa: A002  (its name in the API)
    """Let an account in again, with the grants it has."""
    account = await _governed(info, id)
    await account.reactivate()
    return Done(await account.deed("account.reactivated"), account=account.id)


async def _give(info: Info, to: Account | str, role: Role, **what: Any) -> Grant:
    try:
        return await Grant.give(to, role, by=info.context.viewer.account, **what)
    except BadInput as refusal:
        raise BadInput(refusal.message, "input", *refusal.field, **refusal.values) from None


async def _issued(machine: Account, lifetime: timedelta, deed: Deed) -> Done:
    token, secret = await AccessToken.issue(machine, datetime.now(UTC) + lifetime)
    return Done(deed, account=machine.id, token=token.id, once={"secret": secret})


async def _governed(info: Info, global_id: str) -> Account:
    key = ids.key_of("Account", global_id, "id")
    return await locked(Account, access.ACCOUNT, scope.governed(info.context.viewer), key)


async def _holder(info: Info, given: GrantInput) -> Account | str:
    """Who is to hold a grant. Raises BadInput or NotFound."""
    if (given.account is None) is (given.email is None):
        raise BadInput("Give `account` or `email`, and not both.", "input", "account")
    if given.account is not None:
        key = ids.key_of("Account", given.account, "input", "account")
        within = scope.accounts(info.context.viewer)
        return await locked(Account, access.ACCOUNT, within, key, "input", "account")
    email = address((given.email or "").strip())
    if email is None:
        raise BadInput("This is not an e-mail address.", "input", "email")
    return await Account.of_email(email) or email


async def _allow(
    info: Info,
    permissions: frozenset[Permission],
    place: Place,
    ends_at: datetime | None,
    to: Account | str | None,
) -> None:
    departments = ()
    if place.office is not None:
        seats = await Office.filter(id__in=await below([place.office])).values_list("department_id")
        departments = tuple(seat[0] for seat in seats)
    holder = to.id if isinstance(to, Account) else to
    giving.allow(
        info.context.viewer, permissions, place, departments=departments, ends_at=ends_at, to=holder
    )


async def place_of(given: PlaceInput, *at: str) -> tuple[Place, dict[str, Any]]:
    """A place as it was given, with the rows that stand for it. Raises BadInput or BadId."""
    network = department = office = None
    if given.office is not None:
        key = ids.key_of("Office", given.office, *at, "office")
        office = await Office.get_or_none(id=key).prefetch_related("network")
        if office is None:
            raise NotFound("There is nothing by this id.", *at, "office")
        network = office.network
    if given.network is not None:
        network = await Network.get_or_none(code=_code(given.network, Network))
        if network is None:
            raise BadInput("There is no network of that code.", *at, "network")
    if given.department is not None:
        department = await Department.get_or_none(code=_code(given.department, Department))
        if department is None:
            raise BadInput("There is no department of that code.", *at, "department")
    place = Place(
        network.id if network else None,
        department.code if department else None,
        office.id if office else None,
    )
    return place, {"network": network, "department": department, "office": office}


def _code(given: str, model: type[Model]) -> str:
    """A code as it was given; none is longer than its column, or holds what can't be printed."""
    longest: int = model._meta.fields_map["code"].max_length  # type: ignore[attr-defined]  # noqa: SLF001  (has no public name)
    return given if given.isprintable() and len(given) <= longest else ""


def _days(days: int, *field: str) -> timedelta:
    if not 1 <= days <= MAX_DAYS:
        message = "Between {least} and {most} are expected."
        raise BadInput(message, *field, least=1, most=MAX_DAYS)
    return timedelta(days=days)
