"""Offices with their figures, so that small ones and large ones may fairly be compared."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from auth import scope
from auth.permissions import Permission
from models.audit import Place
from models.figures import Estimate, Figures, Prior
from models.paris import today
from models.sql import Sql
from resolvers import offices
from resolvers.context import Info
from resolvers.figures import Days, Question, peers, read
from resolvers.offices import OfficeFilter, OfficeWhere
from resolvers.page import After, Before, Connection, First, Last, Page
from resolvers.rows import Row
from resolvers.selection import NOTHING, Selection, selected

DAYS = 365
"""Days up to yesterday that the figures of an office are about."""

_PLACE = Selection({"networkKey": NOTHING, "departmentKey": NOTHING})


@dataclass(frozen=True, slots=True)
class OfficeFigures:
    """What users say of an office, beside what they say of its peers."""

    days: Days
    sums: Figures
    peers: Prior | None

    @property
    def first(self) -> date:
        """The first day."""
        return self.days.first

    @property
    def last(self) -> date:
        """The last day."""
        return self.days.last

    @property
    def count(self) -> int:
        """Structures concerned."""
        return self.sums.count

    @property
    def rate(self) -> Estimate | None:
        """Positive of all."""
        return self.sums.rate

    @property
    def shrunk_rate(self) -> float | None:
        """The rate drawn towards that of the peers, the more the fewer the reviews."""
        prior = self.peers
        return None if prior is None else prior.shrunk(self.sums["positive"], self.count)

    @property
    def peer_rate(self) -> float | None:
        """That of all offices of the network in scope."""
        return None if self.peers is None else self.peers.rate

    @property
    def peer_weight(self) -> float | None:
        """How many reviews it counts for."""
        return None if self.peers is None else self.peers.weight


async def listing(
    info: Info,
    where: OfficeWhere = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Connection:
    """Offices by name; with `near`, by distance; with their figures if those were selected."""
    page, wanted = Page(first, after, last, before), selected(info)
    each = wanted.under("nodes") | wanted.under("edges", "node")
    placed = wanted | Selection({"nodes": _PLACE if "satisfaction" in each else NOTHING})
    found = await offices.listed(info, where or OfficeFilter(), page, placed)
    await with_figures(info, found.nodes, each)
    return found


async def by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The office of `key`, with its figures if those were selected."""
    more = _PLACE if "satisfaction" in selection else NOTHING
    row = await offices.by_key(info, key, selection | more)
    await with_figures(info, [row] if row else [], selection)
    return row


async def with_figures(info: Info, rows: Sequence[Row], wanted: Selection) -> None:
    """Give each of `rows` that the viewer may count its figures, if those were selected."""
    if "satisfaction" not in wanted:
        return
    viewer = info.context.viewer
    counted = {
        row.key: row
        for row in rows
        if scope.covers(
            viewer,
            Permission.READ_AGGREGATES,
            Place(row.network_key, row.department_key, row.key),
        )
    }
    if not counted:
        return
    yesterday = today() - timedelta(days=1)
    days = Days(yesterday - timedelta(days=DAYS - 1), yesterday)
    networks = sorted({row.network_key for row in counted.values()})
    among = Sql("u.network_id IN ??", (networks,))
    moments = await peers(info, Question(days, where=(among,)))
    these = Sql("u.office_id IN ??", (sorted(counted),))
    asked = Question(days, by=("office_id",), where=(these,))
    sums = await read(info, replace(asked, uses=frozenset({"office_id"})))
    for key, row in counted.items():
        known = moments.get(row.network_key)
        own = sums.get((key,), Figures({}))
        row.satisfaction = OfficeFigures(days, own, Prior.fitted(known) if known else None)
