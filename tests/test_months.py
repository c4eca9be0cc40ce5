"""Events and the audit trail have months of their own, which come and go while others work."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from jobs.migrate import migrate
from jobs.purge import purge
from models import months
from models.event import EventLog
from models.sql import Sql, database, fetch
from models.wall import system
from settings import Settings

pytestmark = pytest.mark.parametrize("databases", ["postgres"], indirect=True)

NOW = datetime.now(UTC)
EVENT = (
    "INSERT INTO event (at, type, subject, item, facts, catalogue)"
    " VALUES (?, 't', 's', '', '{}', 1)"
)
ENTRY = (
    "INSERT INTO audit_entry (at, actor_label, action, subject, facts, seal)"
    " VALUES (?, 'l', 'a', 's', '{}', 'x')"
)
TOLD = Sql("SELECT id, at FROM event ORDER BY id")


def month(ahead: int) -> datetime:
    """The first moment of a month to come."""
    later = NOW.year * 12 + NOW.month - 1 + ahead
    return datetime(later // 12, later % 12 + 1, 1, tzinfo=UTC)


def part(whole: str, ahead: int) -> str:
    return f"{whole}_{month(ahead):%Y%m}"


async def happened(*moments: datetime) -> None:
    for at in moments:
        await fetch(Sql(f"{EVENT} RETURNING id", (at,)))
        await fetch(Sql(f"{ENTRY} RETURNING id", (at,)))


async def parts(whole: str) -> list[str]:
    """Where the rows are, in order."""
    rows = await fetch(Sql(f"SELECT tableoid::regclass::text FROM {whole} ORDER BY id"))
    return [row[0] for row in rows]


@asynccontextmanager
async def without(config: Settings, *names: str) -> AsyncIterator[Any]:
    """As the owner, without some parts, as if no worker had run."""
    name, home = config.database_url.split("@/")[1].split("?host=")
    db = await asyncpg.connect(host=home, database=name, user="postgres")
    for one in names:
        await db.execute(f"DROP TABLE {one}")
    yield db
    await db.close()


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("whole", ["event", "audit_entry"])
async def test_each_month_is_kept_by_itself_and_what_has_none_is_kept_too(whole: str) -> None:
    await happened(NOW, month(1), month(2) - timedelta(microseconds=1), month(3), month(9))

    found = [f"{whole}_first", part(whole, 1), part(whole, 1), part(whole, 3), f"{whole}_rest"]
    assert await parts(whole) == found


async def test_a_part_that_is_asked_by_its_name_tells_nothing(config: Settings) -> None:
    names = [part("event", 1), "event_rest", part("audit_entry", 1), "audit_entry_rest"]
    async with database(config.tortoise()):
        async with system():
            await happened(month(1), month(9))
            whole = [len(await parts(one)) for one in ("event", "audit_entry")]
            found = [(await fetch(Sql(f"SELECT count(*) FROM {one}")))[0][0] for one in names]
        without_reach = len(await parts("audit_entry"))

    assert (whole, found, without_reach) == ([2, 2], [0] * 4, 0)


@pytest.mark.parametrize("place", ["audit_entry_first", "audit_entry_rest", "audit_entry_"])
async def test_the_trail_is_kept_in_each_part_even_from_its_owner(
    config: Settings, place: str
) -> None:
    name = place if place[-1] != "_" else part("audit_entry", 1)
    async with without(config) as db:
        for change in (f"DELETE FROM {name}", f"UPDATE {name} SET seal = ''", f"TRUNCATE {name}"):
            with pytest.raises(asyncpg.RaiseError, match="never changed"):
                await db.execute(change)


async def test_the_worker_makes_the_months_to_come(config: Settings) -> None:
    lost = [part(whole, ahead) for ahead in (2, 3) for whole in ("event", "audit_entry")]
    async with without(config, *lost), database(config.tortoise(system=True)):
        await happened(month(2))  # while there is none
        await purge(config)
        await happened(month(3))

        assert await parts("event") == ["event_rest", part("event", 3)]
        assert await parts("audit_entry") == ["audit_entry_rest", part("audit_entry", 3)]


async def test_nobody_waits_behind_a_month_that_waits_for_a_reader(config: Settings) -> None:
    names = [part("event", 3), part("audit_entry", 3)]
    async with without(config, *names) as db, database(config.tortoise(system=True)):
        reading = db.transaction()
        await reading.start()
        await db.fetch("SELECT count(*) FROM event")
        begun = asyncio.get_running_loop().time()
        await months.make()
        await EventLog.forget(month(3), 10)
        took = asyncio.get_running_loop().time() - begun
        held = await db.fetchval("SELECT count(*) FROM event")
        await reading.rollback()
        before = await db.fetchval(f"SELECT to_regclass('{names[0]}')")
        await months.make()
        after = await db.fetchval(f"SELECT to_regclass('{names[0]}')::text")

    assert (held, before, after) == (0, None, names[0])
    assert took < 5


async def test_events_of_a_month_go_with_it_and_the_floor_is_raised(config: Settings) -> None:
    async with database(config.tortoise(system=True)):
        await happened(NOW, NOW, NOW, month(1), month(2), month(3))
        removed = []
        while count := await EventLog.forget(month(2) + timedelta(days=3), 2):
            removed.append(count)
        left, span = await parts("event"), await EventLog.span()
        kept = len(await parts("audit_entry"))

    assert removed == [3, 1]
    assert (left, kept) == ([part("event", 2), part("event", 3)], 6)
    assert span == (4, 6)


@pytest.mark.usefixtures("owned")
async def test_migrated_back_and_forward_nothing_is_lost() -> None:
    await happened(NOW - timedelta(days=400), NOW, month(1), month(9))
    told = [tuple(row) for row in await fetch(TOLD)]

    await migrate("0005_tombstone")
    back = [tuple(row) for row in await fetch(TOLD)]
    await migrate()

    assert [tuple(row) for row in await fetch(TOLD)] == back == told
    assert await parts("audit_entry") == ["audit_entry_first"] * 4
