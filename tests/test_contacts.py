"""Users who ask to talk to someone: tracked until they are met, known to few, and forgotten."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobs import retention
from models import ids
from models.account import Role
from models.audit import AuditEntry
from models.contact import CONTACTING, ContactRequest, ContactState, ContactStep
from models.event import Event
from models.office import Office
from models.sql import Sql, fetch
from models.submission import Submission
from settings import Settings
from tests import factories as make
from tests.client import Client
from tests.test_moderation import APPROVE, REJECT, UNPUBLISH, WITHDRAW, change, codes, key

REACH = "06 12 34 56 78"
ANSWER = "{ contactRequest { state calls version note } userErrors { code field currentVersion } }"
CALLS = {
    step: f"""mutation ($id: ID!, $v: Int!, $note: String! = "") {{
      done: contactRequest{name}(id: $id, expectedVersion: $v, note: $note) {ANSWER} }}"""
    for step, name in (("call", "Call"), ("meet", "Meet"), ("give up", "GiveUp"))
}
REVEAL = """mutation ($id: ID!) { done: contactRequestReveal(id: $id) {
  contact userErrors { code } } }"""
LIST = """query ($where: ContactRequestFilter) { contactRequests(where: $where) { totalCount nodes {
  id state steps reviewId structure { office { id } viewerCan { reply } draft { id } } } } }"""


async def asked(*offices: Office) -> ContactRequest:
    """A request of a user for the first of `offices`."""
    review = await make.review(*offices)
    structures = await review.parts()
    await ContactRequest.ask(REACH, structures)
    return await ContactRequest.get(structure=structures[0])


def me(request: ContactRequest) -> str:
    return ids.encode("ContactRequest", request.id)


async def test_who_asks_for_it_is_called_by_each_structure_once_published(api: Client) -> None:
    office, police = await make.office(), await make.office("police")
    agent = await make.person(Role.OFFICE_AGENT, office=office)
    team = await make.person(Role.MODERATOR)
    waiting = await make.submission(office, police, contact=REACH)

    before = await api.data(agent, LIST)
    await change(api, team, APPROVE, id=key(waiting), v=1)
    mine = (await api.data(agent, LIST))["contactRequests"]
    told = await change(api, agent, REVEAL, id=mine["nodes"][0]["id"])

    assert before["contactRequests"]["totalCount"] == 0
    (one,) = mine["nodes"]
    assert (one["state"], one["steps"]) == ("TO_DO", ["CALL", "MEET"])
    assert one["structure"] == {
        "office": {"id": ids.encode("Office", office.id)},
        "viewerCan": {"reply": True},
        "draft": None,
    }
    assert told["contact"] == REACH
    assert await ContactRequest.all().count() == 2
    assert (await Submission.get(id=waiting.id)).contact is None


async def test_several_calls_may_be_needed_until_they_are_met(api: Client) -> None:
    office = await make.office()
    agent, request = await make.person(Role.OFFICE_AGENT, office=office), await asked(office)

    done = [
        await change(api, agent, CALLS[step], id=me(request), v=version, note=note)
        for version, (step, note) in enumerate(
            [("call", "Absent."), ("call", ""), ("meet", "Vu au guichet."), ("call", "")], 1
        )
    ]

    told = [one["contactRequest"] for one in done[:3]]
    assert [(one["state"], one["calls"], one["note"]) for one in told] == [
        ("CALLED", 1, "Absent."),
        ("CALLED", 2, "Absent."),
        ("MET", 2, "Vu au guichet."),
    ]
    assert codes(done[3]) == ["ILLEGAL_STEP"]


async def test_who_was_never_called_is_not_unreachable(api: Client) -> None:
    office = await make.office()
    agent, request = await make.person(Role.OFFICE_AGENT, office=office), await asked(office)

    early = await change(api, agent, CALLS["give up"], id=me(request), v=1)
    await change(api, agent, CALLS["call"], id=me(request), v=1)
    done = await change(api, agent, CALLS["give up"], id=me(request), v=2)

    assert codes(early) == ["ILLEGAL_STEP"]
    assert done["contactRequest"]["state"] == "UNREACHABLE"


async def test_of_two_who_call_the_second_is_told_which_version_it_is_now(api: Client) -> None:
    office = await make.office()
    agent, request = await make.person(Role.OFFICE_AGENT, office=office), await asked(office)
    await change(api, agent, CALLS["call"], id=me(request), v=1)

    late = await change(api, agent, CALLS["meet"], id=me(request), v=1)

    assert late["userErrors"] == [
        {"code": "STALE_VERSION", "field": ["expectedVersion"], "currentVersion": 2}
    ]


@pytest.mark.parametrize("note", ["x" * 1001, "é" * 5000])
async def test_a_note_is_bounded(api: Client, note: str) -> None:
    office = await make.office()
    agent, request = await make.person(Role.OFFICE_AGENT, office=office), await asked(office)

    done = await change(api, agent, CALLS["call"], id=me(request), v=1, note=note)

    assert codes(done) == ["BAD_INPUT"]
    assert (await ContactRequest.get(id=request.id)).state is ContactState.TO_DO


@pytest.mark.parametrize("role", [Role.READER, Role.VALIDATOR, Role.MODERATOR, Role.ADMINISTRATOR])
async def test_nobody_is_told_but_those_who_reply_for_the_structure(
    api: Client, role: Role
) -> None:
    office, shared = await make.office(), await make.office("police")
    country = role in {Role.MODERATOR, Role.ADMINISTRATOR}
    people = [
        await make.person(role, network=None if country else "caf"),
        await make.person(Role.OFFICE_AGENT, office=shared),
        await make.person(Role.OFFICE_AGENT, office=await make.office()),
    ]
    request = await asked(office)

    listed = [(await api.data(who, LIST))["contactRequests"]["totalCount"] for who in people]
    told = [await change(api, who, REVEAL, id=me(request)) for who in people]
    called = [await change(api, who, CALLS["call"], id=me(request), v=1) for who in people]

    assert listed == [0, 0, 0]
    assert {(one["contact"], *codes(one)) for one in told} == {(None, "NOT_FOUND")}
    assert [codes(one) for one in called] == [["NOT_FOUND"]] * 3


async def test_each_reading_is_written_down_and_the_contact_nowhere(api: Client) -> None:
    office = await make.office()
    agent, request = await make.person(Role.OFFICE_AGENT, office=office), await asked(office)
    await change(api, agent, CALLS["call"], id=me(request), v=1, note="Rappeler Jeanne.")

    done = await change(api, agent, REVEAL, id=me(request))

    actions = await AuditEntry.all().order_by("id").values_list("action", "subject")
    assert done["contact"] == REACH
    assert actions == [("contact.called", me(request)), ("contact.revealed", me(request))]
    assert not await Event.exists()
    told = str([tuple(row) for row in await fetch(Sql("SELECT * FROM audit_entry"))])
    assert REACH not in told
    assert "Jeanne" not in told


async def test_a_list_is_of_states_and_places(api: Client) -> None:
    seat = await make.office()
    below, other = await make.office(parent=seat), await make.office(department="75")
    boss = await make.person(Role.NETWORK_MANAGER, network="caf")
    requests = [await asked(one) for one in (seat, below, other)]
    await change(api, boss, CALLS["call"], id=me(requests[1]), v=1)
    wheres: list[dict[str, Any]] = [
        {"states": ["TO_DO"]},
        {"offices": [ids.encode("Office", seat.id)]},
        {"departments": ["75"]},
        {"networks": ["police"]},
        {"networks": ["caf"], "states": ["CALLED"]},
    ]

    found = [(await api.data(boss, LIST, where=where))["contactRequests"] for where in wheres]

    assert [[one["id"] for one in several["nodes"]] for several in found] == [
        [me(requests[0]), me(requests[2])],
        [me(requests[0]), me(requests[1])],
        [me(requests[2])],
        [],
        [me(requests[1])],
    ]


@pytest.mark.parametrize(("query", "published"), [(REJECT, 0), (WITHDRAW, 0), (UNPUBLISH, 1)])
async def test_what_is_not_published_keeps_no_contact(
    api: Client, query: str, published: int
) -> None:
    office, machine = await make.office(), await make.person(Role.SERVICE, rights="intake")
    team = await make.person(Role.MODERATOR)
    waiting = await make.submission(office, by=machine, contact=REACH)
    if published:
        await change(api, team, APPROVE, id=key(waiting), v=1)

    who = machine if query == WITHDRAW else team
    done = await change(api, who, query, id=key(waiting), v=1 + published)

    assert codes(done) == []
    assert not await ContactRequest.exists()
    for table in ("submission", "contact_request", "audit_entry", "event"):
        assert REACH not in str([tuple(row) for row in await fetch(Sql(f"SELECT * FROM {table}"))])


@pytest.mark.usefixtures("world")
async def test_how_to_reach_them_is_forgotten_some_days_after_the_end(
    config: Settings,
) -> None:
    office, now = await make.office(), datetime.now(UTC)
    ends = [None, now - timedelta(days=29), now - timedelta(days=31)]
    for end in ends:
        request = await asked(office)
        request.ended_at, request.note = end, "Rappeler Jeanne."
        await request.save()

    await retention.contacts(config)
    await retention.contacts(config)

    left = await ContactRequest.all().order_by("id").values_list("contact", "note")
    assert left == [(REACH, "Rappeler Jeanne.")] * 2 + [(None, "")]
    assert await AuditEntry.all().values_list("action", "facts") == [
        ("contact.forgotten", '{"requests":1}')
    ]


def test_each_state_is_reached_and_the_ends_are_ends() -> None:
    ways = {state: CONTACTING.possible(state) for state in ContactState}

    assert ways == {
        ContactState.TO_DO: [ContactStep.CALL, ContactStep.MEET],
        ContactState.CALLED: [ContactStep.CALL, ContactStep.MEET, ContactStep.GIVE_UP],
        ContactState.MET: [],
        ContactState.UNREACHABLE: [],
    }
