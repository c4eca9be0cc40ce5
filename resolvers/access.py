"""Accounts, their grants and tokens: who may do what, as those who administer it see it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated

import strawberry

from auth import scope
from auth.permissions import PERMISSIONS, gives
from models import ids
from models.account import in_force, over
from models.errors import BadInput
from models.sql import Sql
from resolvers import reference
from resolvers.context import Info
from resolvers.names import AccountKind, Permission, Role
from resolvers.offices import OFFICE
from resolvers.page import After, Before, Connection, First, Last, Order, Page, connect, whole
from resolvers.rows import Column, Noun, One, Row, as_datetime, select
from resolvers.selection import NOTHING, Selection, selected


def _rights(role_and_rights: str) -> list[Permission]:
    role, *named = role_and_rights.split()
    own = PERMISSIONS[Role(role)] | {Permission(name) for name in named}
    return [right for right in Permission if right in own]


_ACCOUNT = {
    "id": Column("@.id", lambda key: ids.encode("Account", key)),
    "kind": Column("@.kind", AccountKind),
    "label": Column("@.label"),
    "email": Column("@.email"),
    "active": Column("@.deactivated_at IS NULL", bool),
}
ACCOUNT = Noun("Account", alias="u", source="account u", key="@.id", columns=_ACCOUNT)
HOLDER = Noun("Holder", alias="u", source="account u", key="@.id", columns=_ACCOUNT)
GRANT = Noun(
    name="Grant",
    alias="a",
    source="access_grant a",
    key="@.id",
    columns={
        "id": Column("@.id", lambda key: ids.encode("Grant", key)),
        "role": Column("@.role", Role),
        "permissions": Column("@.role || ' ' || @.rights", _rights),
        "invited_email": Column("@.invited_email"),
        "starts_at": Column("@.starts_at", as_datetime),
        "ends_at": Column("@.ends_at", as_datetime),
        "given_at": Column("@.given_at", as_datetime),
        "revoked_at": Column("@.revoked_at", as_datetime),
        "account_key": Column("@.account_id"),
    },
    ones={
        "network": One(reference.NETWORK, "LEFT JOIN network # ON #.id = @.network_id"),
        "department": One(
            reference.DEPARTMENT, "LEFT JOIN department # ON #.code = @.department_id"
        ),
        "office": One(OFFICE, "LEFT JOIN office # ON #.id = @.office_id"),
        "holder": One(HOLDER, "LEFT JOIN account # ON #.id = @.account_id"),
    },
)
TOKEN = Noun(
    name="AccessToken",
    alias="k",
    source="access_token k",
    key="@.id",
    columns={
        "id": Column("@.id", lambda key: ids.encode("AccessToken", key)),
        "prefix": Column("@.prefix"),
        "created_at": Column("@.created_at", as_datetime),
        "expires_at": Column("@.expires_at", as_datetime),
        "last_used_at": Column("@.last_used_at", as_datetime),
        "revoked_at": Column("@.revoked_at", as_datetime),
        "account_key": Column("@.account_id"),
    },
)


ACCOUNTS = Order("account", Sql("u.id"), "u.id", parse=whole)
GRANTS = Order("grant", Sql("a.id"), "a.id", parse=whole, descending=True)


@strawberry.enum(description="How a grant stands.")
class GrantState(Enum):
    WAITING = strawberry.enum_value("waiting", description="For its holder, or to begin.")
    IN_FORCE = strawberry.enum_value("in_force", description="It holds now.")
    OVER = strawberry.enum_value("over", description="It was revoked, or its time is over.")


@strawberry.input(description="Which accounts: those that meet every condition given.")
class AccountFilter:
    kind: AccountKind | None = strawberry.field(
        default=None, description="People only, or machines only."
    )
    email: str | None = strawberry.field(
        default=None, description="The address that the identity provider gave, whole."
    )
    active: bool | None = strawberry.field(
        default=None, description="Whether it may come in at all."
    )


@strawberry.input(description="Which grants: those that meet every condition given.")
class GrantFilter:
    state: GrantState | None = strawberry.field(default=None, description="How it stands.")
    roles: list[Role] | None = strawberry.field(default=None, description="One of these roles.")
    networks: list[str] | None = strawberry.field(
        default=None, description="Codes of networks, one of which it is for."
    )


AccountWhere = Annotated[
    AccountFilter | None, strawberry.argument(description="Conditions; all accounts without.")
]
GrantWhere = Annotated[
    GrantFilter | None, strawberry.argument(description="Conditions; all grants without.")
]


async def accounts(
    info: Info,
    where: AccountWhere = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Connection:
    """Accounts that hold, or held, something the viewer administers."""
    where = where or AccountFilter()
    met = []
    if where.kind is not None:
        met.append(Sql("u.kind = ?", (where.kind.value,)))
    if where.email is not None:
        met.append(Sql("u.email = ?", (where.email.strip().lower(),)))
    if where.active is not None:
        met.append(Sql(f"u.deactivated_at IS {'' if where.active else 'NOT '}NULL"))
    scoped = scope.accounts(info.context.viewer).narrow(where=met)

    async def finish(rows: Sequence[Row], wanted: Selection) -> None:
        await with_access(info, rows, wanted)

    page = Page(first, after, last, before)
    return await connect(ACCOUNT, scoped, selected(info), ACCOUNTS, page, finish)


async def grants(
    info: Info,
    where: GrantWhere = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Connection:
    """Grants over what the viewer administers, the latest first."""
    where = where or GrantFilter()
    met = []
    if where.state is not None:
        met.append(_state(where.state))
    if where.roles is not None:
        met.append(Sql("a.role IN ??", ([role.value for role in where.roles],)))
    if where.networks is not None:
        keys = await reference.network_keys(info, where.networks, "where", "networks")
        met.append(Sql("a.network_id IN ??", (keys,)))
    scoped = scope.grants(info.context.viewer).narrow(where=met)
    page = Page(first, after, last, before)
    return await connect(GRANT, scoped, selected(info), GRANTS, page)


def _state(state: GrantState) -> Sql:
    now = datetime.now(UTC)
    past, holds = over(now), in_force(now)
    if state is GrantState.OVER:
        return past
    if state is GrantState.IN_FORCE:
        return holds
    return Sql(f"NOT ({past.text}) AND NOT ({holds.text})", (*past.args, *holds.args))


async def account_by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The account of `key`, if the viewer administers something it holds."""
    scoped = scope.accounts(info.context.viewer).narrow(where=[Sql("u.id = ?", (key,))])
    rows = await select(ACCOUNT, scoped, selection)
    await with_access(info, rows, selection)
    return next(iter(rows), None)


async def grant_by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The grant of `key`, if the viewer administers it."""
    scoped = scope.grants(info.context.viewer).narrow(where=[Sql("a.id = ?", (key,))])
    return next(iter(await select(GRANT, scoped, selection)), None)


async def token_by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The token of `key`, if the viewer governs its machine."""
    scoped = scope.tokens(info.context.viewer).narrow(where=[Sql("k.id = ?", (key,))])
    return next(iter(await select(TOKEN, scoped, selection)), None)


async def with_access(info: Info, rows: Sequence[Row], selection: Selection) -> None:
    """Give each account its grants and tokens, as far as the viewer administers them."""
    viewer, keys = info.context.viewer, [row.key for row in rows]
    for name, noun, scoped in (
        ("grants", GRANT, scope.grants(viewer)),
        ("tokens", TOKEN, scope.tokens(viewer)),
    ):
        wanted = selection.get(name)
        if wanted is None or not keys:
            continue
        among = Sql(f"{noun.alias}.account_id IN ??", (keys,))
        found = await select(noun, scoped.narrow(where=[among]), wanted | _HOLDER)
        for row in rows:
            mine = [one for one in found if one.account_key == row.key]
            setattr(row, name, sorted(mine, key=lambda one: one.key))


_HOLDER = Selection({"accountKey": NOTHING})


async def own(info: Info, selection: Selection) -> list[Row]:
    """The grants of the viewer that hold now, in the order in which they were given."""
    rows = await select(GRANT, scope.held(info.context.viewer), selection)
    return sorted(rows, key=lambda row: row.key)


async def roles() -> list[Row]:
    """The table of rights, role by role."""
    rows = []
    for role in Role:
        row = Row()
        row.role = role
        row.permissions = [right for right in Permission if right in PERMISSIONS[role]]
        row.gives = [right for right in Permission if right in gives(role, PERMISSIONS[role])]
        rows.append(row)
    return rows


def named_rights(role: Role, permissions: Sequence[Permission]) -> str:
    """`permissions` of a machine as they are kept. Raises BadInput unless they suit the role."""
    if (role is Role.SERVICE) is not bool(permissions):
        message = "Rights are named for machines, and for machines only."
        raise BadInput(message, "input", "permissions")
    return " ".join(sorted(set(permissions)))
