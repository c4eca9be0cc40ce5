"""Who may give what: never wider than one's own, in scope, in rights or in time."""

from collections.abc import Iterable
from datetime import datetime

from auth.permissions import Permission, gives
from auth.viewer import Held, Viewer
from models.audit import Place
from models.errors import BeyondOwn, SelfGrant


def allow(
    viewer: Viewer,
    permissions: frozenset[Permission],
    place: Place,
    *,
    departments: Iterable[str | None] = (),
    ends_at: datetime | None = None,
    to: int | str | None = None,
) -> None:
    """Return if one grant of `viewer` lets them give `permissions` over `place` until `ends_at`.

    `departments` are those of the offices in `place`, when it is one; `to` is the account or the
    address that is to hold it. Raises BeyondOwn or SelfGrant.
    """
    if to is not None and to in {viewer.account, viewer.email}:
        raise SelfGrant("Nobody gives rights to themselves: ask someone else to.")
    offices = frozenset(departments)
    for held in viewer.grants_for(Permission.ADMINISTER):
        enough = permissions <= gives(held.role, held.permissions)
        lasting = held.ends_at is None or (ends_at is not None and ends_at <= held.ends_at)
        if enough and lasting and _covers(held, place, offices):
            return
    raise BeyondOwn("This is more than you may give: in scope, in rights or in time.")


def _covers(held: Held, place: Place, departments: frozenset[str | None]) -> bool:
    if held.network is None:
        return True
    if held.network != place.network:
        return False
    if held.office is not None:
        return place.office in held.offices
    if held.department is not None:
        within = departments or frozenset({place.department})
        return within == {held.department}
    return True
