"""What happens is told as it happens: in order, each once, and only to those who may follow it."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

import app
from jobs.exports import write
from models import ids
from models.account import Account, Grant, Role
from models.audit import AuditEntry, Deed, Doer, Place
from models.event import Event
from models.export import Export
from models.office import Office
from models.wall import system
from resolvers import live
from schema import presence, sse, wire
from schema import socket as sockets
from settings import Settings
from tests import factories as make
from tests.client import Client
from tests.follower import Socket, socket, stream
from tests.test_exports import idle

EVENTS = """subscription ($after: String, $where: EventFilter) {
  reviewEvents(after: $after, where: $where) { type subject cursor } }"""
REPORT_EVENTS = EVENTS.replace("reviewEvents", "reportEvents")
MANY = " ".join(f"a{n}{'x' * 250}: cursor" for n in range(100))
WIDE = f"subscription ($after: String) {{ reviewEvents(after: $after) {{ subject {MANY} }} }}"
SQLITE = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
CHANGES = "{ changes { endCursor } }"


async def happened(office: Office, number: int = 0, kind: str = "review.published") -> None:
    """Something that happened at an office, to review `number`."""
    place = Place(office.network_id, office.department_id, office.id)
    deed = Deed(kind, ids.encode("Review", number + 1), place)
    async with system():
        await Event.add(await AuditEntry.add(deed, Doer(None, "test")), [deed])


def number(event: Any) -> int:
    return ids.key_of("Review", event["subject"]) - 1


@pytest.fixture
def config(config: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of a service whose worker is a process of its own."""
    monkeypatch.setattr(app, "at_work", idle)
    return config.model_copy(update={"export_dir": tmp_path})


@pytest.fixture
async def office() -> Office:
    return await make.office()


async def manager(office: Office) -> str:
    return await make.person(Role.OFFICE_MANAGER, office=office)


@pytest.fixture
async def follow(api: Client) -> AsyncIterator[Any]:
    """Opens connections of people, who said who they are."""
    async with AsyncExitStack() as stack:

        async def opened(who: str, seconds: int = 60) -> Socket:
            found = await stack.enter_async_context(socket(str(api.http.base_url).rstrip("/")))
            token = api.keys.issue(who, seconds)
            assert await found.begin(authorization=f"Bearer {token}") == {"type": "connection_ack"}
            return found

        yield opened


async def following(connection: Socket, query: str = EVENTS, **variables: Any) -> None:
    """Follow events; what happens once this returns is told."""
    await connection.follow(query, **variables)
    await connection.send(type="ping")
    assert await connection.next() == {"type": "pong"}
    await asyncio.sleep(0.5)  # until it has read where the log ends


async def test_what_happens_in_scope_is_told_as_it_happens(follow: Any, office: Office) -> None:
    elsewhere = await make.office()
    connection = await follow(await manager(office))
    await following(connection)

    await happened(elsewhere, 1)
    await happened(office, 2)
    await happened(office, 3, "reply.published")
    told = [await connection.data() for _ in range(2)]

    assert [(one["type"], number(one)) for one in told] == [
        ("review.published", 2),
        ("reply.published", 3),
    ]


async def test_what_happens_to_reports_is_told_apart_from_what_happens_to_reviews(
    follow: Any, office: Office
) -> None:
    connection = await follow(await manager(office))
    await following(connection, query=REPORT_EVENTS)

    await happened(office, 1)
    await happened(await make.office(), 2, "report.accepted")
    await happened(office, 3, "report.accepted")
    told = await connection.data()
    await connection.follow(REPORT_EVENTS, where={"types": ["review.published"]})
    refused = await connection.next()

    assert (told["type"], number(told)) == ("report.accepted", 3)
    assert refused["payload"][0]["extensions"]["code"] == "BAD_INPUT"


async def test_one_goes_on_after_a_cursor_without_gap_or_repetition(
    api: Client, follow: Any, office: Office
) -> None:
    who = await manager(office)
    cursor = (await api.data(who, CHANGES))["changes"]["endCursor"]
    told: list[int] = []

    async def happening() -> None:
        for n in range(120):
            await happened(office, n)

    happens = asyncio.create_task(happening())
    while len(told) < 120:  # come and go, while it happens
        connection = await follow(who)
        await connection.follow(EVENTS, after=cursor)
        for _ in range(min(17, 120 - len(told))):
            event = await connection.data()
            told.append(number(event))
            cursor = event["cursor"]
        await connection.connection.close()
    await happens

    assert told == list(range(120))


async def test_conditions_narrow_what_is_told(follow: Any, office: Office) -> None:
    below = await make.office(parent=office)
    who = await manager(office)
    connection = await follow(who)
    where = {"types": ["review.changed"], "offices": [ids.encode("Office", below.id)]}
    await following(connection, where=where)

    await happened(office, 1, "review.changed")
    await happened(below, 2)
    await happened(below, 3, "review.changed")

    assert number(await connection.data()) == 3


@pytest.mark.parametrize(
    ("variables", "code", "field"),
    [
        ({"after": "x"}, "BAD_CURSOR", ["after"]),
        ({"where": {"types": ["review.eaten"]}}, "BAD_INPUT", ["where", "types"]),
        ({"where": {"types": ["import.finished"]}}, "BAD_INPUT", ["where", "types"]),
        ({"where": {"networks": ["nowhere"]}}, "BAD_INPUT", ["where", "networks"]),
        ({"where": {"offices": ["x"]}}, "BAD_ID", ["where", "offices"]),
        ({"where": {"what": 1}}, "BAD_VARIABLES", None),
    ],
)
async def test_what_can_not_be_followed_is_refused_and_the_connection_stays(
    follow: Any, office: Office, variables: Any, code: str, field: list[str] | None
) -> None:
    connection = await follow(await manager(office))

    name = await connection.follow(EVENTS, **variables)
    refused = await connection.next()
    await following(connection)
    await happened(office, 5)

    assert (refused["type"], refused["id"]) == ("error", name)
    (error,) = refused["payload"]
    assert error["extensions"]["code"] == code
    assert error["extensions"].get("field") == field
    assert number(await connection.data()) == 5


async def test_whoever_may_not_follow_hears_nothing(follow: Any, office: Office) -> None:
    connection = await follow(await make.person(Role.READER, network="caf"))
    await following(connection)
    await happened(office)

    with pytest.raises(TimeoutError):
        await connection.next(1.0)


async def test_a_right_taken_back_silences_within_two_seconds(follow: Any, office: Office) -> None:
    who = await manager(office)
    connection = await follow(who)
    await following(connection)
    await happened(office, 0)
    assert number(await connection.data()) == 0
    account = await Account.get(subject=who)
    await Grant.filter(account=account).update(revoked_at=datetime.now(UTC))
    taken_back = time.monotonic()

    ended = None
    while ended is None:
        await happened(office, 1)
        message = await connection.next()
        if message["type"] == "next":
            assert time.monotonic() - taken_back < 2.2
            continue
        ended = message

    assert ended["payload"][0]["extensions"]["code"] == "RESYNC_REQUIRED"


async def test_whoever_may_follow_something_else_is_told_so_though_nothing_happens(
    follow: Any, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK", 0.5)
    who = await manager(office)
    connection = await follow(who)
    await following(connection)
    await make.person(Role.OFFICE_MANAGER, office=await make.office(), name=who)

    ended = await connection.next()

    assert ended["payload"][0]["extensions"]["code"] == "RESYNC_REQUIRED"


@SQLITE
async def test_what_was_read_before_a_right_was_taken_back_is_not_told_after(
    api: Client, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "AT_ONCE", 500)
    who = await manager(office)
    cursor = (await api.data(who, CHANGES))["changes"]["endCursor"]
    for n in range(200):
        await happened(office, n)
    address = str(api.http.base_url).rstrip("/")
    async with socket(address, api.headers(who), narrow=True, max_queue=1) as slow:
        await slow.begin()
        await slow.follow(WIDE, after=cursor)
        assert (await slow.next())["type"] == "next"
        slow.connection.transport.pause_reading()
        await Grant.all().update(revoked_at=datetime.now(UTC))
        await asyncio.sleep(2.5)
        slow.connection.transport.resume_reading()
        told = 1
        while (message := await slow.next())["type"] == "next":
            told += 1

        assert message["payload"][0]["extensions"]["code"] == "RESYNC_REQUIRED"
        assert told < 150  # those that were on their way


async def test_a_connection_is_closed_when_its_token_ends(follow: Any, office: Office) -> None:
    connection = await follow(await manager(office), seconds=2)
    await following(connection)
    begun = time.monotonic()

    assert await connection.closed() == (4403, "TOKEN_EXPIRED")
    assert time.monotonic() - begun < 4


async def test_a_connection_is_closed_when_its_account_is(
    follow: Any, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "WATCH", 0.2)
    who = await manager(office)
    connection = await follow(who)
    await Account.filter(subject=who).update(deactivated_at=datetime.now(UTC))

    assert await connection.closed() == (4403, "TOKEN_INVALID")


async def test_how_far_an_export_is_is_told_until_it_ends(
    api: Client, follow: Any, office: Office, config: Settings
) -> None:
    await make.review(office)
    who = await manager(office)
    start = "mutation { done: exportStart(kind: REVIEWS, format: CSV) { export { id } } }"
    global_id = (await api.data(who, start))["done"]["export"]["id"]
    connection = await follow(who)
    query = "subscription ($id: ID!) { exportProgress(id: $id) { state rows url } }"
    await connection.follow(query, id=global_id)
    first = await connection.data()
    await write(ids.key_of("Export", global_id), config)
    told = [first]
    while (message := await connection.next())["type"] == "next":
        told.append(message["payload"]["data"]["exportProgress"])
    other = await follow(await manager(office))
    await other.follow(query, id=global_id)

    assert first == {"state": "QUEUED", "rows": 0, "url": None}
    assert told[-1] == {"state": "READY", "rows": 1, "url": f"/exports/{global_id}"}
    assert message == {"id": "1", "type": "complete"}
    assert (await other.next())["payload"][0]["extensions"]["code"] == "NOT_FOUND"
    assert await Export.all().count() == 1


# --- The protocol ----------------------------------------------------------------------------


@pytest.fixture
async def raw(api: Client) -> AsyncIterator[Socket]:
    async with socket(str(api.http.base_url).rstrip("/")) as found:
        yield found


@SQLITE
@pytest.mark.parametrize("protocol", ["graphql-ws", "mqtt"])
async def test_another_protocol_is_not_spoken(api: Client, protocol: str) -> None:
    from websockets.asyncio.client import connect  # noqa: PLC0415

    url = str(api.http.base_url).replace("http", "ws", 1).rstrip("/") + "/graphql"
    async with connect(url, subprotocols=[protocol]) as connection:  # type: ignore[list-item]
        with pytest.raises(ConnectionClosed):
            await connection.recv()

        assert (connection.subprotocol, connection.close_code) == (None, 4406)


@SQLITE
@pytest.mark.parametrize(
    ("said", "code"),
    [
        ('{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }"}}', 4401),
        ("nonsense", 4400),
        ("[]", 4400),
        ('"x"', 4400),
        ("null", 4400),
        ("\ud800".encode("utf-8", "surrogatepass"), 4400),
        ('{"type": "connection_init", "payload": {"authorization": "\\ud800"}}', 4400),
        (b"\x00\x01", 4400),
        ('{"type": "connection_init", "payload": 3}', 4400),
        ('{"type": "connection_init"}', 4403),
        ('{"type": "connection_init", "payload": {"authorization": "Bearer x"}}', 4403),
        ('{"type": "connection_init", "payload": {"authorization": "Bearer é\\u0000"}}', 4403),
        ('{"type": "connection_init", "payload": {"authorization": {"a": 1}}}', 4403),
        ('{"x": "' + "y" * (1 << 20) + '"}', 1009),
    ],
)
async def test_a_connection_that_does_not_begin_well_is_closed(
    raw: Socket, said: Any, code: int
) -> None:
    await raw.connection.send(said)

    assert (await raw.closed())[0] == code


@SQLITE
async def test_a_connection_that_never_begins_is_closed(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "INIT", 0.2)
    async with socket(str(api.http.base_url).rstrip("/")) as found:
        assert (await found.closed())[0] == 4408


@SQLITE
@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "connection_init"}, 4429),
        ({"type": "start", "id": "1"}, 4400),
        ({}, 4400),
        ({"type": ["x"]}, 4400),
        ({"type": "subscribe", "payload": {"query": "{ x }"}}, 4400),
        ({"type": "subscribe", "id": "", "payload": {"query": "{ x }"}}, 4400),
        ({"type": "subscribe", "id": 3, "payload": {"query": "{ x }"}}, 4400),
        ({"type": "subscribe", "id": "1"}, 4400),
        ({"type": "subscribe", "id": "1", "payload": {"query": 3}}, 4400),
        ({"type": "subscribe", "id": "1", "payload": {"query": "{ x }", "variables": 3}}, 4400),
        ({"type": "complete"}, 4400),
    ],
)
async def test_what_is_not_of_the_protocol_closes_the_connection(
    follow: Any, office: Office, message: dict[str, Any], code: int
) -> None:
    connection = await follow(await manager(office))

    await connection.send(**message)

    assert (await connection.closed())[0] == code


@SQLITE
async def test_a_name_is_one_subscriptions_until_it_ends(follow: Any, office: Office) -> None:
    connection = await follow(await manager(office))
    await following(connection)
    await connection.send(type="complete", id="1")
    await connection.send(type="complete", id="unknown")
    await connection.send(type="subscribe", id="1", payload={"query": EVENTS})
    await connection.send(type="subscribe", id="1", payload={"query": EVENTS})

    assert await connection.closed() == (4409, "Subscriber for 1 already exists")


@SQLITE
async def test_a_long_name_does_not_keep_a_connection_from_being_closed(
    follow: Any, office: Office
) -> None:
    connection = await follow(await manager(office))
    for _ in range(2):
        await connection.send(type="subscribe", id="é" * 128, payload={"query": EVENTS})

    assert (await connection.closed())[0] == 4409


async def test_those_who_leave_in_the_middle_leave_nothing_behind(
    api: Client, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    who, address = await manager(office), str(api.http.base_url).rstrip("/")
    cursor = (await api.data(who, CHANGES))["changes"]["endCursor"]
    for n in range(20):
        await happened(office, n)
    for pause in [0.0, 0.001, 0.003, 0.01, 0.03] * 10:
        async with socket(address, api.headers(who)) as leaving:
            await leaving.begin()
            for _ in range(3):
                await leaving.follow(EVENTS, after=cursor)
            await asyncio.sleep(pause)
            leaving.connection.transport.abort()

    answers = await asyncio.gather(*(api.ask(who, "{ reviews { totalCount } }") for _ in range(20)))
    assert answers == [{"data": {"reviews": {"totalCount": 0}}}] * 20
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []


@SQLITE
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ viewer { label } }", "BAD_REQUEST"),
        ("mutation { exportStart(kind: REVIEWS, format: CSV) { export { id } } }", "BAD_REQUEST"),
        ("subscription { reviewEvents { nonsense } }", "VALIDATION_FAILED"),
        ("subscription {", "PARSE_FAILED"),
        (
            "subscription { reviewEvents { type } exportProgress(id: 1) { id } }",
            "VALIDATION_FAILED",
        ),
        ("subscription A { reviewEvents { type } } query B { viewer { label } }", "BAD_REQUEST"),
        ('subscription { exportProgress(id: "x") { id } }', "BAD_ID"),
    ],
)
async def test_what_is_no_subscription_is_refused(
    follow: Any, office: Office, query: str, code: str
) -> None:
    connection = await follow(await manager(office))

    await connection.follow(query)

    refused = await connection.next()
    assert refused["type"] == "error"
    assert refused["payload"][0]["extensions"]["code"] == code


@SQLITE
async def test_subscriptions_are_counted(
    api: Client, follow: Any, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "MAX_STREAMS", 2)
    monkeypatch.setattr(presence, "MAX_OF_ACCOUNT", 3)
    who = await manager(office)
    first, second, third = await follow(who), await follow(who), await follow(who)
    codes = []
    for connection, wanted in ((first, 3), (second, 2)):
        for _ in range(wanted):
            await connection.follow(EVENTS)
        refused = await connection.next()
        codes.append(refused["payload"][0]["extensions"]["code"])
    async with socket(str(api.http.base_url).rstrip("/")) as fourth:
        await fourth.send(type="connection_init", payload=api.headers(who))
        closed = await fourth.closed()
    await third.connection.close()
    again = await follow(who)

    assert codes == ["TOO_MANY_SUBSCRIPTIONS"] * 2
    assert closed == (1013, "TOO_MANY_SUBSCRIPTIONS")
    assert again


@SQLITE
async def test_a_reader_that_is_too_slow_is_dropped_with_a_code(
    api: Client, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "PATIENCE", 0.5)
    who, address = await manager(office), str(api.http.base_url).rstrip("/")
    async with (
        socket(address, api.headers(who), narrow=True, max_queue=1) as slow,
        socket(address, api.headers(who)) as quick,
    ):
        for connection in (slow, quick):
            await connection.begin()
        await slow.follow(WIDE)
        await following(quick)
        slow.connection.transport.pause_reading()
        for n in range(150):
            await happened(office, n)
        told = [number(await quick.data()) for _ in range(150)]
        await asyncio.sleep(1.5)
        slow.connection.transport.resume_reading()

        assert told == list(range(150))
        assert (await slow.closed())[0] == 4499


@SQLITE
async def test_a_reader_that_reads_nothing_is_cut_off(
    api: Client,
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(sockets, "PATIENCE", 0.3)
    monkeypatch.setattr(wire, "CUT", 0.3)
    who, address = await manager(office), str(api.http.base_url).rstrip("/")
    cursor = (await api.data(who, CHANGES))["changes"]["endCursor"]
    for n in range(150):
        await happened(office, n)
    async with socket(address, api.headers(who), narrow=True, max_queue=1) as slow:
        await slow.begin()
        slow.connection.transport.pause_reading()
        await slow.follow(WIDE, after=cursor)
        async with asyncio.timeout(10):
            while not slow.connection.transport.is_closing():  # until nobody is there any more
                with suppress(ConnectionClosed):
                    await slow.connection.ping()
                await asyncio.sleep(0.05)

    assert caplog.text == ""


# --- Server-sent events ----------------------------------------------------------------------


async def test_events_are_sent_to_whoever_takes_nothing_else(api: Client, office: Office) -> None:
    who = await manager(office)
    async with stream(api.http, api.headers(who), EVENTS) as found:
        await asyncio.sleep(0.5)
        await happened(office, 7)
        name, told = await found.next()

        assert found.answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert found.answer.headers["cache-control"] == "no-store"
        assert (name, number(told["data"]["reviewEvents"])) == ("next", 7)


@SQLITE
@pytest.mark.parametrize(
    "accept",
    ["*/*", "application/json", "application/graphql-response+json, text/event-stream", ""],
)
async def test_a_subscription_is_not_one_answer(api: Client, office: Office, accept: str) -> None:
    headers = api.headers(await manager(office)) | {"accept": accept}

    answer = await api.http.post("/graphql", json={"query": EVENTS}, headers=headers)

    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert "text/event-stream" in error["message"]


@SQLITE
@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        (EVENTS, {"after": "x"}, "BAD_CURSOR"),
        ("subscription { reviewEvents { nonsense } }", {}, "VALIDATION_FAILED"),
        ("{ viewer { label } }", {}, "BAD_REQUEST"),
    ],
)
async def test_a_refusal_as_events_is_one_event_and_the_end(
    api: Client, office: Office, query: str, variables: Any, code: str
) -> None:
    who = await manager(office)
    async with stream(api.http, api.headers(who), query, **variables) as found:
        (name, told), end = await found.next(), await found.next()

    assert (name, told["errors"][0]["extensions"]["code"]) == ("next", code)
    assert end == ("complete", None)


@SQLITE
async def test_nobody_follows_without_a_token(api: Client) -> None:
    async with stream(api.http, {}, EVENTS) as found:
        assert found.answer.status_code == 401


async def test_events_end_when_the_token_does(api: Client, office: Office) -> None:
    token = {"authorization": f"Bearer {api.keys.issue(await manager(office), 2)}"}
    async with stream(api.http, token, EVENTS) as found:
        events = [await found.next() for _ in range(3)]

    assert events[0][1]["errors"][0]["extensions"]["code"] == "TOKEN_EXPIRED"
    assert events[1:] == [("complete", None), ("end", None)]


@SQLITE
async def test_a_sign_of_life_is_sent_when_nothing_happens(
    api: Client, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "BEAT", 0.1)
    who = await manager(office)
    async with stream(api.http, api.headers(who), EVENTS) as found:
        assert await anext(found.answer.aiter_lines()) == ":"
