"""From an account to a viewer: the grants that hold at this moment."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from auth.issuers import Vouched
from auth.permissions import PERMISSIONS, Permission
from auth.viewer import Held, Viewer
from models.account import Account, Role, in_force
from models.audit import AuditEntry, Doer
from models.office import below


async def met(vouched: Vouched, address: str | None, request: str | None) -> Account:
    """The person that an issuer vouches for, with the grants that waited for their address."""
    person = await Account.known(vouched.issuer, vouched.subject, email=vouched.email)
    for grant in await person.claim():
        doer = Doer(person.id, person.label, address, request)
        await AuditEntry.add(grant.deed("grant.claimed"), doer)
    return person


async def held_by(account: Account) -> Viewer:
    """`account` as a viewer, with the grants in force."""
    grants = await account.grants.filter(in_force(datetime.now(UTC))).order_by("id")
    held = [
        Held(
            role=grant.role,
            permissions=PERMISSIONS[grant.role] | set(map(Permission, grant.rights.split())),
            network=grant.network_id,
            department=grant.department_id,
            office=grant.office_id,
            offices=tuple(await below([grant.office_id])) if grant.office_id else (),
            ends_at=grant.ends_at,
        )
        for grant in grants
    ]
    return Viewer(account.id, account.label, account.email, tuple(held))


def remembered(viewer: Viewer) -> dict[str, Any]:
    """`viewer` as JSON."""
    return {
        **asdict(viewer),
        "grants": [
            {**asdict(held), "permissions": sorted(held.permissions)} for held in viewer.grants
        ],
    }


def recalled(found: dict[str, Any]) -> Viewer:
    """The viewer that `remembered` gave."""
    grants = tuple(
        Held(
            role=Role(held["role"]),
            permissions=frozenset(map(Permission, held["permissions"])),
            network=held["network"],
            department=held["department"],
            office=held["office"],
            offices=tuple(held["offices"]),
            ends_at=datetime.fromisoformat(held["ends_at"]) if held["ends_at"] else None,
        )
        for held in found["grants"]
    )
    return Viewer(found["account"], found["label"], found["email"], grants)
