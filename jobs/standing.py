"""How much waits and for how long, as the database and the pool have it when they are asked."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from jobs.command import AWAY
from models import replica
from models.sql import Sql, connection, fetch
from models.wall import system
from resolvers.backlog import BACKLOG
from resolvers.rows import as_datetime

PATIENCE = 2.0
"""Seconds that the database has to say it."""

MOST = 100_000
"""More than so many are not counted."""

Sample = tuple[Sequence[str], float]
"""The values of the labels, and the figure."""

ABOUT = {
    "relais_database_up": ("Whether the database answers.", ()),
    "relais_pool_connections": ("Connections of the pool, by use: busy or idle.", ("use",)),
    "relais_pool_limit": ("Connections that the pool may have.", ()),
    "relais_replica_lag_seconds": (
        "How old the last change is that a replica has: 0 if it has all, +Inf if it is no use.",
        ("replica",),
    ),
    "relais_tasks_waiting": ("Tasks that are due, and in nobody's hands.", ("kind",)),
    "relais_tasks_given_up": ("Tasks that failed too often to be tried again.", ("kind",)),
    "relais_task_wait_seconds": ("For how long the oldest of them has been due.", ("kind",)),
    "relais_events_behind": ("Events that some active webhook was not yet looked at for.", ()),
    "relais_events_behind_seconds": ("How old the oldest of them is.", ()),
    "relais_deliveries_waiting": ("Deliveries that were not taken so far.", ()),
    "relais_delivery_wait_seconds": ("For how long the oldest of them was asked for.", ()),
    "relais_webhooks": ("Endpoints of webhooks by state; `failing` are active ones.", ("state",)),
    "relais_rollup_deltas": ("Changes that are not folded into the figures, 100,000 at most.", ()),
    "relais_rollup_lag_seconds": ("For how long the oldest of them has been seen.", ()),
}


class Standing(Collector):
    """The gauges; `look` asks, and `collect` tells what it found."""

    def __init__(self) -> None:
        self._found: dict[str, list[Sample]] = {}
        self._oldest: tuple[int, float] = (0, 0.0)

    async def look(self) -> None:
        """Ask the database. While it is away, only that is told."""
        self._found = {**_pool(), "relais_database_up": [((), 0)]}
        try:
            async with asyncio.timeout(PATIENCE):
                found = await _replicas()
                async with system():
                    found |= {**await _tasks(), **await _events(), **await self._rollups()}
        except AWAY:
            return
        self._found |= {"relais_database_up": [((), 1)], **found}

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """What was found."""
        for name, samples in self._found.items():
            about, labels = ABOUT[name]
            family = GaugeMetricFamily(name, about, labels=labels)
            for values, figure in samples:
                family.add_metric(values, figure)
            yield family

    async def _rollups(self) -> dict[str, list[Sample]]:
        """Deltas have no date: one that is there at look after look is what lags."""
        text = f"SELECT count(*), min(id) FROM (SELECT id FROM rollup_delta LIMIT {MOST}) d"
        ((count, first),) = await fetch(Sql(text))
        now = asyncio.get_running_loop().time()
        if first is None or first != self._oldest[0]:
            self._oldest = (first or 0, now)
        lag = now - self._oldest[1]
        return {"relais_rollup_deltas": [((), count)], "relais_rollup_lag_seconds": [((), lag)]}


def _pool() -> dict[str, list[Sample]]:
    """Of PostgreSQL; SQLite has one connection, and no pool."""
    pool: Any = getattr(connection(), "_pool", None)
    if pool is None:
        return {}
    size, idle = pool.get_size(), pool.get_idle_size()
    return {
        "relais_pool_connections": [(("busy",), size - idle), (("idle",), idle)],
        "relais_pool_limit": [((), pool.get_max_size())],
    }


async def _replicas() -> dict[str, list[Sample]]:
    """Of the standbys of PostgreSQL, as far as this process reads from them."""
    db: Any = connection()
    if not getattr(db, "replicas", ()):
        return {}
    lags = await replica.lags(db)
    told: list[Sample] = [((str(number),), lag) for number, lag in enumerate(lags, 1)]
    return {"relais_replica_lag_seconds": told}


async def _tasks() -> dict[str, list[Sample]]:
    text = f"SELECT kind, waiting, given_up, oldest FROM {BACKLOG.source}"
    rows = [*await fetch(Sql(text))]
    return {
        "relais_tasks_waiting": [((row[0],), row[1]) for row in rows],
        "relais_tasks_given_up": [((row[0],), row[2]) for row in rows],
        "relais_task_wait_seconds": [((row[0],), _age(row[3])) for row in rows],
    }


async def _events() -> dict[str, list[Sample]]:
    text = "SELECT min(position), (SELECT max(id) FROM event) FROM webhook_endpoint WHERE state = ?"
    ((position, head),) = await fetch(Sql(text, ("active",)))
    behind = max(0, (head or 0) - position) if position is not None else 0
    next_ = "SELECT min(at) FROM event WHERE id = (SELECT min(id) FROM event WHERE id > ?)"
    oldest = (await fetch(Sql(next_, (position,))))[0][0] if behind else None
    text = "SELECT count(*), min(asked_at) FROM webhook_delivery WHERE state = ?"
    ((waiting, asked),) = await fetch(Sql(text, ("pending",)))
    text = (
        "SELECT CASE WHEN state = ? AND failing_since IS NOT NULL THEN 'failing' ELSE state END,"
        " count(*) FROM webhook_endpoint GROUP BY 1"
    )
    states = {"active": 0, "failing": 0, "failed": 0, "off": 0}
    states |= {row[0]: row[1] for row in await fetch(Sql(text, ("active",)))}
    return {
        "relais_events_behind": [((), behind)],
        "relais_events_behind_seconds": [((), _age(oldest))],
        "relais_deliveries_waiting": [((), waiting)],
        "relais_delivery_wait_seconds": [((), _age(asked))],
        "relais_webhooks": [((state,), count) for state, count in states.items()],
    }


def _age(moment: Any) -> float:
    """Seconds since then; 0 for never."""
    since = as_datetime(moment) if moment else None
    return max(0.0, (datetime.now(UTC) - since).total_seconds()) if since else 0.0
