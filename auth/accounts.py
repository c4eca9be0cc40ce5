"""From an account to a viewer: the grants that hold at this moment."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from auth.issuers import Vouched
from auth.permissions import PERMISSIONS, Permission
from auth.viewer import Held, Viewer
from models.account import Account, AccountKind, Role, in_force
from models.audit import AuditEntry, Doer, Place
from models.office import above, below
from models.sql import Sql, fetch


async def met(vouched: Vouched, address: str | None, request: str | None) -> Account:
    """The person that an issuer vouches for, with the grants that waited for their address."""
    person = await Account.known(vouched.issuer, vouched.subject, email=vouched.email)
    for grant in await person.claim():
        doer = Doer(person.id, person.label, address, request)
        await AuditEntry.add(grant.deed("grant.claimed"), doer)
    return person


async def held_by(account: Account) -> Viewer:
    """`account` as a viewer, with the grants in force."""
    holds = in_force(datetime.now(UTC))
    text = (
        "SELECT a.id, a.role, a.rights, a.network_id, a.department_id, a.office_id, a.ends_at"
        f" FROM access_grant a WHERE a.account_id = ? AND ({holds.text}) ORDER BY a.id"
    )
    held = [
        Held(
            role=Role(role),
            permissions=PERMISSIONS[Role(role)] | set(map(Permission, rights.split())),
            network=network,
            department=department,
            office=office,
            offices=tuple(await below([office])) if office else (),
            ends_at=_moment(ends_at),
            grant=key,
        )
        for key, role, rights, network, department, office, ends_at in await fetch(
            Sql(text, (account.id, *holds.args))
        )
    ]
    return Viewer(account.id, account.label, account.email, tuple(held))


class Colleague(NamedTuple):
    """An account, as those who work beside it see it."""

    key: int
    kind: AccountKind
    label: str


async def holding(permission: Permission, place: Place) -> list[Colleague]:
    """The accounts that hold `permission` over `place` now, by what they are called."""
    holds = in_force(datetime.now(UTC))
    roles = [role.value for role in Role if permission in PERMISSIONS[role]]
    seats = () if place.office is None else tuple(await above(place.office))
    text = (
        "SELECT DISTINCT u.id, u.kind, u.label FROM account u"
        " JOIN access_grant a ON a.account_id = u.id"
        f" WHERE u.deactivated_at IS NULL AND ({holds.text})"
        " AND (a.role IN ?? OR ' ' || a.rights || ' ' LIKE ?)"
        " AND (a.network_id IS NULL OR a.network_id = ? AND (a.office_id IN ?? OR"
        " a.office_id IS NULL AND (a.department_id IS NULL OR a.department_id = ?)))"
    )
    named = (f"% {permission.value} %", place.network, seats, place.department)
    rows = await fetch(Sql(text, (*holds.args, roles, *named)))
    found = [Colleague(key, AccountKind(kind), label) for key, kind, label in rows]
    return sorted(found, key=lambda one: (one.label.casefold(), one.key))


async def follower(place: Place) -> Viewer:
    """Who follows what happens at `place`, as a machine would that may do just this."""
    offices = tuple(await below([place.office])) if place.office else ()
    right = frozenset({Permission.READ_EVENTS})
    seat = (place.network, place.department, place.office)
    return Viewer(0, "webhook", grants=(Held(Role.SERVICE, right, *seat, offices),))


def _moment(told: Any) -> datetime | None:
    """A moment as PostgreSQL tells it, or as text; None when there is none."""
    return datetime.fromisoformat(str(told)) if told else None
