"""A day at the Caf of the Rhône, from the first review to the last reply."""

from typing import Any

from models import ids
from models.account import Role
from models.audit import AuditEntry
from models.event import Event
from models.office import Office
from models.review import ReviewStructure
from tests import factories as make
from tests.client import Client
from tests.test_moderation import APPROVE, REJECT, SUBMIT, told
from tests.test_workflow import do

INBOX = """query ($where: ReviewFilter) { reviews(where: $where, first: 100) { totalCount nodes {
  sourceId title description structures { id answered draft { id } reply { body helpful } } } } }"""
QUEUE = """query ($where: SubmissionFilter) { submissions(where: $where, first: 100) {
  totalCount nodes { id sourceId title description findings { field kind start end } } } }"""
CONTACTS = "{ contactRequests { nodes { id state } } }"
REVEAL = "mutation ($id: ID!) { done: contactRequestReveal(id: $id) { contact } }"
MET = """mutation ($id: ID!) { done: contactRequestMeet(id: $id, expectedVersion: 1,
  note: "Rendez-vous pris.") { contactRequest { state } userErrors { code } } }"""
TEMPLATE = """mutation ($place: PlaceInput!) { replyTemplateCreate(place: $place, name: "Attente",
  greeting: "Bonjour,", body: "Vous nous dites « {reviewTitle} ». Nous ouvrons un guichet.",
  signature: "{office}, accueil") { userErrors { code } } }"""
RENDERED = """query ($at: ID!) { replyTemplates(structure: $at) {
  rendered { greeting body signature } } }"""
VALIDATES = """mutation ($id: ID!) { networkConfigure(id: $id, validatesReplies: true) {
  userErrors { code } } }"""
RATE = """mutation { replyRate(source: "spp", sourceId: "12", position: 1, helpful: true) {
  helpful } }"""

MOVE = """mutation ($id: ID!, $to: ID!) { structureMove(id: $id, to: $to, expectedVersion: 1,
  reason: "C'est à Vénissieux.") { structure { office { name } } userErrors { code } } }"""
HISTORY = """query ($id: ID!) { structureHistory(id: $id) { reason target { office { name } } } }"""
REPORTS = """mutation ($reports: [ReportSubmission!]!) { reportsSubmit(source: "spp",
  reports: $reports) { results { reportId } userErrors { code } } }"""
ACCEPT = """mutation ($id: ID!) { done: reportAccept(id: $id, expectedVersion: 1) {
  report { state } userErrors { code } } }"""
ACKNOWLEDGE = ACCEPT.replace("reportAccept", "reportAcknowledge").replace(": 1", ": 2")
BEGIN = ACCEPT.replace("reportAccept", "reportBeginRewriting").replace(": 1", ": 3")
REWRITE = """mutation ($id: ID!) { done: reportRewrite(id: $id, expectedVersion: 4,
  after: "Ce que vous touchez dépend de vos revenus.") {
  report { state before after document { title } } userErrors { code } } }"""


class Day:
    """Who is at work today, and what they do."""

    def __init__(self, api: Client, office: Office, below: Office, **people: str) -> None:
        self.api, self.office, self.below, self.people = api, office, below, people

    async def __call__(self, who: str, query: str, **given: Any) -> Any:
        """What the service answers to somebody."""
        return await self.api.data(self.people[who], query, **given)

    async def inbox(self, **where: Any) -> list[dict[str, Any]]:
        """What the clerk sees, the oldest first."""
        nodes = (await self("clerk", INBOX, where=where))["reviews"]["nodes"]
        return sorted(nodes, key=lambda one: int(one["sourceId"]))

    async def queue(self, **where: Any) -> list[dict[str, Any]]:
        """What waits for the national team."""
        waiting = {"states": ["SUBMITTED"], **where}
        return list((await self("team", QUEUE, where=waiting))["submissions"]["nodes"])

    async def step(self, who: str, call: str, **given: Any) -> dict[str, Any]:
        """A step of replying that must succeed: the reply after it."""
        done = await do(self.api, self.people[who], call, **given)
        assert done["userErrors"] == []
        reply: dict[str, Any] = done["reply"]
        return reply


async def morning(api: Client) -> Day:
    """Everyone comes in."""
    office = await make.office(name="Caf du Rhône - Lyon")
    counter = await make.office(name="Caf du Rhône - Vénissieux", parent=office)
    return Day(
        api,
        office,
        counter,
        platform=await make.person(Role.SERVICE, rights="intake"),
        team=await make.person(Role.MODERATOR),
        clerk=await make.person(Role.OFFICE_AGENT, office=office),
        counter=await make.person(Role.OFFICE_AGENT, office=counter),
        head=await make.person(Role.OFFICE_MANAGER, office=office),
        network=await make.person(Role.NETWORK_MANAGER, network="caf"),
        police=await make.person(Role.NETWORK_MANAGER, network="police"),
    )


def letters(office: Office) -> list[dict[str, Any]]:
    """Forty reviews: two insult, one names an agent, and one asks to be called."""
    texts = {7: "Bande d'abrutis !", 19: "Quel connard.", 23: "Mme Petit a perdu mon dossier."}
    reviews = [
        told(office, title=f"Avis {n}", description=texts.get(n, "Deux heures d'attente."))
        for n in range(1, 41)
    ]
    reviews[11]["contact"] = "06 12 34 56 78"
    return [{"sourceId": str(n), "review": review} for n, review in enumerate(reviews, 1)]


async def moderated(day: Day) -> None:
    """The national team reads what came in the night."""
    # It looks first at what the rules point at: two insults, and a name.
    suspects = await day.queue(suspect=True)
    kinds = [one["findings"][0]["kind"] for one in suspects]
    assert kinds == ["INSULT", "INSULT", "PERSON_NAME"]
    for one in suspects[:2]:
        await day("team", REJECT, id=one["id"], v=1)
    (name,) = suspects[2]["findings"]
    passage = {"field": name["field"].upper(), "start": name["start"], "end": name["end"]}
    await day("team", APPROVE, id=suspects[2]["id"], v=1, redactions=[passage])

    # Then it publishes the rest.
    for one in await day.queue():
        await day("team", APPROVE, id=one["id"], v=1)
    assert await day.queue() == []


async def called(day: Day) -> None:
    """One user asked to talk to someone."""
    # The clerk reads the number, calls, and meets them.
    (asked,) = (await day("clerk", CONTACTS))["contactRequests"]["nodes"]
    assert (await day("clerk", REVEAL, id=asked["id"]))["done"] == {"contact": "06 12 34 56 78"}
    assert (await day("clerk", MET, id=asked["id"]))["done"] == {
        "contactRequest": {"state": "MET"},
        "userErrors": [],
    }


async def moved(day: Day, reviews: list[dict[str, Any]]) -> None:
    """One review is about a counter below, which answers for itself."""
    its = next(one for one in reviews if one["sourceId"] == "30")["structures"][0]["id"]
    at_the_counter = (await day("counter", INBOX))["reviews"]["totalCount"]
    done = await day("clerk", MOVE, id=its, to=ids.encode("Office", day.below.id))
    found = (await day("counter", INBOX))["reviews"]["nodes"]

    there = {"office": {"name": "Caf du Rhône - Vénissieux"}}
    assert done["structureMove"] == {"structure": there, "userErrors": []}
    assert (at_the_counter, [one["sourceId"] for one in found]) == (0, ["30"])
    history = (await day("counter", HISTORY, id=its))["structureHistory"]
    assert history == [{"reason": "C'est à Vénissieux.", "target": there}]


async def rewritten(day: Day) -> None:
    """A user could not understand a letter; it is written anew."""
    said = {
        "title": "Déclaration de ressources",
        "reason": "JARGON",
        "passage": "Le quotient est apprécié prorata temporis.",
        "office": ids.encode("Office", day.office.id),
    }
    handed = await day("platform", REPORTS, reports=[{"sourceId": "d1", "report": said}])
    (its,) = [one["reportId"] for one in handed["reportsSubmit"]["results"]]
    for who, step in (("team", ACCEPT), ("clerk", ACKNOWLEDGE), ("clerk", BEGIN)):
        assert (await day(who, step, id=its))["done"]["userErrors"] == []
    done = (await day("clerk", REWRITE, id=its))["done"]

    assert done["report"] == {
        "state": "REWRITTEN",
        "before": "Le quotient est apprécié prorata temporis.",
        "after": "Ce que vous touchez dépend de vos revenus.",
        "document": {"title": "Déclaration de ressources"},
    }


async def written(day: Day, reviews: list[dict[str, Any]]) -> None:
    """Two replies are written, and both are validated."""
    # To two of them the clerk writes, with the words that the head of the office keeps for it.
    await day("head", TEMPLATE, place={"office": ids.encode("Office", day.office.id)})
    drafts = []
    for source_id in ("12", "23"):
        its = next(one for one in reviews if one["sourceId"] == source_id)["structures"][0]["id"]
        words = (await day("clerk", RENDERED, at=its))["replyTemplates"][0]["rendered"]
        assert words["signature"] == "Caf du Rhône - Lyon, accueil"
        drafts.append(await day.step("clerk", "draft", id=its, body=words["body"]))
    first, second = (one["id"] for one in drafts)
    assert drafts[0]["body"] == "Vous nous dites « Avis 12 ». Nous ouvrons un guichet."
    assert len(await day.inbox(answered=True)) == 0

    # The head gives one of them back, and finds both good in the end.
    await day.step("clerk", "submit", id=first, v=1)
    await day.step("clerk", "submit", id=second, v=1)
    await day.step("head", "return", id=second, v=2)
    await day.step("clerk", "edit", id=second, v=3, body="Nous avons retrouvé votre dossier.")
    await day.step("clerk", "submit", id=second, v=4)
    await day.step("head", "validate", id=first, v=2)
    await day.step("head", "validate", id=second, v=5)

    # One is published, then edited: by the head, as all read it by then.
    await day.step("clerk", "publish", id=first, v=3)
    late = await do(day.api, day.people["clerk"], "edit", id=first, v=4, body="Deux guichets.")
    assert [error["code"] for error in late["userErrors"]] == ["NOT_FOUND"]
    await day.step("head", "edit", id=first, v=4, body="Nous ouvrons deux guichets.")
    assert (await day("platform", RATE))["replyRate"] == {"helpful": True}


REWRITING = ("rewriting", "rewritten")


async def evening(day: Day) -> None:
    """What is left, and what others were told."""
    # One review is answered, one reply waits to be published, 36 wait for one.
    (answered,) = await day.inbox(answered=True)
    told_all = {"body": "Nous ouvrons deux guichets.", "helpful": True}
    assert (answered["sourceId"], answered["structures"][0]["reply"]) == ("12", told_all)
    waiting = await day.inbox(answered=False)
    drafted = [one["sourceId"] for one in waiting if one["structures"][0]["draft"]]
    assert (len(waiting), drafted) == (37, ["23"])

    # Whoever follows was told all of it, in order; and every step is in the audit trail.
    types: list[Any] = await Event.all().order_by("id").values_list("type", flat=True)
    assert types[:38] == ["review.published"] * 38
    assert types[38:40] == ["review.moved_away", "review.transferred"]
    assert types[40:43] == ["reply.published", "reply.edited", "reply.rated"]
    assert types[43:] == [f"report.{step}" for step in ("accepted", "acknowledged", *REWRITING)]
    assert await ReviewStructure.filter(answered=True).count() == 1
    actions: list[Any] = await AuditEntry.all().values_list("action", flat=True)
    assert actions.count("submission.approved") == 38
    assert actions.count("submission.rejected") == 2
    assert "contact.revealed" in actions


async def test_a_day_at_the_caf(api: Client) -> None:
    day = await morning(api)
    await day("network", VALIDATES, id=ids.encode("Network", day.office.network_id))

    # In the night the platform handed forty reviews over; nobody at the Caf sees them yet.
    handed = await day("platform", SUBMIT, source="spp", reviews=letters(day.office))
    assert [one["status"] for one in handed["done"]["results"]] == ["accepted"] * 40
    assert await day.inbox() == []

    # The national team decides what is published.
    await moderated(day)

    # The clerk finds 38 reviews, none of which insults or names anybody; the police find none.
    reviews = await day.inbox(answered=False)
    assert len(reviews) == 38
    assert {one["sourceId"] for one in reviews}.isdisjoint({"7", "19"})
    redacted = next(one for one in reviews if one["sourceId"] == "23")
    assert redacted["description"] == "[…] a perdu mon dossier."
    assert (await day("police", INBOX))["reviews"]["totalCount"] == 0

    # One of their authors is called, one review goes to the counter that it is about, two are
    # answered, one of the replies is published and edited.
    await called(day)
    await moved(day, reviews)
    await written(day, reviews)

    # A document that was reported is written anew.
    await rewritten(day)

    # In the evening all of it is counted, told and written down.
    await evening(day)
