"""Where a structure's part of a review goes, and who sees it there."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from models.account import Account, Grant, Role
from models.audit import AuditEntry
from models.event import Event
from models.network import Network
from models.office import Office
from models.reply import Reply, ReplyVersion
from models.review import ReviewStructure
from models.routing import Move, Transfer
from settings import Settings
from tests import factories as make
from tests.client import Client
from tests.doing import codes, do, me, of, part
from tests.servers import as_owner

SEEN = "{ reviews { totalCount } }"
HISTORY = """query ($id: ID!) { structureHistory(id: $id) {
  origin { network { code } office { id } } target { network { code } office { id } }
  reason by } }"""
TRANSFERS = """{ transfers { totalCount nodes { state reason note steps structureId
  target { network { code } office { id } } review { title } } } }"""


async def sees(api: Client, person: str) -> int:
    return int((await api.data(person, SEEN))["reviews"]["totalCount"])


async def family() -> tuple[Office, Office, Office]:
    """An office, one below it, and one beside it."""
    seat = await make.office()
    return seat, await make.office(parent=seat), await make.office()


async def team() -> str:
    return await make.person(Role.MODERATOR)


# --- Who is to answer -------------------------------------------------------------------------


async def test_an_item_is_assigned_to_who_may_reply_there_and_found_by_it(api: Client) -> None:
    seat, _, beside = await family()
    agent, colleague = [await make.person(Role.OFFICE_AGENT, office=seat) for _ in range(2)]
    stranger = await make.person(Role.OFFICE_AGENT, office=beside)
    reader = await make.person(Role.READER, network="caf")
    structure = await part(await make.review(seat))
    await make.review(seat)

    done = await do(api, agent, "assign", id=structure, account=await me(colleague))
    refused = [
        await do(api, agent, "assign", id=structure, v=2, account=await me(one))
        for one in (stranger, reader)
    ]
    foreign = await do(api, stranger, "assign", id=structure, v=2)
    stale = await do(api, agent, "assign", id=structure, v=1)
    find = """query ($who: ID!) { mine: reviews(where: {assignedToMe: true}) { totalCount }
      theirs: reviews(where: {assignedTo: $who}) { totalCount nodes { structures { assignee } } }
      others: reviews(where: {assignedToMe: false}) { totalCount }
      free: reviews(where: {assigned: false}) { totalCount } }"""
    by_colleague = await api.data(colleague, find, who=await me(colleague))
    by_agent = await api.data(agent, find, who=await me(colleague))
    by_reader = await api.data(reader, find, who=await me(colleague))
    shown = await api.data(reader, "{ reviews { nodes { structures { assignee } } } }")

    assert done["structure"] == {
        "id": structure,
        "version": 2,
        "answered": False,
        "assignee": await me(colleague),
        "office": {"id": of(seat)},
    }
    assert [codes(one) for one in refused] == [["NOT_FOUND"]] * 2
    assert (codes(foreign), codes(stale)) == (["NOT_FOUND"], ["STALE_VERSION"])
    assert [by_colleague[name]["totalCount"] for name in ("mine", "theirs", "others", "free")] == [
        1,
        1,
        1,
        1,
    ]
    assert by_agent["theirs"]["nodes"] == [{"structures": [{"assignee": await me(colleague)}]}]
    # Who is to answer is known to those who work there only.
    assert [by_reader[name]["totalCount"] for name in ("mine", "theirs", "others", "free")] == [
        0,
        0,
        0,
        0,
    ]
    assert {
        one["assignee"] for node in shown["reviews"]["nodes"] for one in node["structures"]
    } == {None}
    cleared = await do(api, agent, "assign", id=structure, v=2)
    assert cleared["structure"]["assignee"] is None


# --- Down, at once ----------------------------------------------------------------------------


async def test_an_item_moved_to_an_office_below_is_seen_there_at_once(api: Client) -> None:
    seat, child, _ = await family()
    agent = await make.person(Role.OFFICE_AGENT, office=seat)
    below = await make.person(Role.OFFICE_AGENT, office=child)
    review = await make.review(seat)
    structure = await part(review)
    await do(api, agent, "assign", id=structure, account=await me(agent))
    drafted = await do(api, agent, "draft", id=structure, body="Brouillon.")
    before = await sees(api, below)

    done = await do(api, agent, "move", id=structure, office=of(child), v=2, reason="Plus près.")

    assert codes(done) == []
    assert done["structure"] == {
        "id": structure,
        "version": 3,
        "answered": False,
        "assignee": None,
        "office": {"id": of(child)},
    }
    assert (before, await sees(api, below), await sees(api, agent)) == (0, 1, 1)
    # A draft goes along.
    mine = "{ reviews { nodes { structures { draft { id body } } } } }"
    seen = (await api.data(below, mine))["reviews"]["nodes"]
    assert seen == [
        {"structures": [{"draft": {"id": drafted["reply"]["id"], "body": "Brouillon."}}]}
    ]
    history = await api.data(below, HISTORY, id=structure)
    assert history["structureHistory"] == [
        {
            "origin": {"network": {"code": "caf"}, "office": {"id": of(seat)}},
            "target": {"network": {"code": "caf"}, "office": {"id": of(child)}},
            "reason": "Plus près.",
            "by": await me(agent),
        }
    ]
    kept = await Event.all().order_by("id").values_list("type", "office_id", "subject")
    assert kept == [
        ("review.moved_away", seat.id, of(review)),
        ("review.transferred", child.id, of(review)),
    ]
    assert "Plus près" not in str(await AuditEntry.all().values_list("facts"))


async def test_a_move_goes_down_only_and_needs_the_right_at_both_ends(api: Client) -> None:
    seat, child, beside = await family()
    agent = await make.person(Role.OFFICE_AGENT, office=seat)
    lower = await make.person(Role.OFFICE_AGENT, office=child)
    boss = await make.person(Role.NETWORK_MANAGER, network="caf")
    reader = await make.person(Role.READER, network="caf")
    structure, low = await part(await make.review(seat)), await part(await make.review(child))

    tried = [
        await do(api, agent, "move", id=structure, office=of(beside)),
        await do(api, boss, "move", id=structure, office=of(beside)),
        await do(api, boss, "move", id=structure, office=of(seat)),
        await do(api, lower, "move", id=low, office=of(seat)),
        await do(api, boss, "move", id=low, office=of(seat)),
        await do(api, lower, "move", id=structure, office=of(child)),
        await do(api, reader, "move", id=structure, office=of(child)),
        await do(api, agent, "move", id=structure, office="x"),
        await do(api, agent, "move", id=structure, office=of(child), v=9),
        await do(api, agent, "move", id=structure, office=of(child), reason="x" * 2001),
    ]

    assert [codes(one) for one in tried] == [
        ["NOT_FOUND"],
        ["NOT_BELOW"],
        ["NOT_BELOW"],
        ["NOT_FOUND"],
        ["NOT_BELOW"],
        ["NOT_FOUND"],
        ["NOT_FOUND"],
        ["BAD_ID"],
        ["STALE_VERSION"],
        ["BAD_INPUT"],
    ]
    assert not await Move.exists()
    assert not await Event.exists()


async def test_an_item_of_a_network_only_is_given_to_one_of_its_offices(api: Client) -> None:
    seat, _, _ = await family()
    police = await make.office("police")
    boss = await make.person(Role.NETWORK_MANAGER, network="caf")
    review = await make.review(seat)
    await ReviewStructure.all().update(office_id=None, department_id="69")
    lyon, elsewhere = await part(review), await make.office("caf", "75")

    done = [
        await do(api, boss, "move", id=lyon, office=of(one)) for one in (police, elsewhere, seat)
    ]

    assert [codes(one) for one in done] == [["NOT_FOUND"], ["NOT_BELOW"], []]
    at = await ReviewStructure.get()
    assert (at.office_id, at.department_id, at.version) == (seat.id, "69", 2)


@pytest.mark.parametrize("by_request", [False, True])
async def test_a_review_never_concerns_one_office_twice(api: Client, by_request: bool) -> None:
    seat, child, _ = await family()
    agent = await make.person(Role.OFFICE_AGENT, office=seat)
    review = await make.review(seat, child)
    given: dict[str, Any] = {"id": await part(review), "reason": "Parce que."}
    if by_request:
        done = await do(api, agent, "request", to={"office": of(child)}, **given)
    else:
        done = await do(api, agent, "move", office=of(child), **given)

    assert codes(done) == ["ALREADY_CONCERNED"]
    places = await ReviewStructure.all().order_by("position").values_list("office_id", flat=True)
    assert places == [seat.id, child.id]


@pytest.mark.parametrize("databases", ["postgres"], indirect=True)
async def test_of_three_structures_moved_to_one_office_at_once_one_goes(
    api: Client, config: Settings
) -> None:
    seat = await make.office()
    child = await make.office(parent=seat)
    low = await make.office(parent=child)
    lowest = await make.office(parent=low)
    boss = await make.person(Role.NETWORK_MANAGER, network="caf")
    review = await make.review(seat, child, low)
    parts = [await part(review, n) for n in (1, 2, 3)]
    url = as_owner(config).database_url
    holder, watcher = await asyncpg.connect(url), await asyncpg.connect(url)

    # Nobody gets to the end before all have begun: each change ends with the audit trail.
    async with holder.transaction():
        await holder.execute("SELECT 1 FROM audit_head FOR UPDATE")
        moving = [
            asyncio.create_task(do(api, boss, "move", id=one, office=of(lowest))) for one in parts
        ]
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        while await watcher.fetchval(waiting) < len(parts):
            await asyncio.sleep(0.01)
    done = await asyncio.gather(*moving)
    await holder.close()
    await watcher.close()

    assert sorted(map(codes, done)) == [[], ["ALREADY_CONCERNED"], ["ALREADY_CONCERNED"]]
    places = await ReviewStructure.all().values_list("office_id", flat=True)
    assert len(set(places)) == 3


async def test_what_is_answered_is_not_moved(api: Client) -> None:
    seat, child, beside = await family()
    agent = await make.person(Role.OFFICE_AGENT, office=seat)
    structure = await part(await make.review(seat, replied=1))
    rights = "{ reviews { nodes { structures { viewerCan { assign move requestTransfer } } } } }"

    moved = await do(api, agent, "move", id=structure, office=of(child))
    asked = await do(api, agent, "request", id=structure, to={"office": of(beside)}, reason="x")
    shown = await api.data(agent, rights)

    assert (codes(moved), codes(asked)) == (["ALREADY_REPLIED"], ["ALREADY_REPLIED"])
    (node,) = shown["reviews"]["nodes"]
    can = {"assign": True, "move": False, "requestTransfer": False}
    assert node["structures"] == [{"viewerCan": can}]


async def test_a_closed_office_is_given_nothing(api: Client) -> None:
    seat, child, _ = await family()
    await Office.filter(id=child.id).update(closed_at=datetime.now(UTC))
    agent = await make.person(Role.OFFICE_AGENT, office=seat)
    structure = await part(await make.review(seat))

    moved = await do(api, agent, "move", id=structure, office=of(child))
    asked = await do(api, agent, "request", id=structure, to={"office": of(child)}, reason="x")

    assert (codes(moved), codes(asked)) == (["BAD_INPUT"], ["BAD_INPUT"])


# --- Elsewhere, on request --------------------------------------------------------------------


async def test_a_transfer_is_asked_for_and_approved_and_scope_follows(api: Client) -> None:
    seat, _, _ = await family()
    station = await make.office("police", "75")
    agent = await make.person(Role.OFFICE_AGENT, office=seat)
    officer = await make.person(Role.OFFICE_AGENT, office=station)
    in_paris = await make.person(Role.DEPARTMENT_MANAGER, network="police", department="75")
    review = await make.review(seat)
    structure = await part(review)

    asked = await do(
        api, agent, "request", id=structure, to={"office": of(station)}, reason="Pas chez nous."
    )
    waiting = [await api.data(who, TRANSFERS) for who in (agent, officer)]
    shown = await api.data(
        agent,
        """{ reviews { nodes { structures {
      openTransfer { id review { title } } viewerCan { move requestTransfer } } } } }""",
    )
    done = await do(api, await team(), "approve", id=asked["transfer"]["id"], note="D'accord.")
    after = await api.data(agent, TRANSFERS)

    assert codes(asked) == codes(done) == []
    assert done["transfer"]["state"] == "APPROVED"
    assert [one["transfers"]["totalCount"] for one in waiting] == [1, 0]
    told = {
        "state": "OPEN",
        "reason": "Pas chez nous.",
        "note": "",
        "steps": ["APPROVE", "REFUSE", "CANCEL"],
        "structureId": structure,
        "target": {"network": {"code": "police"}, "office": {"id": of(station)}},
        "review": {"title": "Attente"},
    }
    assert waiting[0]["transfers"]["nodes"] == [told]
    (node,) = shown["reviews"]["nodes"]
    assert node["structures"] == [
        {
            "openTransfer": {"id": asked["transfer"]["id"], "review": {"title": "Attente"}},
            "viewerCan": {"move": False, "requestTransfer": False},
        }
    ]
    # It left their scope; what became of what they asked is still told.
    assert after["transfers"]["nodes"] == [
        {**told, "state": "APPROVED", "note": "D'accord.", "steps": [], "review": None}
    ]
    assert [await sees(api, who) for who in (agent, officer, in_paris)] == [0, 1, 1]
    assert (await api.data(agent, HISTORY, id=structure))["structureHistory"] == []
    assert len((await api.data(officer, HISTORY, id=structure))["structureHistory"]) == 1
    at = await ReviewStructure.get()
    assert (at.network_id, at.department_id, at.office_id) == (
        station.network_id,
        "75",
        station.id,
    )
    kept = await Event.all().order_by("id").values_list("type", "network_id", "office_id")
    assert kept == [
        ("review.moved_away", seat.network_id, seat.id),
        ("review.transferred", station.network_id, station.id),
    ]


async def test_who_shares_the_review_still_sees_it_when_their_own_part_is_gone(
    api: Client,
) -> None:
    seat, _, beside = await family()
    station = await make.office("police")
    boss = await make.person(Role.OFFICE_AGENT, office=seat)
    other = await make.person(Role.OFFICE_AGENT, office=beside)
    review = await make.review(seat, beside)
    asked = await do(
        api, boss, "request", id=await part(review), to={"office": of(station)}, reason="x"
    )
    await do(api, await team(), "approve", id=asked["transfer"]["id"])

    assert [await sees(api, who) for who in (boss, other)] == [0, 1]


async def test_a_transfer_that_is_refused_or_cancelled_changes_nothing(api: Client) -> None:
    seat, _, beside = await family()
    agent, colleague = [await make.person(Role.OFFICE_AGENT, office=seat) for _ in range(2)]
    structure, national = await part(await make.review(seat)), await team()
    ask = {"id": structure, "to": {"office": of(beside)}, "reason": "Trop loin."}

    first = (await do(api, agent, "request", **ask))["transfer"]["id"]
    again = await do(api, colleague, "request", **ask)
    down = await do(api, agent, "move", id=structure, office=of(await make.office(parent=seat)))
    wordless = await do(api, national, "refuse", id=first, note=" \u0000\t ")
    by_agent = await do(api, agent, "approve", id=first)
    stale = await do(api, national, "refuse", id=first, note="Non.", v=2)
    refused = await do(api, national, "refuse", id=first, note="C'est bien vous.")
    too_late = await do(api, national, "approve", id=first, v=2)
    second = (await do(api, agent, "request", **ask))["transfer"]["id"]
    foreign = await do(
        api, await make.person(Role.OFFICE_AGENT, office=beside), "cancel", id=second
    )
    cancelled = await do(api, colleague, "cancel", id=second)

    assert [codes(one) for one in (again, down)] == [["ALREADY_OPEN"], ["ALREADY_OPEN"]]
    assert [codes(one) for one in (wordless, by_agent, stale, refused, too_late)] == [
        ["BAD_INPUT"],
        ["NOT_FOUND"],
        ["STALE_VERSION"],
        [],
        ["ILLEGAL_STEP"],
    ]
    assert refused["transfer"] == {
        "id": first,
        "version": 2,
        "state": "REFUSED",
        "note": "C'est bien vous.",
    }
    assert (codes(foreign), cancelled["transfer"]["state"]) == (["NOT_FOUND"], "CANCELLED")
    assert (await ReviewStructure.get()).office_id == seat.id
    assert not await Move.exists()


async def test_of_two_who_decide_at_once_one_does(api: Client) -> None:
    seat, _, beside = await family()
    agent, national = await make.person(Role.OFFICE_AGENT, office=seat), await team()
    structure = await part(await make.review(seat))
    ask = {"id": structure, "to": {"office": of(beside)}, "reason": "x"}
    both = await asyncio.gather(*(do(api, agent, "request", **ask) for _ in range(2)))
    (asked,) = [one["transfer"]["id"] for one in both if one["transfer"]]

    decided = await asyncio.gather(
        do(api, national, "approve", id=asked), do(api, national, "refuse", id=asked, note="Non.")
    )

    assert sorted(map(codes, both)) == [[], ["ALREADY_OPEN"]]
    assert sorted(map(codes, decided)) == [[], ["STALE_VERSION"]]
    state = (await Transfer.get()).state.value
    assert await Move.all().count() == int(state == "approved")


async def test_nothing_goes_to_another_network_while_someone_drafts(api: Client) -> None:
    seat, _, beside = await family()
    station = await make.office("police")
    agent, national = await make.person(Role.OFFICE_AGENT, office=seat), await team()
    structure = await part(await make.review(seat))
    ask: dict[str, Any] = {"id": structure, "to": {"office": of(station)}, "reason": "x"}

    asked = await do(api, agent, "request", **ask)
    drafted = await do(api, agent, "draft", id=structure, body="Brouillon.")
    kept = await do(api, national, "approve", id=asked["transfer"]["id"])
    await do(api, agent, "cancel", id=asked["transfer"]["id"])
    refused = await do(api, agent, "request", **ask)
    within = await do(api, agent, "request", **ask | {"to": {"office": of(beside)}})
    done = await do(api, national, "approve", id=within["transfer"]["id"])

    assert [codes(one) for one in (kept, refused)] == [["DRAFT_OPEN"], ["DRAFT_OPEN"]]
    assert codes(done) == []
    reply = await Reply.get()
    assert (of_reply := drafted["reply"]["id"])
    assert (reply.body, reply.withdrawn_at, bool(of_reply)) == ("Brouillon.", None, True)
    assert await ReplyVersion.all().count() == 1


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ({}, "BAD_INPUT"),
        ({"network": "nope"}, "BAD_INPUT"),
        ({"network": "caf", "department": "999"}, "BAD_INPUT"),
        ({"office": "T2ZmaWNlOjk5OTk5"}, "NOT_FOUND"),
        ({"office": "x"}, "BAD_ID"),
        ({"network": "police", "department": "69"}, None),
        ({"network": "police"}, None),
    ],
)
async def test_a_transfer_names_a_network_or_a_part_of_it(
    api: Client, target: dict[str, str], code: str | None
) -> None:
    seat = await make.office()
    agent = await make.person(Role.OFFICE_AGENT, office=seat)
    structure = await part(await make.review(seat))

    asked = await do(api, agent, "request", id=structure, to=target, reason="x")
    if code:
        assert codes(asked) == [code]
        return
    await do(api, await team(), "approve", id=asked["transfer"]["id"])
    at = await ReviewStructure.get()
    police = await Network.get(code="police")
    assert (at.network_id, at.department_id, at.office_id) == (
        police.id,
        target.get("department"),
        None,
    )


COLLEAGUES = "query ($id: ID!) { structureColleagues(id: $id) { kind label } }"


async def test_those_who_work_on_it_see_who_may_reply_for_it(api: Client) -> None:
    seat, child, beside = await family()
    mine = await part(await make.review(child))
    agent = await make.person(Role.OFFICE_AGENT, office=child, name="b-agent")
    await make.person(Role.OFFICE_MANAGER, office=seat, name="a-seat")
    await make.person(Role.NETWORK_MANAGER, network="caf", name="c-network")
    await make.person(Role.DEPARTMENT_MANAGER, network="caf", department="69", name="d-rhone")
    await make.person(Role.SERVICE, network="caf", rights="read_verbatims reply", name="machine")
    for name, rest in {
        "beside": {"role": Role.OFFICE_AGENT, "office": beside},
        "reader": {"role": Role.READER, "office": child},
        "police": {"role": Role.NETWORK_MANAGER, "network": "police"},
        "ain": {"role": Role.DEPARTMENT_MANAGER, "network": "caf", "department": "01"},
        "replies-not": {"role": Role.SERVICE, "network": "caf", "rights": "read_verbatims"},
    }.items():
        await make.person(name=name, **rest)  # type: ignore[arg-type]

    seen = {
        who: [one["label"] for one in (await api.data(who, COLLEAGUES, id=mine))[FIELD]]
        for who in (agent, "beside", "reader")
    }

    known = ["a-seat", "b-agent", "c-network", "d-rhone", "machine"]
    assert seen == {agent: known, "beside": [], "reader": []}


async def test_whoever_is_shut_out_or_whose_grant_is_over_is_no_colleague(api: Client) -> None:
    office = await make.office()
    mine = await part(await make.review(office))
    agent = await make.person(Role.OFFICE_AGENT, office=office)
    for name in ("shut", "over"):
        await make.person(Role.OFFICE_AGENT, office=office, name=name)
    await (await Account.get(subject="shut")).deactivate()
    await (await Grant.get(account__subject="over")).revoke()

    (only,) = (await api.data(agent, COLLEAGUES, id=mine))[FIELD]

    assert only["label"] == agent


FIELD = "structureColleagues"
