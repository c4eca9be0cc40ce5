"""What is to be done without a request: each thing once, whichever worker takes it."""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tortoise.transactions import in_transaction

from jobs.worker import Worker, working
from models.account import Role
from models.signal import announce, listening, relay
from models.sql import Sql, connection, database, fetch
from models.task import MAX_ATTEMPTS, Lease, Task
from settings import Settings
from tests import factories as make
from tests.client import Client

ROOT = Path(__file__).parent.parent
WORKER = """
import asyncio, sys
from jobs.worker import Worker
from models.sql import Sql, database, returned
from settings import settings

async def do(lease):
    await asyncio.sleep(float(sys.argv[1]))
    await returned(Sql("INSERT INTO effect (key) VALUES (?) RETURNING key", (lease.key,)))

async def main():
    async with database(settings().tortoise(system=True)):
        print("ready", flush=True)
        await Worker({"try": do}).run()

asyncio.run(main())
"""


async def effects() -> Counter[str]:
    return Counter(row[0] for row in await fetch(Sql("SELECT key FROM effect")))


async def scratch() -> None:
    """A table in which tasks leave what they did."""
    await connection().execute_script("CREATE TABLE effect (key text NOT NULL)")
    if connection().capabilities.dialect != "sqlite":
        await connection().execute_script("GRANT ALL ON effect TO relais")


def started(config: Settings, pause: float) -> subprocess.Popen[str]:
    """A worker in a process of its own, at work."""
    environ = {"RELAIS_DATABASE_URL": config.database_url}
    command = [sys.executable, "-c", WORKER, str(pause)]
    worker = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)
    assert worker.stdout
    assert worker.stdout.readline() == "ready\n"
    return worker


async def until(count: int, seconds: float) -> None:
    """Return once there are so many effects."""
    async with asyncio.timeout(seconds):
        while sum((await effects()).values()) < count:
            await asyncio.sleep(0.05)


async def undone(work: Awaitable[None]) -> None:
    """`work`, in a transaction that fails after it."""
    with suppress(ZeroDivisionError):
        async with in_transaction():
            await work
            raise ZeroDivisionError


@pytest.mark.parametrize("databases", ["postgres"], indirect=True)
@pytest.mark.usefixtures("owned")
async def test_four_workers_do_two_thousand_tasks_once_each(config: Settings) -> None:
    await scratch()
    workers = [started(config, 0) for _ in range(4)]
    try:
        for n in range(2000):
            await Task.ask("try", n)
        await until(2000, 60)
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()

    assert await effects() == Counter({str(n): 1 for n in range(2000)})


@pytest.mark.parametrize("databases", ["postgres"], indirect=True)
@pytest.mark.usefixtures("owned")
async def test_what_a_killed_worker_had_in_hand_is_done_by_another(config: Settings) -> None:
    await scratch()
    doomed = started(config, 3600)
    await Task.ask("try", "x")
    async with asyncio.timeout(10):
        while not await Task.filter(leased_by__not_isnull=True).exists():
            await asyncio.sleep(0.02)
    doomed.kill()
    doomed.communicate()
    await Task.all().update(leased_until=datetime.now(UTC))  # as if its time had passed

    other = started(config, 0)
    await until(1, 20)
    other.kill()
    other.communicate()

    assert await effects() == Counter({"x": 1})


async def test_who_administers_the_country_sees_what_waits_and_for_how_long(api: Client) -> None:
    boss = await make.person(Role.ADMINISTRATOR)
    now = datetime.now(UTC)
    for key in range(5):
        await Task.ask("try", key, due=now - timedelta(minutes=key))
    await Task.ask("try", "later", due=now + timedelta(hours=1))
    await Task.lease(["try"], "w", 2)
    await Task.filter(key="0").update(attempts=MAX_ATTEMPTS)

    query = "{ backlog { kind waiting running givenUp waitingSince } }"
    (found,) = [one for one in (await api.data(boss, query))["backlog"] if one["kind"] == "try"]

    since = datetime.fromisoformat(found.pop("waitingSince"))
    assert found == {"kind": "try", "waiting": 2, "running": 2, "givenUp": 1}
    assert since == now - timedelta(minutes=2)


@pytest.mark.usefixtures("world")
async def test_what_is_asked_twice_waits_once() -> None:
    soon, later = (datetime.now(UTC) + timedelta(hours=hours) for hours in (1, 2))
    for due in (later, soon, later):
        await Task.ask("try", 1, due=due)

    (only,) = await Task.all()
    assert only.due_at == soon
    assert await Task.lease(["try"], "w", 10) == []


@pytest.mark.usefixtures("world")
async def test_what_is_asked_for_while_it_is_done_is_done_again() -> None:
    await Task.ask("try", 1)
    (first,) = await Task.lease(["try"], "w", 10)
    await Task.ask("try", 1)
    meanwhile = await Task.lease(["try"], "other", 10)
    await first.done()
    (again,) = await Task.lease(["try"], "other", 10)
    await again.done()

    assert (meanwhile, await Task.all().count()) == ([], 0)


@pytest.mark.usefixtures("world")
async def test_a_worker_that_lost_its_task_changes_nothing_of_it() -> None:
    await Task.ask("try", 1)
    (lost,) = await Task.lease(["try"], "slow", 10)
    await Task.all().update(leased_until=datetime.now(UTC) - timedelta(seconds=1))
    (held,) = await Task.lease(["try"], "quick", 10)

    await lost.done()
    await lost.failed(ValueError("late"))
    renewed = await lost.renew()

    (kept,) = await Task.all()
    assert (renewed, kept.leased_by, kept.error) == (False, held.by, "")


@pytest.mark.usefixtures("world")
async def test_what_fails_is_tried_later_and_given_up_in_the_end() -> None:
    await Task.ask("try", 1)
    waits = []
    for _ in range(MAX_ATTEMPTS):
        await Task.all().update(due_at=datetime.now(UTC))
        (lease,) = await Task.lease(["try"], "w", 10)
        await lease.failed(ValueError("no\0"))
        (kept,) = await Task.all()
        waits.append((kept.due_at - datetime.now(UTC)).total_seconds())
    await Task.all().update(due_at=datetime.now(UTC))
    given_up = await Task.lease(["try"], "w", 10)
    await Task.ask("try", 1)

    assert waits == sorted(waits)
    assert (given_up, kept.error) == ([], "ValueError: no")
    assert len(await Task.lease(["try"], "w", 10)) == 1


@pytest.mark.usefixtures("world")
async def test_a_worker_goes_on_after_a_task_that_fails_and_finishes_before_it_stops() -> None:
    done = []

    async def do(lease: Lease) -> None:
        if lease.key == "bad":
            raise ValueError
        await asyncio.sleep(0.2)
        done.append(lease.key)

    await Task.ask("try", "bad")
    async with working(Worker({"try": do})):
        await Task.ask("try", "good")
        async with asyncio.timeout(5):
            while not await Task.filter(key="good", leased_by__not_isnull=True).exists():
                await asyncio.sleep(0.01)

    assert done == ["good"]
    assert await Task.all().values_list("key", "error") == [("bad", "ValueError: ")]


@pytest.mark.usefixtures("world")
async def test_a_long_task_stays_with_its_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("models.task", "jobs.worker"):
        monkeypatch.setattr(f"{module}.LEASE", timedelta(seconds=0.6))
    begun = []

    async def do(lease: Lease) -> None:
        begun.append(lease.by)
        await asyncio.sleep(1.5)

    await Task.ask("try", 1)
    async with working(Worker({"try": do})), working(Worker({"try": do})):
        async with asyncio.timeout(10):
            while await Task.exists():
                await asyncio.sleep(0.05)

    assert len(begun) == 1


async def test_what_is_announced_is_heard_at_once_and_not_when_it_is_rolled_back(
    config: Settings,
) -> None:
    async with database(config.tortoise(system=True)), relay():
        with listening("x") as rung:
            async with asyncio.timeout(5):
                while not rung.is_set():  # until the relay listens
                    await announce("x")
                    await asyncio.sleep(0.02)
        with listening("x") as x, listening("y") as y:
            if config.dialect == "postgres":
                await undone(announce("y"))
            await announce("x")
            await asyncio.wait_for(x.wait(), 5)

            assert not y.is_set()


@pytest.mark.usefixtures("world")
async def test_a_task_of_a_change_that_is_rolled_back_is_not_done() -> None:
    await undone(Task.ask("try", 1))

    assert not await Task.exists()
