"""The viewer, as they may see themselves."""

from auth.permissions import PERMISSIONS
from auth.viewer import Held
from resolvers import ids, offices, reference
from resolvers.context import Info
from resolvers.names import Permission
from resolvers.rows import Row
from resolvers.selection import Selection, selected


async def me(info: Info) -> Row:
    """Who asks, and what they were granted."""
    viewer, wanted = info.context.viewer, selected(info)
    row = Row()
    row.id = ids.encode("Account", viewer.account) if viewer.account else None
    row.label = viewer.label
    row.grants = [await _grant(info, held, wanted.under("grants")) for held in viewer.grants]
    return row


async def _grant(info: Info, held: Held, wanted: Selection) -> Row:
    row = Row()
    row.role = held.role
    row.permissions = [right for right in Permission if right in PERMISSIONS[held.role]]
    row.network = _by_key(await reference.networks(info), held.network)
    row.department = _by_key(await reference.departments(info), held.department)
    row.office = (
        await offices.by_key(info, held.office, wanted.under("office")) if held.office else None
    )
    return row


def _by_key(rows: list[Row], key: object) -> Row | None:
    return next((row for row in rows if row.key == key), None)
