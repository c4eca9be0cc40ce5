"""What may be public of a reply, to how many at once, and what its reader says of it."""

from typing import Any

import pytest

from models import ids
from models.account import Role
from models.event import Event
from models.network import Network
from models.reply import LateEdit, Reply, ReplyState
from models.review import Review, ReviewStructure
from tests import factories as make
from tests.client import Client
from tests.test_workflow import caf

ERRORS = "userErrors { code field currentVersion }"
PUBLISH = f"""mutation ($id: ID!, $v: Int!, $ok: Boolean! = false) {{
  done: replyPublish(id: $id, expectedVersion: $v, acceptFindings: $ok) {{
    reply {{ state }} {ERRORS} }} }}"""
DRAFT = f"""mutation ($id: ID!, $body: String!, $greeting: String, $signature: String) {{
  done: replyDraft(id: $id, body: $body, greeting: $greeting, signature: $signature) {{
    reply {{ id findings {{ field kind start end by }} }} {ERRORS} }} }}"""
REPLY = f"""mutation ($id: ID!, $body: String!, $ok: Boolean! = false) {{
  done: reviewReply(id: $id, body: $body, acceptFindings: $ok) {{ reply {{ id }} {ERRORS} }} }}"""
EDIT = f"""mutation ($id: ID!, $v: Int!, $body: String!, $ok: Boolean! = false, $key: String) {{
  done: replyEdit(id: $id, body: $body, expectedVersion: $v, acceptFindings: $ok,
    idempotencyKey: $key) {{ reply {{ version }} {ERRORS} }} }}"""
BULK = f"""mutation ($ids: [ID!]!, $body: String!, $ok: Boolean! = false) {{
  done: reviewsReply(ids: $ids, body: $body, acceptFindings: $ok) {{
    results {{ structureId replyId code }} {ERRORS} }} }}"""
RATE = f"""mutation ($source: String!, $id: ID!, $at: Int!, $helpful: Boolean!) {{
  done: replyRate(source: $source, sourceId: $id, position: $at, helpful: $helpful) {{
    helpful {ERRORS} }} }}"""
HISTORY = "query ($id: ID!) { replyHistory(id: $id) { version step body by } }"


async def change(api: Client, who: str, query: str, **given: Any) -> Any:
    return (await api.data(who, query, **given))["done"]


def codes(done: dict[str, Any]) -> list[str]:
    return [error["code"] for error in done["userErrors"]]


# --- Names in a reply -------------------------------------------------------------------------


async def test_who_is_named_in_a_draft_is_shown(api: Client) -> None:
    writer, _, _, structure = await caf(validates=False)

    done = await change(
        api,
        writer,
        DRAFT,
        id=structure,
        greeting="Madame Durand,",
        body="Appelez le 04 72 00 00 00\nou l'agent Petit.",
        signature="M. Martin, directeur",
    )

    found = [
        (one["field"], one["kind"], one["start"], one["end"]) for one in done["reply"]["findings"]
    ]
    assert found == [
        ("body", "PERSON_NAME", 31, 42),
        ("greeting", "PERSON_NAME", 0, 13),
        ("signature", "PERSON_NAME", 0, 9),
    ]
    assert {one["by"] for one in done["reply"]["findings"]} == {"RULE"}


async def test_who_is_named_is_published_when_a_person_says_so(api: Client) -> None:
    writer, _, _, structure = await caf(validates=False)
    reply = (await change(api, writer, DRAFT, id=structure, body="M. Petit vous recevra."))["reply"]

    asked = await change(api, writer, PUBLISH, id=reply["id"], v=1)
    before = (await Reply.get()).state
    done = await change(api, writer, PUBLISH, id=reply["id"], v=1, ok=True)
    edited = await change(api, writer, EDIT, id=reply["id"], v=2, body="M. Petit vous attend.")
    sure = await change(api, writer, EDIT, id=reply["id"], v=2, body="M. Petit attend.", ok=True)

    refused = {"code": "FINDINGS_TO_CONFIRM", "field": ["acceptFindings"], "currentVersion": None}
    assert (asked["userErrors"], before) == ([refused], ReplyState.DRAFT)
    assert done == {"reply": {"state": "PUBLISHED"}, "userErrors": []}
    assert (edited["userErrors"], codes(sure)) == ([refused], [])
    assert (await Reply.get()).body == "M. Petit attend."


async def test_a_reply_at_once_names_nobody_unless_told_so(api: Client) -> None:
    writer, _, _, structure = await caf(validates=False)

    asked = await change(api, writer, REPLY, id=structure, body="M. Petit vous recevra.")
    nothing = await Reply.exists()
    done = await change(api, writer, REPLY, id=structure, body="M. Petit vous recevra.", ok=True)

    assert (codes(asked), nothing, codes(done)) == (["FINDINGS_TO_CONFIRM"], False, [])


# --- Several people on one draft --------------------------------------------------------------


async def test_words_that_come_too_late_are_refused_with_the_version_and_kept(api: Client) -> None:
    writer, manager, _, structure = await caf(validates=False)
    reply = (await change(api, writer, DRAFT, id=structure, body="Un."))["reply"]["id"]
    await change(api, writer, EDIT, id=reply, v=1, body="Deux.")

    late = [
        await change(api, manager, EDIT, id=reply, v=1, body="Autre.", key="k") for _ in range(2)
    ]
    fresh = await change(api, manager, EDIT, id=reply, v=2, body="Deux et autre.", key="k")
    history = (await api.data(writer, HISTORY, id=reply))["replyHistory"]

    refused = {"code": "STALE_VERSION", "field": ["expectedVersion"], "currentVersion": 2}
    assert late == [{"reply": None, "userErrors": [refused]}] * 2
    assert fresh == {"reply": {"version": 3}, "userErrors": []}
    assert [(one["version"], one["step"], one["body"]) for one in history] == [
        (1, "draft", "Un."),
        (1, "late", "Autre."),
        (2, "edit", "Deux."),
        (3, "edit", "Deux et autre."),
    ]


async def test_words_for_what_somebody_withdrew_are_kept_too(api: Client) -> None:
    writer, manager, _, structure = await caf(validates=False)
    reply = (await change(api, writer, DRAFT, id=structure, body="Un."))["reply"]["id"]
    withdraw = (
        "mutation ($id: ID!) { replyWithdraw(id: $id, expectedVersion: 1) { structure { id } } }"
    )
    await api.data(writer, withdraw, id=reply)

    late = await change(api, manager, EDIT, id=reply, v=1, body="Autre.")
    history = (await api.data(manager, HISTORY, id=reply))["replyHistory"]

    assert codes(late) == ["ALREADY_WITHDRAWN"]
    assert [(one["step"], one["body"]) for one in history] == [
        ("draft", "Un."),
        ("late", "Autre."),
        ("withdraw", "Un."),
    ]


async def test_words_that_came_late_are_for_those_who_work_on_the_reply(api: Client) -> None:
    writer, _, _, structure = await caf(validates=False)
    reader = await make.person(Role.READER, network="caf")
    stranger = await make.person(Role.OFFICE_AGENT, office=await make.office())
    reply = (await change(api, writer, REPLY, id=structure, body="Un."))["reply"]["id"]
    await change(api, writer, EDIT, id=reply, v=1, body="Trop tard.")

    told = [await change(api, who, EDIT, id=reply, v=1, body="x") for who in (reader, stranger)]
    seen = [(await api.data(who, HISTORY, id=reply))["replyHistory"] for who in (reader, stranger)]

    assert [codes(one) for one in told] == [["NOT_FOUND"]] * 2
    assert seen == [[], []]
    assert await LateEdit.all().count() == 1


# --- Several reviews at once ------------------------------------------------------------------


async def items(count: int, office: Any) -> list[str]:
    made = [await make.review(office) for _ in range(count)]
    found = await ReviewStructure.filter(review_id__in=[one.id for one in made]).order_by("id")
    return [ids.encode("ReviewStructure", one.id) for one in found]


async def test_one_reply_to_many_is_refused_unless_the_network_allows_it(api: Client) -> None:
    office = await make.office()
    agent = await make.person(Role.OFFICE_AGENT, office=office)
    boss = await make.person(Role.NETWORK_MANAGER, network="caf")
    several = await items(2, office)

    refused = await change(api, agent, BULK, ids=several, body="Merci.")
    none = await Reply.exists()
    allow = """mutation ($id: ID!) {
      networkConfigure(id: $id, bulkReplies: true) { network { bulkReplies } } }"""
    await api.data(boss, allow, id=ids.encode("Network", office.network_id))
    done = await change(api, agent, BULK, ids=several, body="Merci.")

    assert (codes(refused), refused["results"], none) == (["BULK_NOT_ALLOWED"], None, False)
    assert [(one["structureId"], one["code"]) for one in done["results"]] == [
        (one, None) for one in several
    ]
    assert await Reply.filter(state=ReplyState.PUBLISHED).count() == 2
    assert await Event.filter(type="reply.published").count() == 2


async def test_each_of_many_is_replied_to_or_refused_by_itself(api: Client) -> None:
    await Network.all().update(bulk_replies=True)
    office = await make.office()
    agent = await make.person(Role.OFFICE_AGENT, office=office)
    several = await items(2, office)
    foreign = (await items(1, await make.office("police")))[0]
    await change(api, agent, REPLY, id=several[0], body="Merci.")

    done = await change(
        api, agent, BULK, ids=[several[0], foreign, "rubbish", several[1]], body="Merci."
    )

    told = [one["code"] for one in done["results"]]
    assert told == ["ALREADY_REPLIED", "NOT_FOUND", "BAD_ID", None]
    assert await Reply.all().count() == 2


@pytest.mark.parametrize("count", [0, 51])
async def test_too_many_at_once_are_refused(api: Client, count: int) -> None:
    agent = await make.person(Role.OFFICE_AGENT, office=await make.office())
    named = [ids.encode("ReviewStructure", n + 1) for n in range(count)]

    done = await change(api, agent, BULK, ids=named, body="Merci.")

    assert codes(done) == ["BAD_INPUT"]


async def test_a_network_that_validates_takes_no_reply_to_many(api: Client) -> None:
    await Network.all().update(bulk_replies=True, validates_replies=True)
    office = await make.office()
    agent = await make.person(Role.OFFICE_AGENT, office=office)

    done = await change(api, agent, BULK, ids=await items(1, office), body="Merci.")

    assert [one["code"] for one in done["results"]] == ["VALIDATION_REQUIRED"]
    assert not await Reply.exists()


# --- What the reader says ---------------------------------------------------------------------


async def test_the_author_says_whether_a_reply_helped(api: Client) -> None:
    office, police = await make.office(), await make.office("police")
    machine = await make.person(Role.SERVICE, network="caf", rights="intake")
    reader = await make.person(Role.READER, network="caf")
    review = await make.review(office, police, replied=1)
    given: dict[str, Any] = {"source": "test", "id": review.source_id, "helpful": True}

    done = await change(api, machine, RATE, at=1, **given)
    beyond = await change(api, machine, RATE, at=2, **given)
    nobody = await change(api, reader, RATE, at=1, **given)
    seen = await api.data(reader, "{ reviews { nodes { structures { reply { helpful } } } } }")

    assert done == {"helpful": True, "userErrors": []}
    assert (codes(beyond), codes(nobody)) == (["NOT_FOUND"], ["NOT_FOUND"])
    (node,) = seen["reviews"]["nodes"]
    assert [one["reply"]["helpful"] for one in node["structures"]] == [True, None]
    assert await Event.all().values_list("type", "office_id") == [("reply.rated", office.id)]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"id": "\x00"}, "NOT_FOUND"),
        ({"id": "x" * 9999}, "NOT_FOUND"),
        ({"at": 0}, "BAD_INPUT"),
        ({"at": 2**31 - 1}, "BAD_INPUT"),
        ({"source": "\x00"}, "BAD_INPUT"),
        ({"source": "relais"}, "BAD_INPUT"),
    ],
)
async def test_what_was_not_answered_is_not_rated(
    api: Client, given: dict[str, Any], code: str
) -> None:
    machine = await make.person(Role.SERVICE, rights="intake")
    await make.review(await make.office(), replied=1)
    source_id = (await Review.get()).source_id

    told = {"source": "test", "id": source_id, "at": 1, "helpful": True, **given}
    done = await change(api, machine, RATE, **told)

    assert codes(done) == [code]
    assert (await Reply.get()).helpful is None


async def test_a_draft_is_not_rated(api: Client) -> None:
    writer, _, _, structure = await caf(validates=False)
    machine = await make.person(Role.SERVICE, rights="intake")
    await change(api, writer, DRAFT, id=structure, body="Un.")
    source_id = (await Review.get()).source_id

    done = await change(api, machine, RATE, source="test", id=source_id, at=1, helpful=True)

    assert codes(done) == ["NOT_FOUND"]
