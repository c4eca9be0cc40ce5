"""Others are told of events: signed, in order for each item, and again until they have them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks.webhooks import WebhookVerificationError
from tortoise.transactions import in_transaction

from jobs import retention
from jobs.work import at_work
from models import ids
from models.account import Role
from models.audit import AuditEntry, Deed, Doer, Place
from models.event import Event
from models.office import Office
from models.webhook import Delivery, DeliveryState, Endpoint, EndpointState
from settings import Settings
from tests import factories as make
from tests.client import Client, asking
from tests.receivers import Receiver, eventually, raw, receiving, when

ENDPOINT = "endpoint { id label url types state steps version pending dead formerSecretUntil"
ENDPOINT += " failingSince retryAt disabledAt office { id } network { code } }"
ERRORS = "userErrors { code field }"
CREATE = f"""mutation ($input: WebhookInput!) {{
  done: webhookCreate(input: $input) {{ {ENDPOINT} secret {ERRORS} }} }}"""
UPDATE = f"""mutation ($id: ID!, $v: Int!, $url: String, $types: [String!]) {{
  done: webhookUpdate(id: $id, expectedVersion: $v, url: $url, types: $types) {{
    {ENDPOINT} {ERRORS} }} }}"""
ROTATE = f"""mutation ($id: ID!, $v: Int!, $hours: Int! = 24) {{
  done: webhookRotateSecret(id: $id, expectedVersion: $v, overlapHours: $hours) {{
    {ENDPOINT} secret {ERRORS} }} }}"""
STEP = """mutation ($id: ID!, $v: Int!) {{ done: {}(id: $id, expectedVersion: $v) {{ {} {} }} }}"""
ENABLE, DISABLE = (
    STEP.format(name, ENDPOINT, ERRORS) for name in ("webhookEnable", "webhookDisable")
)
REMOVE = STEP.format("webhookRemove", "removed", ERRORS)
TEST = f"""mutation ($id: ID!) {{
  done: webhookTest(id: $id) {{ {ENDPOINT} delivery {{ id type state }} {ERRORS} }} }}"""
REPLAY = f"""mutation ($delivery: ID, $endpoint: ID, $since: DateTime, $until: DateTime) {{
  done: webhookReplay(delivery: $delivery, endpoint: $endpoint, since: $since, until: $until) {{
    replayed {ERRORS} }} }}"""
LIST = "{ webhooks { totalCount nodes { id url state } } }"
LOG = """query ($id: ID!, $where: DeliveryFilter) {
  webhookDeliveries(endpoint: $id, where: $where) { nodes {
    id eventId type item message state attempts status trouble dueAt } } }"""


@pytest.fixture
async def api(config: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    """The service with a worker, which may send to this machine and is soon at it again."""
    monkeypatch.setattr("models.webhook.FIRST_PAUSE", timedelta(seconds=0.3))
    config = config.model_copy(update={"webhook_loopback": True})
    async with asking(config) as client, AsyncExitStack() as stack:
        if config.dialect == "postgres":  # where a worker is a process of its own
            await stack.enter_async_context(at_work(config, client.keys))
        yield client


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as one:
        yield one


async def change(api: Client, who: str, query: str, **given: Any) -> Any:
    return (await api.data(who, query, **given))["done"]


def codes(done: dict[str, Any]) -> list[str]:
    return [error["code"] for error in done["userErrors"]]


async def happened(office: Office, item: str, kind: str = "review.published") -> None:
    """Something that happens to `item` at an office."""
    deed = Deed(kind, item, Place(office.network_id, office.department_id, office.id))
    async with in_transaction():
        await Event.add(await AuditEntry.add(deed, Doer(None, "test")), [deed])


async def hooked(api: Client, office: Office, url: str, **rest: Any) -> tuple[str, dict[str, Any]]:
    """A manager of an office, and the endpoint they made for it."""
    boss = await make.person(Role.OFFICE_MANAGER, office=office)
    place = {"office": ids.encode("Office", office.id)}
    given = {"url": url, "label": "Outil métier", "place": place, **rest}
    done = await change(api, boss, CREATE, input=given)
    assert codes(done) == [], done
    return boss, done


async def log(api: Client, who: str, endpoint: str, **where: Any) -> list[dict[str, Any]]:
    data = await api.data(who, LOG, id=endpoint, where=where)
    found: list[dict[str, Any]] = data["webhookDeliveries"]["nodes"]
    return found


def items(told: list[dict[str, Any]]) -> list[str]:
    return [one["data"]["item"] for one in told]


# --- What is sent -----------------------------------------------------------------------------


async def test_what_happens_is_sent_signed_with_ids_and_no_text(
    api: Client, receiver: Receiver
) -> None:
    office = await make.office()
    boss, made = await hooked(api, office, receiver.address)
    review = await make.review(office, text="Texte secret.")
    structure = ids.encode("ReviewStructure", (await review.parts())[0].id)
    replied = """mutation ($id: ID!) { reviewReply(id: $id, body: "Mot.") { reply { id } } }"""
    reply = (await api.data(boss, replied, id=structure))["reviewReply"]["reply"]["id"]

    (told,) = await receiver.got(1)

    event = await Event.get(type="reply.published")
    assert receiver.verified(made["secret"]) == told
    assert receiver.headers[0]["webhook-id"] == f"evt_{event.id}"
    assert told == {
        "type": "reply.published",
        "timestamp": told["timestamp"],
        "data": {
            "id": ids.encode("Event", event.id),
            "position": str(event.id),
            "catalogue": 1,
            "subject": reply,
            "item": ids.encode("Review", review.id),
            "tombstone": False,
            "network": "caf",
            "department": "69",
            "office": ids.encode("Office", office.id),
            "facts": {
                "review": ids.encode("Review", review.id),
                "structure": structure,
                "version": 2,
            },
        },
    }
    (sent,) = await eventually(lambda: log(api, boss, made["endpoint"]["id"], states="DELIVERED"))
    assert (sent["status"], sent["attempts"], sent["trouble"]) == (204, 1, None)
    assert (await Endpoint.get()).secret.count(made["secret"]) == 0
    with pytest.raises(WebhookVerificationError):
        receiver.verified("whsec_" + "A" * 43)


async def test_an_endpoint_gets_what_is_of_its_place_and_types_only(
    api: Client, receiver: Receiver
) -> None:
    office, below_it = await make.office(), None
    below_it = await make.office(parent=office)
    other = await make.office()
    await happened(office, "before")
    await hooked(api, office, receiver.address, types=["review.published"])
    for place, item in ((other, "other"), (below_it, "below"), (office, "own")):
        await happened(place, item)
    await happened(office, "not asked", "review.changed")
    await happened(office, "last")

    # In order for each item, not among them.
    assert sorted(items(await receiver.got(3))) == ["below", "last", "own"]


async def test_a_test_is_sent(api: Client, receiver: Receiver) -> None:
    boss, made = await hooked(api, await make.office(), receiver.address)

    done = await change(api, boss, TEST, id=made["endpoint"]["id"])
    (told,) = await receiver.got(1)

    assert (codes(done), done["delivery"]["type"]) == ([], "webhook.test")
    assert receiver.verified(made["secret"])["data"] == {"endpoint": made["endpoint"]["id"]}
    assert told["type"] == "webhook.test"


async def test_two_secrets_are_valid_while_one_takes_the_place_of_the_other(
    api: Client, receiver: Receiver
) -> None:
    office = await make.office()
    boss, made = await hooked(api, office, receiver.address)
    key = made["endpoint"]["id"]
    rotated = await change(api, boss, ROTATE, id=key, v=1)
    await happened(office, "both")
    await receiver.got(1)
    at_once = await change(api, boss, ROTATE, id=key, v=2, hours=0)
    await happened(office, "new")
    await receiver.got(2)

    secrets = [made["secret"], rotated["secret"], at_once["secret"]]
    valid: list[list[str]] = [[], []]
    for at in (0, 1):
        for secret in secrets:
            try:
                receiver.verified(secret, at)
                valid[at].append(secret)
            except WebhookVerificationError:
                pass
    assert valid == [secrets[:2], secrets[2:]]


# --- When it is not taken ---------------------------------------------------------------------


async def test_each_item_stays_in_order_while_others_go_on(api: Client, receiver: Receiver) -> None:
    office = await make.office()
    tries = []

    def answer(told: dict[str, Any]) -> int:
        told_of = (told["data"]["item"], told["type"])
        tries.append(told_of)
        first = ("a", "review.published")
        return 503 if told_of == first and tries.count(first) < 3 else 200

    receiver.answer_to = answer
    await hooked(api, office, receiver.address)
    for item, kind in (("a", "review.published"), ("a", "review.changed"), ("b", "review.changed")):
        await happened(office, item, kind)

    told = await receiver.got(3)

    assert [(one["data"]["item"], one["type"]) for one in told] == [
        ("b", "review.changed"),
        ("a", "review.published"),
        ("a", "review.changed"),
    ]
    ids_of = {head["webhook-id"] for head in receiver.headers}
    assert len(ids_of) == 3  # the same each time it is sent


async def test_a_dead_receiver_delays_no_other(api: Client, receiver: Receiver) -> None:
    office = await make.office()

    async def hang(_: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3600)

    async with raw(hang) as dead:
        for _ in range(3):
            await hooked(api, office, dead.address)
        await hooked(api, office, receiver.address)
        for number in range(20):
            await happened(office, f"r{number}")
        await when(lambda: dead.calls)

        told = await receiver.got(20, 5)

    assert sorted(items(told)) == sorted(f"r{number}" for number in range(20))


async def slow(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def rubbish(writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x00\xff rubbish\r\n\r\n")
    await writer.drain()


async def silence(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def endless_head(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(10_000):
        writer.write(b"x: " + b"y" * 1000 + b"\r\n")
        await writer.drain()


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (slow, "TIMEOUT"),
        (rubbish, "NOT_HTTP"),
        (silence, "NOT_HTTP"),
        (endless_head, "NOT_HTTP"),
    ],
)
async def test_what_a_receiver_does_is_bounded_and_told(
    api: Client, monkeypatch: pytest.MonkeyPatch, answer: Any, trouble: str
) -> None:
    monkeypatch.setattr("jobs.sending.PATIENCE", 1.0)
    office = await make.office()
    async with raw(answer) as receiver:
        boss, made = await hooked(api, office, receiver.address)
        await happened(office, "a")

        async def tried() -> Any:
            found = await log(api, boss, made["endpoint"]["id"])
            return found if found and found[0]["attempts"] else None

        (sent,) = await eventually(tried)

    assert (sent["state"], sent["trouble"], sent["status"]) == ("PENDING", trouble, None)


async def test_a_huge_answer_is_not_read(api: Client) -> None:
    office = await make.office()
    wrote = 0

    async def huge(writer: asyncio.StreamWriter) -> None:
        nonlocal wrote
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n")
        for _ in range(10_000):
            writer.write(b"x" * 100_000)
            await writer.drain()
            wrote += 100_000

    async with raw(huge) as receiver:
        boss, made = await hooked(api, office, receiver.address)
        await happened(office, "a")

        (sent,) = await eventually(
            lambda: log(api, boss, made["endpoint"]["id"], states="DELIVERED")
        )

    assert sent["status"] == 200
    assert wrote < 50_000_000


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(api: Client, receiver: Receiver, status: int) -> None:
    office = await make.office()
    async with receiving() as elsewhere:
        receiver.location, receiver.statuses = elsewhere.address, [status]
        boss, made = await hooked(api, office, receiver.address)
        await happened(office, "a")
        await when(lambda: receiver.refused)
        (sent,) = await eventually(lambda: log(api, boss, made["endpoint"]["id"]))

        assert elsewhere.headers == []

    await receiver.got(1)  # it is sent again
    assert sent["trouble"] in {"REDIRECT", None}


async def test_what_is_not_taken_for_a_day_is_a_dead_letter_and_the_next_one_goes(
    api: Client, receiver: Receiver
) -> None:
    office = await make.office()
    receiver.answer_to = lambda told: 400 if told["type"] == "review.published" else 200
    boss, made = await hooked(api, office, receiver.address)
    await happened(office, "a")
    await when(lambda: receiver.refused)
    await Delivery.all().update(asked_at=datetime.now(UTC) - timedelta(hours=24))
    await happened(office, "a", "review.changed")

    (told,) = await receiver.got(1)

    assert told["type"] == "review.changed"
    (dead,) = await log(api, boss, made["endpoint"]["id"], states=["DEAD"])
    assert (dead["trouble"], dead["status"], dead["dueAt"]) == ("REFUSED", 400, None)
    receiver.answer_to = None
    done = await change(api, boss, REPLAY, delivery=dead["id"])
    assert done == {"replayed": 1, "userErrors": []}
    assert [one["type"] for one in await receiver.got(2)] == ["review.changed", "review.published"]


async def test_an_endpoint_that_fails_for_a_day_is_switched_off_and_it_is_told(
    api: Client, receiver: Receiver
) -> None:
    office = await make.office()
    receiver.statuses = [500] * 100
    boss, made = await hooked(api, office, receiver.address)
    key = made["endpoint"]["id"]
    start = (await api.data(boss, "{ changes { endCursor } }"))["changes"]["endCursor"]
    await happened(office, "a")
    await when(lambda: receiver.refused)
    await Endpoint.all().update(failing_since=datetime.now(UTC) - timedelta(hours=25))

    async def failed() -> Any:
        return (await Endpoint.get()).state is EndpointState.FAILED

    await eventually(failed)
    query = "query ($after: String) { changes(after: $after) { nodes { type subject } } }"
    told = (await api.data(boss, query, after=start))["changes"]["nodes"]
    assert {"type": "webhook.failed", "subject": key} in told
    assert await AuditEntry.filter(action="webhook.failed").exists()
    receiver.statuses = []
    done = await change(api, boss, ENABLE, id=key, v=1)
    assert (codes(done), done["endpoint"]["state"]) == ([], "ACTIVE")
    assert items(await receiver.got(2)) == ["a", key]


async def test_a_receiver_that_is_gone_is_switched_off_at_once(
    api: Client, receiver: Receiver
) -> None:
    office = await make.office()
    receiver.statuses = [410]
    await hooked(api, office, receiver.address)
    await happened(office, "a")

    async def failed() -> Any:
        return (await Endpoint.get()).state is EndpointState.FAILED

    await eventually(failed)


async def test_after_failures_in_a_row_a_receiver_is_left_alone(
    api: Client, receiver: Receiver
) -> None:
    office = await make.office()
    receiver.answer_to = lambda _: 503
    boss, made = await hooked(api, office, receiver.address)
    for number in range(20):
        await happened(office, f"r{number}")

    async def open_() -> Any:
        return (await Endpoint.get()).retry_at

    await eventually(open_)
    receiver.answer_to = None
    told = await receiver.got(20, 40)

    assert sorted(items(told)) == sorted(f"r{number}" for number in range(20))
    done = await change(api, boss, TEST, id=made["endpoint"]["id"])
    assert done["endpoint"]["retryAt"] is None


# --- Again ------------------------------------------------------------------------------------


async def test_what_happened_in_a_range_of_time_is_sent_again(
    api: Client, receiver: Receiver
) -> None:
    office = await make.office()
    await happened(office, "before it was made")
    boss, made = await hooked(api, office, receiver.address)
    since = datetime.now(UTC)
    for item in ("a", "b"):
        await happened(office, item)
    await receiver.got(2)
    until = datetime.now(UTC)
    await happened(office, "c")
    await receiver.got(3)

    key = made["endpoint"]["id"]
    done = await change(
        api, boss, REPLAY, endpoint=key, since=since.isoformat(), until=until.isoformat()
    )
    told = await receiver.got(5)
    older = await change(api, boss, REPLAY, endpoint=key, since="2026-01-01T00:00:00Z")

    assert done == {"replayed": 2, "userErrors": []}
    assert sorted(items(told)) == ["a", "a", "b", "b", "c"]
    assert older["replayed"] == 4
    # The same id each time: who has it may leave it.
    assert len({head["webhook-id"] for head in receiver.headers[:5]}) == 3


@pytest.mark.parametrize(
    "given",
    [{}, {"endpoint": "x"}, {"delivery": "x", "endpoint": "x", "since": "2026-01-01T00:00:00Z"}],
)
async def test_what_is_to_be_sent_again_must_be_told(api: Client, given: dict[str, str]) -> None:
    boss = await make.person(Role.NETWORK_MANAGER, network="caf")

    assert codes(await change(api, boss, REPLAY, **given)) == ["BAD_INPUT"]


async def test_one_that_is_switched_off_gets_what_happened_meanwhile_when_it_is_on_again(
    api: Client, receiver: Receiver
) -> None:
    office = await make.office()
    boss, made = await hooked(api, office, receiver.address)
    key = made["endpoint"]["id"]
    off = await change(api, boss, DISABLE, id=key, v=1)
    again = await change(api, boss, DISABLE, id=key, v=2)
    await happened(office, "a")
    await asyncio.sleep(1.5)
    quiet = receiver.taken[:]
    on = await change(api, boss, ENABLE, id=key, v=2)

    assert (off["endpoint"]["state"], off["endpoint"]["steps"]) == ("OFF", ["ENABLE"])
    assert (codes(again), quiet) == (["ILLEGAL_STEP"], [])
    assert on["endpoint"]["version"] == 3
    assert items(await receiver.got(1)) == ["a"]


@pytest.mark.parametrize("since", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"])
async def test_a_moment_that_cannot_be_counted_is_refused(
    api: Client, receiver: Receiver, since: str
) -> None:
    boss, made = await hooked(api, await make.office(), receiver.address)

    done = await change(api, boss, REPLAY, endpoint=made["endpoint"]["id"], since=since)

    assert done["userErrors"] == [{"code": "BAD_INPUT", "field": ["since"]}]


# --- Who may ----------------------------------------------------------------------------------


async def test_others_neither_see_nor_change_an_endpoint(api: Client, receiver: Receiver) -> None:
    office, other = await make.office(), await make.office(department="75")
    boss, made = await hooked(api, office, receiver.address)
    key = made["endpoint"]["id"]
    strangers = [
        await make.person(Role.OFFICE_MANAGER, office=other),
        await make.person(Role.OFFICE_AGENT, office=office),
        await make.person(Role.ADMINISTRATOR),
        await make.person(Role.DEPARTMENT_MANAGER, network="caf", department="75"),
    ]
    keepers = [
        boss,
        await make.person(Role.NETWORK_MANAGER, network="caf"),
        await make.person(Role.DEPARTMENT_MANAGER, network="caf", department="69"),
    ]
    await change(api, boss, TEST, id=key)
    await receiver.got(1)

    for who in strangers:
        assert (await api.data(who, LIST))["webhooks"]["totalCount"] == 0
        assert await log(api, who, key) == []
        assert codes(await change(api, who, UPDATE, id=key, v=1, url=receiver.address)) == [
            "NOT_FOUND"
        ]
        assert codes(await change(api, who, TEST, id=key)) == ["NOT_FOUND"]
    for who in keepers:
        assert (await api.data(who, LIST))["webhooks"]["totalCount"] == 1
        assert len(await log(api, who, key)) == 1


@pytest.mark.parametrize(
    "place", [{}, {"network": "caf"}, {"network": "police"}, {"network": "caf", "department": "75"}]
)
async def test_nobody_sends_more_than_they_may_follow(api: Client, place: dict[str, str]) -> None:
    boss = await make.person(Role.DEPARTMENT_MANAGER, network="caf", department="69")
    given = {"url": "https://example.com/x", "label": "x", "place": place}

    done = await change(api, boss, CREATE, input=given)

    assert done["userErrors"] == [{"code": "BEYOND_OWN_RIGHTS", "field": ["input", "place"]}]


async def test_a_change_takes_the_version_that_was_read(api: Client, receiver: Receiver) -> None:
    boss, made = await hooked(api, await make.office(), receiver.address)
    key = made["endpoint"]["id"]

    done = await change(api, boss, UPDATE, id=key, v=1, types=["review.changed"])
    stale = [
        codes(await change(api, boss, query, id=key, v=1))
        for query in (UPDATE, ROTATE, ENABLE, DISABLE, REMOVE)
    ]
    removed = await change(api, boss, REMOVE, id=key, v=2)

    assert (done["endpoint"]["version"], done["endpoint"]["types"]) == (2, ["review.changed"])
    assert stale == [["STALE_VERSION"]] * 5
    assert (removed["removed"], await Endpoint.exists()) == (key, False)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"label": " "}, "label"),
        ({"label": "a\nb"}, "label"),
        ({"label": "x" * 256}, "label"),
        ({"types": ["x.y"]}, "types"),
        ({"types": []}, "types"),
        ({"url": "http://example.com/"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": ""}, "url"),
        ({"url": "https://u:p@example.com/"}, "url"),
        ({"url": "https://example.com/#x"}, "url"),
        ({"url": "https://example.com:x/"}, "url"),
        ({"url": "https://[::1"}, "url"),
        ({"url": "https://exämple.com/"}, "url"),
        ({"url": "https://example.com/\0"}, "url"),
        ({"url": "https://example.com/a b"}, "url"),
        ({"url": f"https://example.com/{'x' * 2000}"}, "url"),
        ({"url": "ftp://example.com/"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "https://[fe80::1]/"}, "url"),
        ({"url": "https://169.254.169.254/latest"}, "url"),
    ],
)
async def test_what_is_no_endpoint_is_refused(
    api: Client, given: dict[str, Any], field: str
) -> None:
    boss = await make.person(Role.NETWORK_MANAGER, network="caf")
    whole = {"url": "https://example.com/x", "label": "x", "place": {"network": "caf"}, **given}

    done = await change(api, boss, CREATE, input=whole)

    assert done["userErrors"] == [{"code": "BAD_INPUT", "field": ["input", field]}]
    assert not await Endpoint.exists()


async def test_a_secret_is_told_once(api: Client, receiver: Receiver) -> None:
    office = await make.office()
    boss = await make.person(Role.OFFICE_MANAGER, office=office)
    place = {"office": ids.encode("Office", office.id)}
    query = CREATE.replace("(input: $input)", '(input: $input, idempotencyKey: "k")')
    given = {"url": receiver.address, "label": "x", "place": place}

    first, again = [await change(api, boss, query, input=given) for _ in range(2)]

    assert first["endpoint"]["id"] == again["endpoint"]["id"]
    assert (bool(first["secret"]), again["secret"]) == (True, None)
    assert first["secret"] not in str([vars(one) for one in await AuditEntry.all()])


async def test_what_was_sent_is_forgotten_with_the_events(
    api: Client, config: Settings, receiver: Receiver
) -> None:
    office = await make.office()
    boss, made = await hooked(api, office, receiver.address)
    await happened(office, "a")
    await receiver.got(1)
    await eventually(lambda: log(api, boss, made["endpoint"]["id"], states="DELIVERED"))
    old = datetime.now(UTC) - timedelta(days=config.event_days + 1)
    await Delivery.all().update(asked_at=old)

    removed = await retention.deliveries(config)

    assert (removed, await Delivery.exists()) == (1, False)
    assert DeliveryState.PENDING
