"""What waits for a reply beyond the target of its network, from rollups."""

from dataclasses import dataclass, replace
from datetime import date

from models.figures import Figures
from models.paris import last_late
from models.sql import Sql, every, some
from resolvers import reference
from resolvers.causes import Cause, by_thing, compared, things
from resolvers.context import Info
from resolvers.figures import Days, Key, Question, merged, read, span
from resolvers.names import TimeGrain
from resolvers.offices import OFFICE
from resolvers.selection import selected


@dataclass(frozen=True, slots=True)
class Overdue(Cause):
    """All that waits too long, and where."""

    offices: tuple[Cause, ...] = ()


async def fallen_due(info: Info, asked: Question) -> dict[Key, Figures]:
    """What a reply was due to before today, given or not, of each group: `n` and `answered`."""
    cells: list[tuple[Key, Figures]] = []
    for days, networks in (await reference.reply_targets(info)).items():
        among = Sql("u.network_id IN ??", (networks,))
        due = replace(
            asked,
            days=Days(asked.days.first, min(asked.days.last, last_late(days))),
            where=(*asked.where, among),
            measures=("n", "answered"),
        )
        cells += (await read(info, due)).items()
    return merged(cells)


def waiting(due: Figures) -> int:
    """How much of it was not given."""
    return due["n"] - due["answered"]


async def overdue(info: Info, asked: Question, most: int) -> Overdue:
    """What is overdue in scope, and the offices where most is."""
    wanted = selected(info).under("overdue")
    own = await fallen_due(info, replace(asked, by=("network_id",)))
    among = Sql("u.network_id IN ??", ([int(key[0]) for key in own],))
    peers = await fallen_due(
        info,
        replace(asked, by=("network_id",), where=(among,), uses=frozenset(), benchmark=True),
    )
    whole = compared(own, peers, waiting)
    first = await _first_days(info, replace(asked, by=())) if "oldest" in wanted else {}
    causes: list[Cause] = []
    if "offices" in wanted:
        told = by_thing(await fallen_due(info, replace(asked, by=("network_id", "office_id"))))
        found = {key: compared(one, peers, waiting) for key, one in told.items()}
        late = sorted((-cause.wrong, key) for key, cause in found.items() if cause.wrong)[:most]
        keys = [key for _, key in late]
        these = Sql("u.office_id IN ??", (keys,))
        narrowed = replace(
            asked,
            by=("office_id",),
            where=(*asked.where, these),
            uses=asked.uses | {"office_id"},
        )
        known = wanted.under("offices")
        days = await _first_days(info, narrowed) if keys and "oldest" in known else {}
        rows = await things(info, OFFICE, keys, known.under("office"))
        causes = [replace(found[key], thing=rows[key], oldest=days.get((key,))) for key in keys]
    return Overdue(
        whole.count,
        whole.wrong,
        whole.expected,
        whole.elsewhere,
        oldest=first.get(()),
        offices=tuple(causes),
    )


async def _first_days(info: Info, asked: Question) -> dict[Key, date]:
    """The day on which what waits longest was published, of each group.

    Months tell the first month, and its days are all that is read by days.
    """
    months = await _first(info, replace(asked, grain=TimeGrain.MONTH))
    if not months:
        return {}
    met = some(
        every(
            (
                Sql("u.month = ?", (month,)),
                *(Sql(f"u.{name} = ?", (at,)) for name, at in zip(asked.by, key, strict=True)),
            )
        )
        for key, month in months.items()
    )
    narrow = replace(asked, grain=TimeGrain.DAY, where=(*asked.where, met))
    days = await _first(info, narrow)
    return {key: span(TimeGrain.DAY, number).first for key, number in days.items()}


async def _first(info: Info, asked: Question) -> dict[Key, int]:
    """The number of the first piece in which something waits, of each group."""
    found: dict[Key, int] = {}
    for key, due in (await fallen_due(info, asked)).items():
        if waiting(due) > 0:
            found[key[:-1]] = min(int(key[-1]), found.get(key[:-1], int(key[-1])))
    return found
