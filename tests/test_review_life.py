"""A review from what is handed over to what is answered and taken out, by anyone in any order."""

from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import ids
from models.account import Role
from models.audit import AuditEntry
from models.event import Event
from models.network import Network
from models.office import Office
from models.reply import LateEdit, Reply, ReplyVersion
from models.review import Review, ReviewStructure
from models.submission import Submission
from tests import factories as make
from tests.client import Client
from tests.test_moderation import APPROVE, REJECT, SUBMIT, UNPUBLISH, UPDATE, WITHDRAW, change, told
from tests.test_workflow import Model, codes, do

MODERATION = {"update": UPDATE, "approve": APPROVE, "reject": REJECT, "unpublish": UNPUBLISH}
MODERATION |= {"take back": WITHDRAW}
REPLYING = ("draft", "reply", "edit", "submit", "validate", "return", "publish", "withdraw")
MACHINE, TEAM = "machine", "team"
WRITER, MANAGER, VALIDATOR, STRANGER = range(4)
EVENTS = {"reply.published", "reply.edited", "reply.withdrawn"}
STEPS = 16
"""How many are tried in each life of a review."""

_numbers = count(1)


@dataclass
class Life:
    """What must be so, said once more: the submission, and the reply while it is published."""

    reply: Model
    state: str = "none"
    version: int = 0
    late: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    deeds: int = 0

    def hand_over(self) -> str:
        """What the platform is told of its own review, given again and again."""
        self.deeds += 1
        if self.state != "none":
            return "unchanged"
        self.state, self.version = "submitted", 1
        return "accepted"

    def moderate(self, who: str, step: str, *, fresh: bool) -> str | None:
        """Do a step of moderation, or say why not."""
        if who != (MACHINE if step in {"update", "take back"} else TEAM):
            return "NOT_FOUND"
        if not fresh:
            return "STALE_VERSION"
        leads = {
            "update": {"submitted": "submitted"},
            "approve": {"submitted": "published"},
            "reject": {"submitted": "rejected"},
            "unpublish": {"published": "rejected"},
            "take back": {"submitted": "withdrawn", "published": "withdrawn"},
        }[step]
        if self.state not in leads:
            return "ILLEGAL_STEP"
        public, self.state = self.state == "published", leads[self.state]
        self.version, self.deeds = self.version + 1, self.deeds + 1
        if public is not (self.state == "published"):
            self.deeds += 1
            self.events.append("review.withdrawn" if public else "review.published")
        return None

    def answer(self, who: int, step: str, body: str, *, fresh: bool) -> str | None:
        """Do a step of replying, or say why not."""
        if self.state != "published":
            return "NOT_FOUND"
        public = self.reply.state == "published"
        code = self.reply.attempt(who, step, body, fresh=fresh)
        late = step == "edit" and code in {"STALE_VERSION", "ALREADY_WITHDRAWN"}
        self.late += [body] if late else []
        self.deeds += code is None or late
        if code is None:
            became = {"reply": "published", "publish": "published"}.get(step)
            became = {"edit": "edited", "withdraw": "withdrawn"}.get(step) if public else became
            self.events += [f"reply.{became}"] if became else []
        return code


@dataclass
class Service:
    """The same, done for real."""

    api: Client
    people: dict[Any, str]
    office: Office
    source: str
    text: str = "Trop long."
    submission: str = ""
    structure: str = ids.encode("ReviewStructure", 999_999_999)
    reply: str = ids.encode("Reply", 999_999_999)

    async def hand_over(self) -> str:
        reviews = [{"sourceId": "1", "review": told(self.office, description=self.text)}]
        machine = self.people[MACHINE]
        done = await change(self.api, machine, SUBMIT, source=self.source, reviews=reviews)
        self.submission = done["results"][0]["submissionId"]
        return str(done["results"][0]["status"])

    async def moderate(self, who: str, step: str, version: int, text: str) -> str | None:
        given: dict[str, Any] = {"id": self.submission, "v": version}
        if step == "update":
            given["review"] = told(self.office, description=text)
        done = await change(self.api, self.people[who], MODERATION[step], **given)
        if step == "update" and not done["userErrors"]:
            self.text = text
        if step == "approve" and not done["userErrors"]:
            review = ids.key_of("Review", done["submission"]["reviewId"])
            made = await ReviewStructure.get(review_id=review)
            self.structure = ids.encode("ReviewStructure", made.id)
        return next(iter(codes(done)), None)

    async def answer(self, who: int, step: str, version: int, body: str) -> str | None:
        target = self.structure if step in {"draft", "reply"} else self.reply
        done = await do(self.api, self.people[who], step, id=target, v=version, body=body)
        if step in {"draft", "reply"} and done["reply"]:
            self.reply = done["reply"]["id"]
        return next(iter(codes(done)), None)


async def begin(api: Client, *, validates: bool) -> Service:
    """An office, and everyone who has to do with its reviews."""
    office = await make.office()
    await Network.filter(code="caf").update(validates_replies=validates)
    roles = (Role.OFFICE_AGENT, Role.OFFICE_MANAGER, Role.VALIDATOR)
    people: dict[Any, str] = {
        n: await make.person(role, office=office) for n, role in enumerate(roles)
    }
    people[STRANGER] = await make.person(Role.OFFICE_AGENT, office=await make.office())
    people[MACHINE] = await make.person(Role.SERVICE, rights="intake")
    people[TEAM] = await make.person(Role.MODERATOR)
    return Service(api, people, office, f"s{next(_numbers)}")


LIKELY: dict[str, list[tuple[Any, str]]] = {
    "none": [(WRITER, "draft"), (MANAGER, "draft"), (WRITER, "reply")],
    "draft": [(WRITER, "edit"), (MANAGER, "edit"), (WRITER, "submit"), (WRITER, "publish")],
    "submitted": [(MANAGER, "validate"), (VALIDATOR, "validate"), (VALIDATOR, "return")],
    "validated": [(WRITER, "publish"), (WRITER, "publish"), (MANAGER, "return")],
    "published": [(MANAGER, "edit"), (WRITER, "edit"), (WRITER, "withdraw")],
    "withdrawn": [(WRITER, "draft"), (WRITER, "edit")],
}
MODERATING = [*[(TEAM, "approve")] * 5, (MACHINE, "update"), (TEAM, "reject")]
ENDING = [(TEAM, "unpublish"), (MACHINE, "take back")]


def chosen(life: Life, random: Random) -> tuple[Any, str]:
    """Who does what next: mostly what leads on from here, and at times anything by anyone."""
    if life.state == "none":
        return MACHINE, "hand over"
    chance = random.random()
    if chance < 0.3:
        who = random.choice([WRITER, MANAGER, VALIDATOR, VALIDATOR, STRANGER])
        return who, random.choice(REPLYING)
    if chance < 0.4:
        return random.choice([MACHINE, TEAM]), random.choice([*MODERATION])
    if chance < 0.45:
        return MACHINE, "hand over"
    if life.state == "published":
        return random.choice(LIKELY[life.reply.state] if chance < 0.95 else ENDING)
    return random.choice(MODERATING)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(validates=st.booleans(), random=st.randoms(use_true_random=True))
async def test_no_order_of_steps_by_anyone_leads_where_it_must_not(
    api: Client, validates: bool, random: Random
) -> None:
    service, life = await begin(api, validates=validates), Life(Model(validates))
    entries, events = await AuditEntry.all().count(), await Event.all().count()
    happened, wanted = list[Any](), list[Any]()
    for n in range(STEPS):
        who, step = chosen(life, random)
        fresh = random.random() < 0.85
        off = 0 if fresh else 7
        if step == "hand over":
            wanted.append((step, life.hand_over()))
            happened.append((step, await service.hand_over()))
        elif step in MODERATION:
            version = life.version + off
            wanted.append((step, life.moderate(who, step, fresh=fresh)))
            happened.append((step, await service.moderate(who, step, version, f"Récit {n}.")))
        else:
            if step not in {"draft", "reply"} and life.reply.state == "none":
                continue
            version, body = life.reply.version + off, f"Texte {n}."
            wanted.append((step, life.answer(who, step, body, fresh=fresh)))
            happened.append((step, await service.answer(who, step, version, body)))

    assert happened == wanted
    await agree(service, life)
    assert await AuditEntry.all().count() - entries == life.deeds
    types: list[Any] = (
        await Event.all().order_by("id").offset(events).values_list("type", flat=True)
    )
    assert types == life.events


async def agree(service: Service, life: Life) -> None:
    """The database is as the model says: states, versions, and every word that was written."""
    kept = await Submission.get(source=service.source)
    published = life.state == "published"
    assert (kept.state.value, kept.version) == (life.state, life.version)
    assert await Review.exists(source=service.source) is published
    if not published:
        assert not await Reply.exists(id=ids.key_of("Reply", service.reply))
        if life.state == "rejected" and life.reply.texts:
            assert life.reply.texts[-1] in (kept.archive or "")
        if life.state == "withdrawn":
            assert "Texte" not in str(vars(kept))
        return
    key = ids.key_of("ReviewStructure", service.structure)
    last = await Reply.filter(structure_id=key).order_by("-id").first()
    assert (last.state.value if last else "none") == life.reply.state
    assert (last.version if last else 0) == life.reply.version
    assert (await ReviewStructure.get(id=key)).answered is life.reply.answered
    versions = await ReplyVersion.filter(reply__structure_id=key).order_by("id")
    written = [one.body for one in versions if one.step in {"draft", "edit"}]
    assert written == life.reply.texts
    late = await LateEdit.filter(reply__structure_id=key).order_by("id")
    assert [one.body for one in late] == life.late
