"""Figures a second time: counted one by one, in plain words."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from models.paris import PARIS
from models.review import ReviewStructure
from models.rollup import DELAYS
from models.sql import Sql, fetch


async def told() -> Counter[tuple[Any, ...]]:
    """How often what was told of which place, on which day."""
    found: Counter[tuple[Any, ...]] = Counter()
    for one in await ReviewStructure.all().prefetch_related("review"):
        day = one.published_at.astimezone(PARIS).date()
        place = (day.isoformat(), one.network_id, one.department_id or "", one.office_id or 0)
        at = (*place, one.review.procedure_id or 0, one.channels)
        found[*at, "n"] += 1
        found[*at, "positive"] += one.sentiment == 1
        found[*at, "relation_negative"] += one.review.relation == -1
        found[*at, "answered"] += one.answered
        if one.answered and one.replied_at:
            took = max(0, int(one.replied_at.timestamp()) - int(one.published_at.timestamp()))
            found[*at, f"delay_{sum(took > bound for bound in DELAYS)}"] += 1
            found[*at, "delay"] += took
    return +found


async def kept() -> Counter[tuple[Any, ...]]:
    """The same from the cells of the finest grain, once all deltas are folded."""
    found: Counter[tuple[Any, ...]] = Counter()
    classes = [f"delay_{number}" for number in range(len(DELAYS) + 1)]
    names = ["n", "positive", "relation_negative", "answered", "delay", *classes]
    text = "SELECT day, network_id, department_id, office_id, procedure_id, channels"
    for row in await fetch(Sql(f"{text}, {', '.join(names)} FROM rollup WHERE level = 5")):
        day, *place = tuple(row)[:6]
        for name, value in zip(names, tuple(row)[6:], strict=True):
            found[_date(day), *place, name] = value
    return +found


def _date(number: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=number)).isoformat()
