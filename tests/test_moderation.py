"""From what a user tells to what is published, and out again."""

import asyncio
import re
import sys
from typing import Any

import orjson
import pytest

from jobs.files import Unusable
from jobs.names import detect, recogniser
from models import ids
from models.account import Role
from models.audit import AuditEntry
from models.event import Event
from models.office import Office
from models.redaction import Span
from models.reply import Reply, ReplyText
from models.review import Review, ReviewStructure
from models.sql import Sql, connection, fetch
from models.submission import Submission, SubmissionState
from tests import factories as make
from tests.client import Client

SUBMIT = """mutation ($source: String!, $reviews: [ReviewSubmission!]!) {
  done: reviewsSubmit(source: $source, reviews: $reviews) {
    results { sourceId status submissionId code field } userErrors { code field } } }"""
QUEUE = """query ($where: SubmissionFilter) { submissions(where: $where) { totalCount nodes {
  id state version entry title findings { field kind start end }
  structures { networkCode officeId departmentCode } } } }"""
APPROVE = """mutation ($id: ID!, $v: Int!, $redactions: [RedactionInput!]) {
  done: submissionApprove(id: $id, expectedVersion: $v, redactions: $redactions) {
    submission { state version reviewId } review { id title description }
    userErrors { code field } } }"""
STEP = "{ submission { state version reviewId title } userErrors { code field } } }"
REJECT = f"""mutation ($id: ID!, $v: Int!) {{
  done: submissionReject(id: $id, reason: INSULT, note: "Non.", expectedVersion: $v) {STEP}"""
UNPUBLISH = f"""mutation ($id: ID!, $v: Int!) {{
  done: submissionUnpublish(id: $id, reason: AGENT_NAMED, expectedVersion: $v) {STEP}"""
WITHDRAW = f"""mutation ($id: ID!, $v: Int!) {{
  done: submissionWithdraw(id: $id, expectedVersion: $v) {STEP}"""
UPDATE = f"""mutation ($id: ID!, $v: Int!, $review: ReviewInput!) {{
  done: submissionUpdate(id: $id, review: $review, expectedVersion: $v) {STEP}"""
REDACT = """mutation ($id: ID!, $v: Int!, $passages: [RedactionInput!]!) {
  done: reviewRedact(id: $id, passages: $passages, expectedVersion: $v) {
    review { title description version redacted } userErrors { code field } } }"""
ORIGINAL = """mutation ($id: ID!) { done: reviewOriginal(id: $id) { received
  userErrors { code } } }"""


def told(office: Office | None = None, **rest: Any) -> dict[str, Any]:
    """What a user tells, as a client gives it."""
    at = {"office": ids.encode("Office", office.id)} if office else {"network": "caf"}
    said = {"title": "Attente", "description": "Trop longue.", "sentiment": "NEGATIVE"}
    return {**said, "structures": [at], **rest}


async def platform(rights: str = "intake") -> str:
    """The national platform's machine."""
    return await make.person(Role.SERVICE, rights=rights)


async def moderator() -> str:
    return await make.person(Role.MODERATOR)


async def change(api: Client, who: str, query: str, **given: Any) -> Any:
    return (await api.data(who, query, **given))["done"]


def codes(done: dict[str, Any]) -> list[str]:
    return [error["code"] for error in done["userErrors"]]


def key(one: Submission) -> str:
    return ids.encode("Submission", one.id)


# --- Intake -----------------------------------------------------------------------------------


async def test_what_is_handed_over_is_seen_by_moderators_only(api: Client) -> None:
    office = await make.office()
    machine, team = await platform(), await moderator()
    agent = await make.person(Role.OFFICE_AGENT, office=office)
    other = await platform()

    done = await change(
        api, machine, SUBMIT, source="spp", reviews=[{"sourceId": "1", "review": told(office)}]
    )
    seen = {
        who: (await api.data(person, QUEUE))["submissions"]["totalCount"]
        for who, person in {
            "machine": machine,
            "team": team,
            "agent": agent,
            "other": other,
        }.items()
    }
    inbox = await api.data(agent, "{ reviews { totalCount } }")

    (result,) = done["results"]
    assert (result["status"], result["code"]) == ("accepted", None)
    assert seen == {"machine": 1, "team": 1, "agent": 0, "other": 0}
    assert inbox == {"reviews": {"totalCount": 0}}
    node = "query ($id: ID!) { node(id: $id) { id } }"
    assert await api.data(agent, node, id=result["submissionId"]) == {"node": None}


async def test_each_of_many_is_accepted_or_refused_by_itself(api: Client) -> None:
    machine = await make.person(Role.SERVICE, network="caf", rights="intake")
    office, police = await make.office(), await make.office("police")
    first = {"sourceId": "1", "review": told(office)}
    await change(api, machine, SUBMIT, source="spp", reviews=[first])
    given = [
        first,
        {"sourceId": "1", "review": told(office, title="Autre")},
        {"sourceId": "2", "review": told(office)},
        {"sourceId": "2", "review": told(office)},
        {"sourceId": "3", "review": told(police)},
        {"sourceId": "4", "review": told(office, title=" ", description="\n")},
        {"sourceId": "5", "review": told(office, title="x" * 1001)},
        {"sourceId": "6", "review": told(office, writtenOn="2999-01-01")},
        {"sourceId": "", "review": told(office)},
        {"sourceId": "7", "review": told(office, structures=[])},
        {"sourceId": "8", "review": told(structures=[{"network": "nowhere"}])},
        {"sourceId": "9", "review": told(structures=[{"network": "caf", "department": "69"}])},
    ]

    done = await change(api, machine, SUBMIT, source="spp", reviews=given)

    assert done["userErrors"] == []
    assert [(one["status"], one["code"]) for one in done["results"]] == [
        ("unchanged", None),
        (None, "SOURCE_ID_TAKEN"),
        ("accepted", None),
        ("unchanged", None),
        (None, "NOT_FOUND"),
        *[(None, "BAD_INPUT")] * 6,
        ("accepted", None),
    ]
    assert done["results"][6]["field"] == ["reviews", "6", "review", "title"]
    assert await Submission.all().count() == 3


@pytest.mark.parametrize("source", ["", "A", "a b", "é", "x" * 33, "-"])
async def test_a_source_that_is_no_name_is_refused(api: Client, source: str) -> None:
    done = await change(
        api,
        await platform(),
        SUBMIT,
        source=source,
        reviews=[{"sourceId": "1", "review": told()}],
    )

    assert codes(done) == ["BAD_INPUT"]


async def test_a_source_is_of_the_machine_that_used_it_first(api: Client) -> None:
    one, other = await platform(), await platform()
    given = {"source": "spp", "reviews": [{"sourceId": "1", "review": told()}]}

    done = [await change(api, who, SUBMIT, **given) for who in (one, other)]

    assert list(map(codes, done)) == [[], ["BAD_INPUT"]]


@pytest.mark.parametrize("count", [0, 251])
async def test_too_many_at_once_are_refused(api: Client, count: int) -> None:
    reviews = [{"sourceId": str(n), "review": told()} for n in range(count)]

    done = await change(api, await platform(), SUBMIT, source="spp", reviews=reviews)

    assert codes(done) == ["BAD_INPUT"]
    assert not await Submission.exists()


async def test_no_review_concerns_an_office_twice(api: Client) -> None:
    at = {"office": ids.encode("Office", (await make.office()).id)}
    given = [{"sourceId": "1", "review": told(structures=[at, at])}]

    done = await change(api, await platform(), SUBMIT, source="spp", reviews=given)

    assert [one["code"] for one in done["results"]] == ["BAD_INPUT"]
    assert not await Submission.exists()


async def test_what_is_told_at_the_counter_is_marked_so(api: Client) -> None:
    office = await make.office()
    agent = await make.person(Role.OFFICE_AGENT, office=office)
    elsewhere = await make.office()
    enter = """mutation ($review: ReviewInput!, $mode: EntryMode!) {
      done: reviewEnter(review: $review, mode: $mode) {
        submission { entry state source } userErrors { code field } } }"""

    done = await change(api, agent, enter, review=told(office), mode="COUNTER")
    foreign = await change(api, agent, enter, review=told(elsewhere), mode="PHONE")
    online = await change(api, agent, enter, review=told(office), mode="ONLINE")

    assert done["submission"] == {"entry": "COUNTER", "state": "SUBMITTED", "source": "relais"}
    assert (codes(foreign), codes(online)) == (["NOT_FOUND"], ["BAD_INPUT"])


# --- Moderation -------------------------------------------------------------------------------


async def test_what_is_approved_is_published_to_the_structures_it_concerns(api: Client) -> None:
    office, police = await make.office(), await make.office("police")
    agent = await make.person(Role.OFFICE_AGENT, office=police)
    waiting = await make.submission(office, police, text="Mme Dupont a crié. Guichet fermé.")

    done = await change(
        api,
        await moderator(),
        APPROVE,
        id=key(waiting),
        v=1,
        redactions=[{"field": "DESCRIPTION", "start": 0, "end": 10}],
    )
    inbox = """{ reviews { nodes { id description structures { office { id } } } }
      found: reviews(where: {text: "guichet"}) { totalCount }
      gone: reviews(where: {text: "Dupont"}) { totalCount } }"""
    seen = await api.data(agent, inbox)

    shown = "[…] a crié. Guichet fermé."
    assert done["submission"]["state"] == "PUBLISHED"
    assert done["review"] == {
        "id": done["submission"]["reviewId"],
        "title": "Attente",
        "description": shown,
    }
    (node,) = seen["reviews"]["nodes"]
    places = [{"office": {"id": ids.encode("Office", one.id)}} for one in (office, police)]
    assert (node["description"], node["structures"]) == (shown, places)
    assert (seen["found"], seen["gone"]) == ({"totalCount": 1}, {"totalCount": 0})
    assert await Event.all().values_list("type", "office_id") == [
        ("review.published", office.id),
        ("review.published", police.id),
    ]


async def test_the_rules_propose_what_to_look_at(api: Client) -> None:
    text = "Mme Dupont, 06 12 34 56 78."
    await make.submission(await make.office(), text=text)
    await make.submission(await make.office())

    data = await api.data(await moderator(), QUEUE, where={"suspect": True})

    (one,) = data["submissions"]["nodes"]
    passages = [(found["kind"], text[found["start"] : found["end"]]) for found in one["findings"]]
    assert passages == [("PERSON_NAME", "Mme Dupont"), ("PHONE", "06 12 34 56 78")]


async def test_what_is_rejected_is_never_published(api: Client) -> None:
    team, waiting = await moderator(), await make.submission(await make.office())

    done = await change(api, team, REJECT, id=key(waiting), v=1)
    approved = await change(api, team, APPROVE, id=key(waiting), v=2)

    assert done["submission"]["state"] == "REJECTED"
    assert codes(approved) == ["ILLEGAL_STEP"]
    assert not await Review.exists()


async def test_of_two_moderators_at_once_one_decides(api: Client) -> None:
    team, waiting = await moderator(), await make.submission(await make.office())

    both = await asyncio.gather(
        change(api, team, APPROVE, id=key(waiting), v=1),
        change(api, team, REJECT, id=key(waiting), v=1),
    )

    assert sorted(map(codes, both)) == [[], ["STALE_VERSION"]]
    decided = await Submission.get(id=waiting.id)
    published = decided.state is SubmissionState.PUBLISHED
    assert await Review.all().count() == int(published)


@pytest.mark.parametrize("who", [Role.NETWORK_MANAGER, Role.ADMINISTRATOR, Role.SERVICE])
async def test_nobody_else_decides(api: Client, who: Role) -> None:
    office = await make.office()
    network = None if who is Role.ADMINISTRATOR else "caf"
    rights = "moderate intake reply" if who is Role.SERVICE else ""
    person = await make.person(who, network=network, rights=rights)
    waiting = await make.submission(office)
    review = await make.review(office)

    done = [
        await change(api, person, query, id=key(waiting), v=1)
        for query in (APPROVE, REJECT, UNPUBLISH, WITHDRAW)
    ]
    done.append(await change(api, person, ORIGINAL, id=ids.encode("Review", review.id)))

    assert {code for one in done for code in codes(one)} == {"NOT_FOUND"}


@pytest.mark.parametrize("span", [(0, 0), (-1, 2), (5, 4), (0, 13), (12, 13)])
async def test_words_that_are_not_there_are_not_taken_out(
    api: Client, span: tuple[int, int]
) -> None:
    waiting = await make.submission(await make.office(), text="Trop longue.")
    passage = {"field": "DESCRIPTION", "start": span[0], "end": span[1]}

    done = await change(api, await moderator(), APPROVE, id=key(waiting), v=1, redactions=[passage])

    assert codes(done) == ["BAD_INPUT"]
    assert (await Submission.get(id=waiting.id)).state is SubmissionState.SUBMITTED


async def test_words_taken_out_of_a_published_review_vanish_everywhere(api: Client) -> None:
    office = await make.office()
    review = await make.review(office, title="Madame Dupont", text="Mme Dupont, guichet 3.")
    agent, team = await make.person(Role.OFFICE_AGENT, office=office), await moderator()
    passages = [
        {"field": "TITLE", "start": 7, "end": 13},
        {"field": "DESCRIPTION", "start": 4, "end": 8},
        {"field": "DESCRIPTION", "start": 6, "end": 10},
    ]
    me = ids.encode("Review", review.id)

    done = await change(api, team, REDACT, id=me, v=1, passages=passages)
    stale = await change(api, team, REDACT, id=me, v=1, passages=passages)
    found = await api.data(agent, '{ reviews(where: {text: "Dupont"}) { totalCount } }')

    shown = {"title": "Madame […]", "description": "Mme […], guichet 3."}
    assert done["review"] == {**shown, "version": 2, "redacted": True}
    assert codes(stale) == ["STALE_VERSION"]
    assert found == {"reviews": {"totalCount": 0}}
    for table in ("review", "event", "audit_entry"):
        rows = await fetch(Sql(f"SELECT * FROM {table}"))
        assert rows
        assert "Dupont" not in str([tuple(row) for row in rows])
    if connection().capabilities.dialect != "sqlite":
        assert "dupont" not in str(
            [tuple(row) for row in await fetch(Sql("SELECT * FROM review_search"))]
        )


async def test_who_reads_what_was_received_is_written_down(api: Client) -> None:
    waiting = await make.submission(await make.office(), text="Mme Dupont a crié.")
    team = await moderator()
    passage = {"field": "DESCRIPTION", "start": 0, "end": 10}
    await change(api, team, APPROVE, id=key(waiting), v=1, redactions=[passage])
    review = await Review.get()

    done = await change(api, team, ORIGINAL, id=ids.encode("Review", review.id))

    received = orjson.loads(done["received"])
    assert received["description"] == "Mme Dupont a crié."
    last = await AuditEntry.all().order_by("-id").first()
    assert last
    assert (last.action, last.subject) == (
        "review.original_read",
        ids.encode("Review", review.id),
    )


@pytest.mark.parametrize("query", [UNPUBLISH, WITHDRAW])
async def test_what_is_taken_out_vanishes_with_its_replies(api: Client, query: str) -> None:
    office, machine = await make.office(), await platform()
    agent = await make.person(Role.OFFICE_AGENT, office=office)
    waiting = await make.submission(office, by=machine, text="Mme Dupont a crié.")
    team = await moderator()
    await change(api, team, APPROVE, id=key(waiting), v=1)
    structure = await ReviewStructure.get()
    await Reply.draft(structure, ReplyText("Pardon."), by=waiting.submitted_by_id or 0)

    done = await change(api, team if query == UNPUBLISH else machine, query, id=key(waiting), v=2)
    seen = await api.data(agent, "{ reviews { totalCount } }")

    assert codes(done) == []
    assert seen == {"reviews": {"totalCount": 0}}
    assert not await Reply.exists()
    types = await Event.all().order_by("id").values_list("type", "office_id")
    assert types == [("review.published", office.id), ("review.withdrawn", office.id)]
    left = await Submission.get(id=waiting.id)
    if query == UNPUBLISH:
        assert "Pardon." in (left.archive or "")
    else:
        assert (left.description, left.title) == ("", "")
        assert left.archive is None


async def test_what_waits_is_told_otherwise_by_whoever_brought_it(api: Client) -> None:
    office, machine = await make.office(), await platform()
    waiting = await make.submission(office, by=machine)
    other = await platform()

    foreign = await change(api, other, UPDATE, id=key(waiting), v=1, review=told(office))
    done = await change(
        api, machine, UPDATE, id=key(waiting), v=1, review=told(office, title="Mieux")
    )
    stale = await change(api, machine, UPDATE, id=key(waiting), v=1, review=told(office))

    assert codes(foreign) == ["NOT_FOUND"]
    assert (done["submission"]["title"], done["submission"]["version"]) == ("Mieux", 2)
    assert codes(stale) == ["STALE_VERSION"]


# --- At the edges -----------------------------------------------------------------------------


@pytest.mark.parametrize("source_id", ["\x00", "a\x00b", "\n", "x" * 65, "\x7f"])
async def test_what_is_no_identifier_is_refused_and_the_others_taken(
    api: Client, source_id: str
) -> None:
    reviews = [{"sourceId": one, "review": told()} for one in (source_id, "2")]

    done = await change(api, await platform(), SUBMIT, source="spp", reviews=reviews)

    assert [(one["status"], one["code"]) for one in done["results"]] == [
        (None, "BAD_INPUT"),
        ("accepted", None),
    ]
    assert done["results"][0]["field"] == ["reviews", "0", "sourceId"]


async def test_the_same_handed_over_at_once_by_ten_connections_is_taken_once(api: Client) -> None:
    machine, office = await platform(), await make.office()
    reviews = [{"sourceId": str(n), "review": told(office)} for n in range(5)]

    done = await asyncio.gather(
        *(change(api, machine, SUBMIT, source="spp", reviews=reviews) for _ in range(10))
    )

    told_all = sorted(one["status"] for several in done for one in several["results"])
    assert told_all == ["accepted"] * 5 + ["unchanged"] * 45
    assert await Submission.all().count() == 5


async def test_of_two_machines_at_once_one_has_the_source(api: Client) -> None:
    machines = [await platform() for _ in range(6)]
    given = [[{"sourceId": str(n), "review": told()}] for n in range(6)]

    done = await asyncio.gather(
        *(
            change(api, who, SUBMIT, source="spp", reviews=reviews)
            for who, reviews in zip(machines, given, strict=True)
        )
    )

    assert sorted(map(codes, done)) == [[], *[["BAD_INPUT"]] * 5]
    assert await Submission.all().count() == 1


async def test_what_offices_write_down_is_of_no_platform(api: Client) -> None:
    given = [{"sourceId": "1", "review": told()}]

    done = await change(api, await platform(), SUBMIT, source="relais", reviews=given)

    assert codes(done) == ["BAD_INPUT"]


async def test_a_platform_finds_what_it_handed_over_by_its_own_identifiers(api: Client) -> None:
    machine = await platform()
    reviews = [{"sourceId": str(n), "review": told()} for n in range(3)]
    await change(api, machine, SUBMIT, source="spp", reviews=reviews)
    where = {"sources": ["spp", "\x00"], "sourceIds": ["1", "\x00"]}

    (one,) = (await api.data(machine, QUEUE, where=where))["submissions"]["nodes"]
    done = await change(api, machine, UPDATE, id=one["id"], v=one["version"], review=told())

    assert (codes(done), done["submission"]["version"]) == ([], 2)


async def test_a_mask_that_is_longer_than_what_it_hides_does_not_burst_a_title(api: Client) -> None:
    waiting = await make.submission(await make.office(), title="x" * 1000)
    team = await moderator()
    passage = {"field": "TITLE", "start": 0, "end": 1}

    done = await change(api, team, APPROVE, id=key(waiting), v=1, redactions=[passage])
    again = await change(api, team, REDACT, id=done["review"]["id"], v=1, passages=[passage])

    assert done["review"]["title"] == "[…]" + "x" * 997
    assert again["review"]["title"] == "[…]…]" + "x" * 995


async def test_spans_are_counted_in_code_points(api: Client) -> None:
    text = "😀été 👩‍👧 Mme Dupont 🇫🇷"
    waiting = await make.submission(await make.office(), text=text)
    at = text.index("Mme")
    passage = {"field": "DESCRIPTION", "start": at, "end": at + 10}

    done = await change(api, await moderator(), APPROVE, id=key(waiting), v=1, redactions=[passage])

    assert done["review"]["description"] == text.replace("Mme Dupont", "[…]")


async def test_what_an_import_published_before_is_not_published_twice(api: Client) -> None:
    office = await make.office()
    waiting, review = await make.submission(office), await make.review(office)
    await Submission.filter(id=waiting.id).update(source_id=review.source_id)

    done = await change(api, await moderator(), APPROVE, id=key(waiting), v=1)

    assert codes(done) == ["SOURCE_ID_TAKEN"]
    assert (await Submission.get(id=waiting.id)).state is SubmissionState.SUBMITTED


async def test_a_hundred_are_handed_over_in_few_statements(
    api: Client, caplog: pytest.LogCaptureFixture
) -> None:
    offices = [await make.office() for _ in range(20)]
    machine = await platform()
    reviews = [
        {"sourceId": str(n), "review": told(offices[n % 20], title=f"Avis {n}")} for n in range(100)
    ]

    with caplog.at_level("DEBUG", logger="tortoise.db_client"):
        done = await change(api, machine, SUBMIT, source="spp", reviews=reviews)

    assert [one["status"] for one in done["results"]] == ["accepted"] * 100
    assert 0 < len(caplog.records) < 60


async def test_a_refused_item_under_a_key_is_refused_again_the_same_way(api: Client) -> None:
    submit = SUBMIT.replace("source: $source,", 'source: $source, idempotencyKey: "k",')
    machine = await make.person(Role.SERVICE, network="caf", rights="intake")
    office, police = await make.office(), await make.office("police")
    reviews = [
        {"sourceId": "1", "review": told(office)},
        {"sourceId": "2", "review": told(police)},
    ]

    done = [await change(api, machine, submit, source="spp", reviews=reviews) for _ in range(2)]

    assert done[0] == done[1]
    assert [one["code"] for one in done[0]["results"]] == [None, "NOT_FOUND"]
    assert await Submission.all().count() == 1


async def test_another_way_to_be_reached_does_not_make_another_review(api: Client) -> None:
    machine, office = await platform(), await make.office()
    given = [told(office, contact=reach) for reach in ("06", "07")]

    done = [
        await change(api, machine, SUBMIT, source="spp", reviews=[{"sourceId": "1", "review": one}])
        for one in given
    ]

    assert [one["results"][0]["status"] for one in done] == ["accepted", "unchanged"]


# --- Names that a language model finds --------------------------------------------------------


def capitals(text: str) -> list[Span]:
    """Where a text says Nadia, or Dupont."""
    return [Span(*one.span()) for one in re.finditer("Nadia|Dupont", text)]


async def test_a_model_adds_names_to_what_the_rules_found_and_reads_each_once(api: Client) -> None:
    text = "Mme Dupont et Nadia."
    waiting = await make.submission(await make.office(), title="Bien", text=text)
    await make.submission(await make.office(), state=SubmissionState.REJECTED, text=text)

    first, second = await detect(capitals), await detect(capitals)
    data = await api.data(await moderator(), QUEUE.replace("start end", "start end by"))

    assert (first, second) == ((1, 1), (0, 0))
    one = next(one for one in data["submissions"]["nodes"] if one["id"] == key(waiting))
    found = [(text[it["start"] : it["end"]], it["by"]) for it in one["findings"]]
    assert found == [("Mme Dupont", "RULE"), ("Nadia", "MODEL")]


def test_without_the_model_the_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)

    with pytest.raises(Unusable, match="pip install --group names"):
        recogniser()


async def test_what_was_told_otherwise_is_read_again(api: Client) -> None:
    office, machine = await make.office(), await platform()
    waiting = await make.submission(office, by=machine)
    await detect(capitals)

    await change(api, machine, UPDATE, id=key(waiting), v=1, review=told(office, title="Nadia"))

    assert await detect(capitals) == (1, 1)
