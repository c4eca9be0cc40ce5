"""A back-office that polls gets every event of its scope once, in order."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import orjson
import pytest
from tortoise.transactions import in_transaction

from models import ids
from models.account import Account, Grant, Role
from models.audit import AuditEntry, Deed, Doer, Place
from models.event import Event, EventLog
from models.office import Office
from models.review import Review, ReviewStructure
from tests import factories as make
from tests.client import Client

CHANGES = """query ($after: String, $types: [String!], $first: Int) {
  changes(after: $after, types: $types, first: $first) { endCursor hasNextPage resyncRequired
    nodes { id position cursor type subject item tombstone facts catalogue
      network { code } department { code } office { id } } } }"""
WORKER = Doer(None, "test")


async def happened(kind: str, place: Place, subject: str = "x", **facts: Any) -> None:
    """Something that happens, in a transaction of its own."""
    async with in_transaction():
        deed = Deed(kind, subject, place, facts)
        await Event.add(await AuditEntry.add(deed, WORKER), [deed])


async def asked(api: Client, who: str, **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await api.data(who, CHANGES, **given))["changes"]
    return found


async def now(api: Client, who: str) -> str:
    """A cursor of now."""
    return str((await asked(api, who))["endCursor"])


def types(told: dict[str, Any]) -> list[str]:
    return [event["type"] for event in told["nodes"]]


async def manager(office: Office) -> str:
    return await make.person(Role.OFFICE_MANAGER, office=office)


async def test_what_is_done_is_told_with_ids_and_facts_and_no_text(api: Client) -> None:
    office = await make.office()
    boss = await manager(office)
    structure = await ReviewStructure.get(review=await make.review(office))
    start = await now(api, boss)
    replied = (
        """mutation ($id: ID!) { reviewReply(id: $id, body: "Mot secret.") { reply { id } } }"""
    )
    key = ids.encode("ReviewStructure", structure.id)
    reply = (await api.data(boss, replied, id=key))["reviewReply"]["reply"]["id"]

    told = await asked(api, boss, after=start)

    (event,) = told["nodes"]
    review = ids.encode("Review", structure.review_id)
    assert event == {
        "id": event["id"],
        "position": event["position"],
        "cursor": told["endCursor"],
        "type": "reply.published",
        "subject": reply,
        "item": review,
        "tombstone": False,
        "facts": {"review": review, "structure": key, "version": 2},
        "catalogue": 1,
        "network": {"code": "caf"},
        "department": {"code": "69"},
        "office": {"id": ids.encode("Office", office.id)},
    }
    node = "query ($id: ID!) { node(id: $id) { ... on Event { type } } }"
    assert (await api.data(boss, node, id=event["id"]))["node"] == {"type": "reply.published"}
    assert "secret" not in str(told)


async def test_each_sees_what_happens_in_their_scope_only(api: Client) -> None:
    mine, other = await make.office(), await make.office(department="75")
    police = await make.office("police")
    people = {
        "office": await manager(mine),
        "department": await make.person(Role.DEPARTMENT_MANAGER, network="caf", department="69"),
        "network": await make.person(Role.NETWORK_MANAGER, network="caf"),
        "machine": await make.person(Role.SERVICE, rights="read_events"),
        "agent": await make.person(Role.OFFICE_AGENT, office=mine),
        "reader": await make.person(Role.READER, network="caf"),
    }
    starts = {who: (await asked(api, name))["endCursor"] for who, name in people.items()}
    for number, office in enumerate((mine, other, police)):
        place = Place(office.network_id, office.department_id, office.id)
        await happened("review.published", place, f"r{number}")

    seen = {
        who: [event["subject"] for event in (await asked(api, name, after=starts[who]))["nodes"]]
        for who, name in people.items()
        if starts[who]
    }

    assert seen == {
        "office": ["r0"],
        "department": ["r0"],
        "network": ["r0", "r1"],
        "machine": ["r0", "r1", "r2"],
    }


async def test_none_is_missed_or_told_twice_while_many_changes_overlap(api: Client) -> None:
    office = await make.office()
    boss, place = await manager(office), Place(office.network_id, office.department_id, office.id)
    chance, cursor, told = Random(4), await now(api, boss), list[str]()

    async def change(number: int) -> None:
        await asyncio.sleep(chance.random() * 0.5)
        async with in_transaction():
            deed = Deed("reply.published", f"r{number}", place)
            entry = await AuditEntry.add(deed, WORKER)
            await asyncio.sleep(chance.random() * 0.02)
            await Event.add(entry, [deed, deed])
            await asyncio.sleep(chance.random() * 0.02)
            if number % 7 == 0:
                raise ZeroDivisionError  # its events never were

    async def poll() -> None:
        nonlocal cursor
        page = await asked(api, boss, after=cursor, first=7)
        cursor = page["endCursor"]
        told.extend(event["id"] for event in page["nodes"])

    changes = asyncio.gather(*(change(n) for n in range(60)), return_exceptions=True)
    while not changes.done():
        await poll()
    for _ in range(20):
        await poll()

    there = await Event.all().order_by("id").values_list("id")
    assert told == [ids.encode("Event", int(key[0])) for key in there]
    assert len(told) == 2 * (60 - 9)


async def test_pages_follow_each_other_and_types_are_chosen(api: Client) -> None:
    office = await make.office()
    boss, place = await manager(office), Place(office.network_id, office.department_id, office.id)
    start = await now(api, boss)
    for number in range(5):
        await happened("reply.edited" if number % 2 else "review.published", place, f"r{number}")

    first = await asked(api, boss, after=start, first=2)
    second = await asked(api, boss, after=first["endCursor"], first=9)
    edited = await asked(api, boss, after=start, types=["reply.edited", "reply.edited"])
    after_one = await asked(api, boss, after=first["nodes"][0]["cursor"], first=1)
    nothing = await asked(api, boss, after=start, first=0)

    assert [event["subject"] for event in first["nodes"] + second["nodes"]] == [
        f"r{number}" for number in range(5)
    ]
    assert (first["hasNextPage"], second["hasNextPage"]) == (True, False)
    assert types(edited) == ["reply.edited"] * 2
    # What was passed over is not looked at again.
    assert edited["endCursor"] == second["endCursor"]
    assert [event["subject"] for event in after_one["nodes"]] == ["r1"]
    assert (nothing["nodes"], nothing["endCursor"]) == ([], start)


@pytest.mark.parametrize("kind", ["review.withdrawn", "review.moved_away", "review.erased"])
async def test_what_left_the_scope_arrives_as_a_tombstone(api: Client, kind: str) -> None:
    office = await make.office()
    boss, start = await manager(office), ""
    start = await now(api, boss)
    await happened(kind, Place(office.network_id, office.department_id, office.id), "gone")

    (event,) = (await asked(api, boss, after=start))["nodes"]

    assert (event["item"], event["tombstone"]) == ("gone", True)


async def test_a_cursor_older_than_what_is_kept_asks_for_all_to_be_read_anew(api: Client) -> None:
    office = await make.office()
    boss, place = await manager(office), Place(office.network_id, office.department_id, office.id)
    old = await now(api, boss)
    await happened("review.published", place, "old")
    kept = await now(api, boss)
    cut = datetime.now(UTC)
    await happened("review.published", place, "new")

    forgotten = [await EventLog.forget(cut, 10) for _ in range(2)]
    late, in_time = [await asked(api, boss, after=one) for one in (old, kept)]
    on = await asked(api, boss, after=late["endCursor"])

    assert forgotten == [1, 0]
    assert (late["nodes"], late["resyncRequired"]) == ([], True)
    assert ([event["subject"] for event in in_time["nodes"]], in_time["resyncRequired"]) == (
        ["new"],
        False,
    )
    assert (on["nodes"], on["resyncRequired"]) == ([], False)


async def test_a_cursor_holds_when_all_events_were_forgotten(api: Client) -> None:
    office = await make.office()
    boss, place = await manager(office), Place(office.network_id, office.department_id, office.id)
    await happened("review.published", place)
    cursor = await now(api, boss)
    await EventLog.forget(datetime.now(UTC) + timedelta(hours=1), 10)

    told = await asked(api, boss, after=cursor)

    assert (told["nodes"], told["resyncRequired"], told["endCursor"]) == ([], False, cursor)


@pytest.mark.parametrize("way", ["wider", "narrower", "someone else's"])
async def test_who_may_follow_something_else_now_reads_all_anew(api: Client, way: str) -> None:
    office, other = await make.office(), await make.office()
    boss = await manager(office)
    wide = await make.person(Role.NETWORK_MANAGER, network="caf")
    cursor = await now(api, wide if way == "someone else's" else boss)
    account = await Account.get(subject=boss)
    if way == "wider":
        await Grant.create(
            account=account, role=Role.OFFICE_MANAGER, network_id=other.network_id, office=other
        )
    elif way == "narrower":
        await Grant.filter(account=account).update(office_id=other.id)
    await asyncio.sleep(2.1)  # what a process may remember of grants

    told = await asked(api, boss, after=cursor)

    assert (told["nodes"], told["resyncRequired"]) == ([], True)
    assert (await asked(api, boss, after=told["endCursor"]))["resyncRequired"] is False


def cursor_of(*parts: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "é",
        "\0",
        "a" * 5000,
        "bnVsbA",
        cursor_of("events", 1),
        cursor_of("events", -1, ""),
        cursor_of("events", 1.0, ""),
        cursor_of("published:desc", "2026-01-01T00:00:00", 1),
    ],
)
async def test_what_is_no_cursor_of_events_is_refused(api: Client, cursor: str) -> None:
    answer = await api.ask(await manager(await make.office()), CHANGES, after=cursor)

    assert answer["errors"][0]["extensions"] == {"code": "BAD_CURSOR", "field": ["after"]}


async def test_a_cursor_of_what_has_not_happened_is_refused(api: Client) -> None:
    boss = await manager(await make.office())
    follows = orjson.loads(base64.urlsafe_b64decode(f"{await now(api, boss)}==="))[2]

    answer = await api.ask(boss, CHANGES, after=cursor_of("events", 10**18, follows))

    assert answer["errors"][0]["extensions"] == {"code": "BAD_CURSOR", "field": ["after"]}


@pytest.mark.parametrize("given", [["review.eaten"], [], ["\0"], ["x" * 9999]])
async def test_a_type_that_is_not_in_the_catalogue_is_refused(
    api: Client, given: list[str]
) -> None:
    boss = await manager(await make.office())

    answer = await api.ask(boss, CHANGES, types=given)

    assert answer["errors"][0]["extensions"] == {"code": "BAD_INPUT", "field": ["types"]}


async def test_a_review_that_is_withdrawn_leaves_each_of_its_structures(api: Client) -> None:
    one, other = await make.office(), await make.office("police")
    bosses = [await manager(office) for office in (one, other)]
    published = await make.review(one, other)
    starts = [await now(api, boss) for boss in bosses]
    subject = ids.encode("Review", published.id)
    for office in (one, other):
        place = Place(office.network_id, office.department_id, office.id)
        await happened("review.withdrawn", place, subject)
    await Review.filter(id=published.id).delete()

    told = [await asked(api, who, after=at) for who, at in zip(bosses, starts, strict=True)]

    assert [[event["subject"] for event in one["nodes"]] for one in told] == [[subject]] * 2
