"""Figures, as exports have them: what `satisfaction` tells of each month and office."""

from dataclasses import replace
from datetime import date, timedelta

from strawberry.utils.str_converters import to_camel_case

from auth import scope
from auth.viewer import Viewer
from models.export import Conditions
from models.figures import Estimate, Figures
from models.paris import PARIS
from models.sql import Sql
from resolvers.exporting import UNCOUNTED, Field, Flat, Value, picked
from resolvers.figures import BASE, DELAYS, REPLIES, Days, Key, Question, all_of, how_many, span
from resolvers.names import TimeGrain
from resolvers.offices import OFFICE
from resolvers.reference import NETWORK
from resolvers.rows import select
from resolvers.statistics import FIRST, LAST, Cell

_KEYS = ("network_id", "department_id", "office_id")
_COUNTS = ("count", "positive", "neutral", "negative", "answered")
_ESTIMATES = ("rate", "net", "score", "replyRate")
_DELAYS = ("mean_days", "median_days", "p75_days", "p90_days", "p95_days")


class _Months:
    """A row for each network, department and office in each month; a month is a page."""

    removals = ()
    fields = (
        Field("from", Value.DAY),
        Field("to", Value.DAY),
        *map(Field, ("network", "department", "officeId", "office")),
        *(Field(name, Value.NUMBER) for name in _COUNTS),
        *(
            Field(f"{name}{end}", Value.DECIMAL)
            for name in _ESTIMATES
            for end in ("", "Low", "High")
        ),
        *(Field(to_camel_case(name), Value.DECIMAL) for name in _DELAYS),
    )

    async def total(self, viewer: Viewer, conditions: Conditions, cap: int = UNCOUNTED) -> int:
        """How many rows there are, counted up to `cap`."""
        asked = replace(_question(conditions), by=_KEYS, grain=TimeGrain.MONTH)
        return await how_many(viewer, asked, cap)

    async def page(
        self, viewer: Viewer, conditions: Conditions, after: int
    ) -> tuple[list[Flat], int]:
        """The rows of the first month after `after` of which anything is told."""
        asked = _question(conditions)
        if after:
            asked = replace(asked, days=Days(_end(after) + timedelta(days=1), asked.days.last))
        months = await all_of(viewer, replace(asked, grain=TimeGrain.MONTH, measures=("n",)))
        if not months:
            return [], after
        month = min(int(key[-1]) for key in months)
        days = span(TimeGrain.MONTH, month)
        days = Days(max(days.first, asked.days.first), min(days.last, asked.days.last))
        measures = (*BASE, *REPLIES, *DELAYS)
        cells = await all_of(viewer, replace(asked, days=days, by=_KEYS, measures=measures))
        return await _flat(viewer, cells, days), month


def _question(conditions: Conditions) -> Question:
    days, places = Days(FIRST, LAST), (conditions.networks, conditions.departments)
    if conditions.since is not None:
        days = replace(days, first=max(FIRST, conditions.since.astimezone(PARIS).date()))
    if conditions.until is not None:
        last = conditions.until.astimezone(PARIS).date() - timedelta(days=1)
        days = replace(days, last=min(LAST, last))
    where = {
        column: Sql(f"u.{column} IN ??", (list(keys),))
        for column, keys in zip(_KEYS, (*places, conditions.offices), strict=True)
        if keys is not None
    }
    return Question(days, where=tuple(where.values()), uses=frozenset(where))


def _end(month: int) -> date:
    return span(TimeGrain.MONTH, month).last


async def _flat(viewer: Viewer, cells: dict[Key, Figures], days: Days) -> list[Flat]:
    networks = {
        row.key: row for row in await select(NETWORK, scope.networks(viewer), picked("code"))
    }
    among = Sql("o.id IN ??", (sorted({int(key[2]) for key in cells}),))
    found = scope.offices(viewer).narrow(where=[among])
    offices = {row.key: row for row in await select(OFFICE, found, picked("id", "name"))}
    rows = []
    for (network, department, key), sums in cells.items():
        office = offices.get(key)
        rows.append(
            {
                "from": days.first,
                "to": days.last,
                "network": networks[network].code,
                "department": department or None,
                "officeId": office and office.id,
                "office": office and office.name,
                **_told(Cell(sums, days, {})),
            }
        )
    return rows


def _told(cell: Cell) -> Flat:
    flat: Flat = {name: getattr(cell, name) for name in _COUNTS}
    for name, estimate in zip(
        _ESTIMATES, (cell.rate, cell.net, cell.score, cell.reply_rate), strict=True
    ):
        flat |= _ends(name, estimate)
    return flat | {to_camel_case(name): getattr(cell.delay, name) for name in _DELAYS}


def _ends(name: str, estimate: Estimate | None) -> Flat:
    ends = ("value", "low", "high")
    names = (name, f"{name}Low", f"{name}High")
    return {
        told: None if estimate is None else getattr(estimate, end)
        for told, end in zip(names, ends, strict=True)
    }


STATISTICS = _Months()
