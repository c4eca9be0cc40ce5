"""What those who work on a review keep beside it: comments, tags, improvements, filters, flags."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models import ids
from models.account import Role
from models.audit import AuditEntry
from models.comment import Comment, Mention
from models.event import Event
from models.flag import FLAGGING, FlagState, ReviewFlag
from models.improvement import IMPROVING, Improvement, ImprovementState
from models.network import Network
from models.review import Review
from models.routing import TRANSFERRING, TransferState
from models.saved_filter import MAX_FILTERS, SavedFilter
from models.tag import BusinessTag
from models.workflow import Workflow
from tests import factories as make
from tests.client import Client
from tests.doing import codes, do, me, of, part

COMMENTS = (
    "query ($id: ID!) { comments(review: $id) { totalCount nodes { body author mentions } } }"
)
MENTIONS = "{ mentions { totalCount nodes { id body review { id } } } }"
FLAGS = """{ reviewFlags(states: [OPEN]) { nodes { reason note steps review { title } } }
  all: reviewFlags { totalCount } }"""
UNSAYABLE = ["", " \n\t", "\u0000", "x" * 2001]


# --- Comments and mentions --------------------------------------------------------------------


async def test_comments_are_seen_by_the_structures_concerned_and_the_national_team_only(
    api: Client,
) -> None:
    mine, shared, foreign = [await make.office() for _ in range(3)]
    agent = await make.person(Role.OFFICE_AGENT, office=mine)
    other = await make.person(Role.VALIDATOR, office=shared)
    stranger = await make.person(Role.OFFICE_AGENT, office=foreign)
    reader = await make.person(Role.READER, network="caf")
    team = await make.person(Role.MODERATOR)
    review = of(await make.review(mine, shared))

    done = await do(api, agent, "comment", id=review, body="  À voir\u0000. ")
    refused = [await do(api, one, "comment", id=review) for one in (stranger, reader)]
    seen = [await api.data(one, COMMENTS, id=review) for one in (agent, other, team)]
    unseen = [await api.data(one, COMMENTS, id=review) for one in (stranger, reader)]
    as_node = "query ($id: ID!) { node(id: $id) { id } }"
    by_id = [
        await api.data(one, as_node, id=done["comment"]["id"]) for one in (other, stranger, reader)
    ]

    told = {"body": "À voir.", "author": await me(agent), "mentions": []}
    assert seen == [{"comments": {"totalCount": 1, "nodes": [told]}}] * 3
    assert [codes(one) for one in refused] == [["NOT_FOUND"]] * 2
    assert unseen == [{"comments": {"totalCount": 0, "nodes": []}}] * 2
    assert [bool(one["node"]) for one in by_id] == [True, False, False]
    assert not await Event.exists()
    assert "voir" not in str(await AuditEntry.all().values())


async def test_a_mention_is_listed_until_it_is_read(api: Client) -> None:
    office, elsewhere = await make.office(), await make.office()
    agent, colleague = [await make.person(Role.OFFICE_AGENT, office=office) for _ in range(2)]
    stranger = await make.person(Role.OFFICE_AGENT, office=elsewhere)
    review = of(await make.review(office))
    told: dict[str, Any] = {"id": review, "body": "Qui sait ?"}

    done = await do(api, agent, "comment", **told, mentions=[await me(colleague)] * 2)
    refused = await do(api, agent, "comment", **told, mentions=[await me(stranger)])
    many = await do(api, agent, "comment", **told, mentions=[await me(colleague)] * 21)
    before = await api.data(colleague, MENTIONS)
    of_author = await api.data(agent, MENTIONS)
    key = done["comment"]["id"]
    foreign = await do(api, stranger, "read", id=key)
    read = [await do(api, colleague, "read", id=key) for _ in range(2)]
    await do(api, agent, "recomment", id=key, body="Encore.", mentions=[await me(colleague)])
    after = await api.data(colleague, MENTIONS)

    assert done["comment"]["mentions"] == [await me(colleague)]
    assert [codes(one) for one in (refused, many, foreign)] == [
        ["NOT_FOUND"],
        ["BAD_INPUT"],
        ["NOT_FOUND"],
    ]
    node = {"id": key, "body": "Qui sait ?", "review": {"id": review}}
    assert before == {"mentions": {"totalCount": 1, "nodes": [node]}}
    assert of_author == after == {"mentions": {"totalCount": 0, "nodes": []}}
    assert [codes(one) for one in read] == [[], []]


async def test_a_comment_is_changed_by_whoever_wrote_it_and_nobody_else(api: Client) -> None:
    office = await make.office()
    agent, boss = [
        await make.person(role, office=office) for role in (Role.OFFICE_AGENT, Role.OFFICE_MANAGER)
    ]
    made = (await do(api, agent, "comment", id=of(await make.review(office))))["comment"]["id"]

    foreign = [
        await do(api, boss, call, id=made, body="Non.") for call in ("recomment", "uncomment")
    ]
    edited = await do(api, agent, "recomment", id=made, body="Mieux.", mentions=[await me(boss)])
    stale = [await do(api, agent, call, id=made, body="x") for call in ("recomment", "uncomment")]
    gone = await do(api, agent, "uncomment", id=made, v=2)

    assert [codes(one) for one in foreign] == [["NOT_FOUND"]] * 2
    assert (edited["comment"]["body"], edited["comment"]["version"]) == ("Mieux.", 2)
    assert [codes(one) for one in stale] == [["STALE_VERSION"]] * 2
    assert (codes(gone), gone["comment"]) == ([], None)
    assert not await Comment.exists()
    assert not await Mention.exists()


@pytest.mark.parametrize("body", UNSAYABLE)
async def test_what_says_nothing_or_too_much_is_no_comment(api: Client, body: str) -> None:
    office = await make.office()
    agent = await make.person(Role.OFFICE_AGENT, office=office)
    review = await make.review(office)

    done = [
        await do(api, agent, "comment", id=of(review), body=body),
        await do(api, agent, "improve", id=await part(review), need=body),
    ]

    assert [codes(one) for one in done] == [["BAD_INPUT"]] * 2
    assert not await Comment.exists()
    assert not await Improvement.exists()


async def test_comments_go_with_the_review_when_it_is_moved_away(api: Client) -> None:
    office, station = await make.office(), await make.office("police")
    agent = await make.person(Role.OFFICE_AGENT, office=office)
    officer = await make.person(Role.OFFICE_AGENT, office=station)
    review = await make.review(office)
    await do(api, agent, "comment", id=of(review), body="Vu.", mentions=[await me(agent)])
    asked = await do(
        api, agent, "request", id=await part(review), to={"office": of(station)}, reason="x"
    )
    await do(api, await make.person(Role.MODERATOR), "approve", id=asked["transfer"]["id"])

    seen = [(await api.data(who, COMMENTS, id=of(review)))["comments"] for who in (agent, officer)]
    mentioned = await api.data(agent, MENTIONS)

    assert [one["totalCount"] for one in seen] == [0, 1]
    assert mentioned == {"mentions": {"totalCount": 0, "nodes": []}}


# --- Business tags ----------------------------------------------------------------------------


async def test_a_network_has_tags_of_its_own_that_reviews_are_found_by(api: Client) -> None:
    office, station = await make.office(), await make.office("police")
    boss = await make.person(Role.NETWORK_MANAGER, network="caf")
    agent = await make.person(Role.OFFICE_AGENT, office=office)
    officer = await make.person(Role.OFFICE_AGENT, office=station)
    caf = ids.encode("Network", office.network_id)
    review, _ = await make.review(office, station), await make.review(office)
    structure = await part(review)

    by_agent = await do(api, agent, "newTag", network=caf, name="Attente")
    made = await do(api, boss, "newTag", network=caf, name=" Salle d'attente ")
    twin = await do(api, boss, "newTag", network=caf, name="salle D'ATTENTE")
    tag = made["tag"]["id"]
    put = [{"tag": tag, "polarity": "NEGATIVE"}]
    done = await do(api, agent, "tag", id=structure, tags=put)
    twice = await do(api, agent, "tag", id=structure, tags=put * 2, v=2)
    stale = await do(api, agent, "tag", id=structure, tags=put)
    foreign = await do(api, officer, "tag", id=await part(review, 2), tags=put)
    find = """query ($tag: ID!) {
      found: reviews(where: {tags: [{tag: $tag}]}) {
        nodes { id structures { tags { polarity tag { name } } } } }
      bad: reviews(where: {tags: [{tag: $tag, polarity: NEGATIVE}]}) { totalCount }
      good: reviews(where: {tags: [{tag: $tag, polarity: POSITIVE}]}) { totalCount } }"""
    seen, unseen = [await api.data(who, find, tag=tag) for who in (agent, officer)]
    shown = await api.data(officer, "{ reviews { nodes { structures { tags { polarity } } } } }")

    assert [codes(one) for one in (by_agent, made, twin)] == [["NOT_FOUND"], [], ["NAME_TAKEN"]]
    assert made["tag"] == {"id": tag, "version": 1, "name": "Salle d'attente", "active": True}
    assert [codes(one) for one in (done, twice, stale, foreign)] == [
        [],
        ["BAD_INPUT"],
        ["STALE_VERSION"],
        ["BAD_INPUT"],
    ]
    tags = [{"polarity": "NEGATIVE", "tag": {"name": "Salle d'attente"}}]
    assert seen["found"]["nodes"] == [
        {"id": of(review), "structures": [{"tags": tags}, {"tags": []}]}
    ]
    assert (seen["bad"], seen["good"]) == ({"totalCount": 1}, {"totalCount": 0})
    assert (unseen["found"], unseen["bad"]) == ({"nodes": []}, {"totalCount": 0})
    assert shown["reviews"]["nodes"] == [{"structures": [{"tags": []}, {"tags": []}]}]


async def test_a_tag_out_of_use_stays_where_it_was_and_is_put_nowhere_else(api: Client) -> None:
    office = await make.office()
    boss = await make.person(Role.NETWORK_MANAGER, network="caf")
    tag = of_tag(await BusinessTag.add(await Network.get(code="caf"), "Attente"))
    first, second = [await part(await make.review(office)) for _ in range(2)]
    put = [{"tag": tag, "polarity": "NEUTRAL"}]
    await do(api, boss, "tag", id=first, tags=put)

    done = await do(api, boss, "retag", id=tag, active=False, newName="Délai")
    stale = await do(api, boss, "retag", id=tag, active=True)
    kept = await do(api, boss, "tag", id=first, tags=put, v=2)
    new = await do(api, boss, "tag", id=second, tags=put)
    listed = await api.data(boss, '{ businessTags(network: "caf") { name active } }')

    assert done["tag"] == {"id": tag, "version": 2, "name": "Délai", "active": False}
    assert [codes(one) for one in (stale, kept, new)] == [["STALE_VERSION"], [], ["BAD_INPUT"]]
    assert listed == {"businessTags": [{"name": "Délai", "active": False}]}


async def test_of_two_tags_called_alike_at_once_one_is(api: Client) -> None:
    boss, caf = (
        await make.person(Role.NETWORK_MANAGER, network="caf"),
        await Network.get(code="caf"),
    )
    tags = [of_tag(await BusinessTag.add(caf, name)) for name in ("Attente", "Accueil", "Banc")]

    done = await asyncio.gather(
        *(do(api, boss, "retag", id=tag, newName="Délai") for tag in tags),
        *(
            do(api, boss, "newTag", network=ids.encode("Network", caf.id), name="délai")
            for _ in "ab"
        ),
    )

    assert sorted(map(codes, done)) == [[], *[["NAME_TAKEN"]] * 4]


async def test_tags_stay_aside_while_an_item_is_with_another_network(api: Client) -> None:
    office, station = await make.office(), await make.office("police")
    agent, officer = [await make.person(Role.OFFICE_AGENT, office=one) for one in (office, station)]
    team = await make.person(Role.MODERATOR)
    tag = of_tag(await BusinessTag.add(await Network.get(code="caf"), "Attente"))
    structure = await part(await make.review(office))
    await do(api, agent, "tag", id=structure, tags=[{"tag": tag, "polarity": "NEUTRAL"}])
    shown = "{ reviews { nodes { structures { tags { tag { name } } } } } }"
    seen = []
    for who, to, version in ((agent, station, 2), (officer, office, 4)):
        asked = await do(
            api, who, "request", id=structure, to={"office": of(to)}, reason="x", v=version
        )
        await do(api, team, "approve", id=asked["transfer"]["id"])
        seen.append(await api.data(officer if to is station else agent, shown))
        if to is station:
            await do(api, officer, "tag", id=structure, tags=[], v=3)

    assert [one["reviews"]["nodes"] for one in seen] == [
        [{"structures": [{"tags": []}]}],
        [{"structures": [{"tags": [{"tag": {"name": "Attente"}}]}]}],
    ]


def of_tag(tag: BusinessTag) -> str:
    return ids.encode("BusinessTag", tag.id)


# --- Improvements -----------------------------------------------------------------------------


async def test_an_improvement_is_seen_planned_and_made(api: Client) -> None:
    office, station = await make.office(), await make.office("police")
    agent = await make.person(Role.OFFICE_AGENT, office=office)
    reader = await make.person(Role.READER, network="caf")
    officer = await make.person(Role.OFFICE_AGENT, office=station)
    review = await make.review(office, station)
    structure, today = await part(review), datetime.now(UTC).date()
    tomorrow = (today + timedelta(days=1)).isoformat()

    flagged = await do(api, agent, "improve", id=structure, need="Un banc.")
    key = flagged["improvement"]["id"]
    again = await do(api, agent, "improve", id=structure, need="Un autre.")
    by_reader = await do(api, reader, "plan", id=key, plan="x")
    planned = await do(api, agent, "plan", id=key, plan="Acheter un banc.", day=tomorrow)
    stale = await do(api, agent, "plan", id=key, plan="Acheter un banc.")
    early = await do(api, agent, "make", id=key, plan="Un banc.", madeOn=tomorrow, v=2)
    made = await do(api, agent, "make", id=key, plan="Un banc est là.", madeOn=f"{today}", v=2)
    late = await do(api, agent, "drop", id=key, plan="Non.", v=3)
    second = await do(api, agent, "improve", id=structure, need="Un autre.")
    dropped = await do(api, agent, "drop", id=second["improvement"]["id"], plan="Trop cher.")
    listing = """{ improvements(where: {states: [MADE]}) { totalCount nodes { need review { id } } }
      found: reviews(where: {improvements: [MADE]}) {
        nodes { structures { improvements { state } } } }
      none: reviews(where: {improvements: [PLANNED]}) { totalCount } }"""
    seen, unseen = [await api.data(who, listing) for who in (reader, officer)]

    assert [codes(one) for one in (again, by_reader, stale, early, late)] == [
        ["ALREADY_OPEN"],
        ["NOT_FOUND"],
        ["STALE_VERSION"],
        ["BAD_INPUT"],
        ["ILLEGAL_STEP"],
    ]
    assert planned["improvement"]["state"] == "PLANNED"
    assert made["improvement"] == {
        "id": key,
        "version": 3,
        "state": "MADE",
        "need": "Un banc.",
        "plan": "Acheter un banc.",
        "plannedFor": tomorrow,
        "change": "Un banc est là.",
        "madeOn": f"{today}",
        "whyDropped": "",
    }
    assert dropped["improvement"]["whyDropped"] == "Trop cher."
    assert seen["improvements"] == {
        "totalCount": 1,
        "nodes": [{"need": "Un banc.", "review": {"id": of(review)}}],
    }
    both = [{"state": "MADE"}, {"state": "DROPPED"}]
    assert seen["found"]["nodes"] == [
        {"structures": [{"improvements": both}, {"improvements": []}]}
    ]
    assert seen["none"] == {"totalCount": 0}
    assert unseen == {
        "improvements": {"totalCount": 0, "nodes": []},
        "found": {"nodes": []},
        "none": {"totalCount": 0},
    }


# --- Saved filters ----------------------------------------------------------------------------


async def test_a_filter_is_kept_and_asked_with(api: Client) -> None:
    office = await make.office()
    agent, other = [await make.person(Role.OFFICE_AGENT, office=office) for _ in range(2)]
    late, _ = await make.review(office), await make.review(office, replied=1)
    where = {
        "overdue": True,
        "sentiments": ["NEGATIVE"],
        "offices": [of(office)],
        "publishedFrom": "2026-01-01",
        "axes": [],
    }

    kept = await do(api, agent, "keep", name="En retard", where=where)
    twin = await do(api, agent, "keep", name="EN RETARD", where={})
    theirs = await do(api, other, "keep", name="En retard", where={})
    key = kept["savedFilter"]["id"]
    foreign = [await do(api, other, call, id=key, newName="x") for call in ("rekeep", "unkeep")]
    renamed = await do(api, agent, "rekeep", id=key, newName="Urgent")
    stale = [await do(api, agent, call, id=key) for call in ("rekeep", "unkeep")]
    listed = (await api.data(agent, "{ savedFilters { name where } }"))["savedFilters"]
    inbox = "query ($where: ReviewFilter) { reviews(where: $where) { nodes { id } } }"
    found = await api.data(agent, inbox, where=listed[0]["where"])
    gone = await do(api, agent, "unkeep", id=key, v=2)

    assert kept["savedFilter"]["where"] == where
    assert [codes(one) for one in (twin, theirs, *foreign)] == [
        ["NAME_TAKEN"],
        [],
        ["NOT_FOUND"],
        ["NOT_FOUND"],
    ]
    assert (renamed["savedFilter"]["name"], renamed["savedFilter"]["version"]) == ("Urgent", 2)
    assert [codes(one) for one in stale] == [["STALE_VERSION"]] * 2
    assert listed == [{"name": "Urgent", "where": where}]
    assert found == {"reviews": {"nodes": [{"id": of(late)}]}}
    assert codes(gone) == []
    assert await SavedFilter.all().count() == 1


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("", {}),
        (" \u0000", {}),
        ("x" * 65, {}),
        ("x", {"networks": ["nope"]}),
        ("x", {"offices": ["nope"]}),
        ("x", {"text": "le"}),
        ("x", {"assignedTo": "nope"}),
        ("x", {"tags": [{"tag": "nope"}]}),
        ("x", {"text": f"{'le ' * 5_000} banc"}),
    ],
)
async def test_a_filter_that_cannot_be_asked_for_is_not_kept(
    api: Client, name: str, where: dict[str, Any]
) -> None:
    agent = await make.person(Role.OFFICE_AGENT, office=await make.office())

    done = await do(api, agent, "keep", name=name, where=where)

    assert codes(done)[0] in {"BAD_INPUT", "BAD_ID"}
    assert not await SavedFilter.exists()


async def test_an_account_keeps_so_many_filters(api: Client) -> None:
    agent = await make.person(Role.OFFICE_AGENT, office=await make.office())
    account = ids.decode(await me(agent))[1]
    await SavedFilter.bulk_create(
        [
            SavedFilter(account_id=account, name=f"{n}", folded=f"{n}", conditions="{}")
            for n in range(MAX_FILTERS)
        ]
    )

    assert codes(await do(api, agent, "keep", name="x", where={})) == ["BAD_INPUT"]


# --- To be looked at again --------------------------------------------------------------------


@pytest.mark.parametrize("way", ["redact", "unpublish", "withdraw", "dismiss"])
async def test_a_review_is_looked_at_again_when_an_office_asks(api: Client, way: str) -> None:
    office = await make.office()
    agent, team = await make.person(Role.OFFICE_AGENT, office=office), await team_of_one()
    machine = await make.person(Role.SERVICE, rights="intake")
    waiting = await make.submission(office, by=machine)
    queued = ids.encode("Submission", waiting.id)
    await api.data(
        team,
        "mutation ($id: ID!) { submissionApprove(id: $id, expectedVersion: 1) { __typename } }",
        id=queued,
    )
    review = await Review.get()

    asked = await do(api, agent, "flag", id=of(review), charter="AGENT_NAMED", note="Ligne 1.")
    again = await do(api, team, "flag", id=of(review))
    seen = await api.data(team, FLAGS)
    refused = await do(api, agent, "dismiss", id=asked["flag"]["id"])
    ways = {
        "redact": f'reviewRedact(id: "{of(review)}", expectedVersion: 1,'
        " passages: [{field: TITLE, start: 0, end: 3}])",
        "unpublish": f'submissionUnpublish(id: "{queued}", reason: INSULT, expectedVersion: 2)',
        "withdraw": f'submissionWithdraw(id: "{queued}", expectedVersion: 2)',
        "dismiss": f'reviewFlagDismiss(id: "{asked["flag"]["id"]}", expectedVersion: 1)',
    }
    by = machine if way == "withdraw" else team
    done = await api.data(by, f"mutation {{ done: {ways[way]} {{ userErrors {{ code }} }} }}")
    after = await api.data(team, FLAGS)

    assert [codes(one) for one in (asked, again, refused)] == [[], ["ALREADY_OPEN"], ["NOT_FOUND"]]
    told = {
        "reason": "AGENT_NAMED",
        "note": "Ligne 1.",
        "steps": ["UPHOLD", "DISMISS"],
        "review": {"title": "Attente"},
    }
    assert seen == {"reviewFlags": {"nodes": [told]}, "all": {"totalCount": 1}}
    assert done == {"done": {"userErrors": []}}
    assert after == {"reviewFlags": {"nodes": []}, "all": {"totalCount": 1}}
    state = FlagState.DISMISSED if way == "dismiss" else FlagState.UPHELD
    kept = await ReviewFlag.get()
    assert kept.state is state
    assert kept.note == ("" if way in {"unpublish", "withdraw"} else "Ligne 1.")
    mine = await api.data(agent, "{ reviewFlags { nodes { state review { title } } } }")
    shown = {"redact": {"title": "[…]ente"}, "dismiss": {"title": "Attente"}}
    assert mine["reviewFlags"]["nodes"] == [{"state": state.name, "review": shown.get(way)}]


async def team_of_one() -> str:
    return await make.person(Role.MODERATOR)


async def test_who_does_not_work_on_a_review_does_not_ask_to_look_at_it(api: Client) -> None:
    office, elsewhere = await make.office(), await make.office()
    reader = await make.person(Role.READER, network="caf")
    stranger = await make.person(Role.OFFICE_MANAGER, office=elsewhere)
    review = of(await make.review(office))

    done = [await do(api, who, "flag", id=review) for who in (reader, stranger)]

    assert [codes(one) for one in done] == [["NOT_FOUND"]] * 2
    assert not await ReviewFlag.exists()


# --- A page of all of it ----------------------------------------------------------------------


async def test_what_is_kept_beside_reviews_takes_as_many_statements_whatever_the_page(
    api: Client, caplog: pytest.LogCaptureFixture
) -> None:
    office = await make.office()
    agent = await make.person(Role.OFFICE_AGENT, office=office)
    for _ in range(4):
        structure = await part(await make.review(office))
        await do(api, agent, "improve", id=structure, need="Un banc.")
        await do(
            api, agent, "request", id=structure, to={"network": "police"}, reason="Pas chez nous."
        )
    page = """query ($first: Int) { reviews(first: $first) { nodes { structures { assignee
      tags { tag { name } } improvements { need review { id } } openTransfer { review { id } }
      viewerCan { assign move requestTransfer comment } } } }
      transfers(first: $first) { nodes { review { id structures { id } } } } }"""
    caplog.set_level(logging.DEBUG, logger="tortoise.db_client")
    asked = []
    for first in (1, 4):
        caplog.clear()
        data = await api.data(agent, page, first=first)
        assert len(data["reviews"]["nodes"]) == first
        asked.append(sum("review" in one or "transfer" in one for one in caplog.messages))

    assert asked[0] == asked[1] > 5


# --- Workflows --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("workflow", "start", "states"),
    [
        (TRANSFERRING, TransferState.OPEN, TransferState),
        (FLAGGING, FlagState.OPEN, FlagState),
        (IMPROVING, ImprovementState.FLAGGED, ImprovementState),
    ],
    ids=lambda one: getattr(one, "name", ""),
)
def test_each_state_is_reached(workflow: Workflow[Any, Any], start: Any, states: Any) -> None:
    reached, frontier = {start}, [start]
    while frontier:
        state = frontier.pop()
        found = {workflow.after(state, step) for step in workflow.possible(state)} - reached
        reached |= found
        frontier += found

    assert reached == set(states)


# --- Due dates --------------------------------------------------------------------------------


async def test_what_is_overdue_is_filtered_and_counted(api: Client) -> None:
    office = await make.office()
    boss = await make.person(Role.NETWORK_MANAGER, network="caf")
    now = (datetime.now(UTC) - datetime(2026, 1, 1, 11, tzinfo=UTC)).days
    for day in (now - 30, now - 6, now - 1):
        await make.review(office, day=day)
    await make.review(office, day=now - 30, replied=now - 2)
    counted = """{ late: reviews(where: {overdue: true}) { totalCount }
      early: reviews(where: {overdue: false}) { totalCount } }"""

    first = await api.data(boss, counted)
    assert first == {"late": {"totalCount": 2}, "early": {"totalCount": 2}}
