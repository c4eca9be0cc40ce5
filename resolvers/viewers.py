"""The viewer, as they may see themselves."""

from models import ids
from resolvers import access
from resolvers.context import Info
from resolvers.names import Permission
from resolvers.rows import Row
from resolvers.selection import selected


async def me(info: Info) -> Row:
    """Who asks, and what they were granted."""
    viewer, wanted = info.context.viewer, selected(info)
    row = Row()
    row.id = ids.encode("Account", viewer.account)
    row.label = viewer.label
    row.email = viewer.email
    row.can = [right for right in Permission if right in viewer.can]
    row.advice = None if viewer.grants else info.context.translate(ADVICE)
    if "grants" in wanted:
        row.grants = await access.own(info, wanted.under("grants"))
    return row


ADVICE = (
    "You are signed in, but nothing is granted to you yet. Ask whoever manages your office or "
    "network on Relais to give you access, and name the e-mail address that you sign in with."
)
