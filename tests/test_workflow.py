"""A reply from its first draft to what all may read, step by step and by several people."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import ids
from models.account import Role
from models.audit import AuditEntry
from models.event import Event
from models.idempotency import Idempotency
from models.network import Network
from models.reply import REPLYING, Reply, ReplyState, ReplyStep, ReplyVersion
from models.review import ReviewStructure
from tests import factories as make
from tests.client import Client

ANSWER = """{ reply { id state version body greeting signature steps }
  structure { answered reply { id } draft { id } } userErrors { code field message } }"""
CALLS = {
    "draft": "replyDraft(id: $id, body: $body)",
    "reply": "reviewReply(id: $id, body: $body)",
    "edit": "replyEdit(id: $id, body: $body, expectedVersion: $v)",
    "submit": "replySubmit(id: $id, expectedVersion: $v)",
    "validate": "replyValidate(id: $id, expectedVersion: $v)",
    "return": 'replyReturn(id: $id, note: "À revoir.", expectedVersion: $v)',
    "publish": "replyPublish(id: $id, expectedVersion: $v)",
    "withdraw": "replyWithdraw(id: $id, expectedVersion: $v)",
}
TYPES = {"id": "ID!", "body": "String!", "v": "Int!", "key": "String"}


async def do(api: Client, who: str, call: str, **given: Any) -> dict[str, Any]:
    """What a mutation answered."""
    field = CALLS[call]
    if "key" in given:
        field = field.replace("(id: $id", "(idempotencyKey: $key, id: $id")
    used = {name: TYPES[name] for name in TYPES if f"${name}" in field}
    head = ", ".join(f"${name}: {kind}" for name, kind in used.items())
    values = {name: value for name, value in given.items() if name in used}
    data = await api.data(who, f"mutation ({head}) {{ done: {field} {ANSWER} }}", **values)
    done: dict[str, Any] = data["done"]
    return done


def codes(done: dict[str, Any]) -> list[str]:
    return [error["code"] for error in done["userErrors"]]


async def caf(*, validates: bool = True) -> tuple[str, str, str, str]:
    """A writer, a manager and a validator of one office; and the id of what they answer."""
    office = await make.office()
    await Network.filter(code="caf").update(validates_replies=validates)
    review = await make.review(office)
    structure = await ReviewStructure.get(review=review)
    people = [
        await make.person(role, office=office)
        for role in (Role.OFFICE_AGENT, Role.OFFICE_MANAGER, Role.VALIDATOR)
    ]
    return people[0], people[1], people[2], ids.encode("ReviewStructure", structure.id)


async def test_a_reply_goes_from_draft_to_what_all_may_read(api: Client) -> None:
    writer, _, validator, structure = await caf()
    reader = await make.person(Role.READER, network="caf")
    drafted = await do(api, writer, "draft", id=structure, body="Bonjour.")
    reply = drafted["reply"]["id"]
    answers = [drafted]
    for version, (who, step) in enumerate(
        [
            (writer, "submit"),
            (validator, "return"),
            (writer, "edit"),
            (writer, "submit"),
            (validator, "validate"),
            (writer, "publish"),
        ],
        1,
    ):
        seen = await api.data(reader, "query ($id: ID!) { node(id: $id) { id } }", id=reply)
        assert seen == {"node": None}
        answers.append(await do(api, who, step, id=reply, v=version, body="Bonsoir."))

    assert [one["reply"]["state"] for one in answers] == [
        "DRAFT",
        "SUBMITTED",
        "DRAFT",
        "DRAFT",
        "SUBMITTED",
        "VALIDATED",
        "PUBLISHED",
    ]
    assert [one["structure"]["answered"] for one in answers] == [False] * 6 + [True]
    last = answers[-1]["structure"]
    assert (last["reply"], last["draft"]) == ({"id": reply}, None)
    assert (await api.data(reader, "query ($id: ID!) { node(id: $id) { id } }", id=reply)) == {
        "node": {"id": reply}
    }
    history = "query ($id: ID!) { replyHistory(id: $id) { version step state body note } }"
    kept = (await api.data(validator, history, id=reply))["replyHistory"]
    assert [(one["version"], one["step"], one["body"], one["note"]) for one in kept] == [
        (1, "draft", "Bonjour.", ""),
        (2, "submit", "Bonjour.", ""),
        (3, "return", "Bonjour.", "À revoir."),
        (4, "edit", "Bonsoir.", ""),
        (5, "submit", "Bonsoir.", ""),
        (6, "validate", "Bonsoir.", ""),
        (7, "publish", "Bonsoir.", ""),
    ]
    assert (await api.data(reader, history, id=reply)) == {"replyHistory": []}
    actions = await AuditEntry.all().order_by("id").values_list("action", flat=True)
    assert len(actions) == 7
    assert await Event.all().values_list("type", "subject") == [("reply.published", reply)]


async def test_a_network_that_validates_takes_no_reply_at_once(api: Client) -> None:
    writer, manager, _, structure = await caf()

    at_once = await do(api, writer, "reply", id=structure, body="Bonjour.")
    drafted = await do(api, writer, "draft", id=structure, body="Bonjour.")
    reply = drafted["reply"]["id"]
    published = await do(api, writer, "publish", id=reply, v=1)
    await do(api, writer, "submit", id=reply, v=1)
    await do(api, manager, "validate", id=reply, v=2)
    await do(api, writer, "publish", id=reply, v=3)
    edited = [await do(api, who, "edit", id=reply, v=4, body="Non.") for who in (writer, manager)]

    assert [codes(one) for one in (at_once, drafted, published)] == [
        ["VALIDATION_REQUIRED"],
        [],
        ["VALIDATION_REQUIRED"],
    ]
    # What all read at once is changed by those who may validate only.
    assert [codes(one) for one in edited] == [["NOT_FOUND"], []]


async def test_nobody_validates_what_they_wrote(api: Client) -> None:
    _, manager, validator, structure = await caf()
    reply = (await do(api, manager, "draft", id=structure, body="Bonjour."))["reply"]["id"]
    await do(api, manager, "submit", id=reply, v=1)

    own = await do(api, manager, "validate", id=reply, v=2)
    other = await do(api, validator, "validate", id=reply, v=2)

    assert (codes(own), codes(other)) == (["SELF_VALIDATION"], [])


async def test_a_step_that_is_not_possible_is_refused_with_those_that_are(api: Client) -> None:
    writer, _, validator, structure = await caf()
    reply = (await do(api, writer, "draft", id=structure, body="Bonjour."))["reply"]

    refused = await do(api, validator, "validate", id=reply["id"], v=1)

    assert reply["steps"] == ["EDIT", "SUBMIT", "PUBLISH", "WITHDRAW"]
    assert refused["userErrors"] == [
        {
            "code": "ILLEGAL_STEP",
            "field": ["id"],
            "message": "In the state draft these steps are possible: edit, submit, publish, "
            "withdraw.",
        }
    ]


async def test_of_two_who_edit_a_draft_at_once_one_is_told_and_no_text_is_lost(
    api: Client,
) -> None:
    writer, manager, _, structure = await caf()
    reply = (await do(api, writer, "draft", id=structure, body="Bonjour."))["reply"]["id"]

    both = await asyncio.gather(
        do(api, writer, "edit", id=reply, v=1, body="L'un."),
        do(api, manager, "edit", id=reply, v=1, body="L'autre."),
    )

    assert sorted(map(codes, both)) == [[], ["STALE_VERSION"]]
    kept = [one.body for one in await ReplyVersion.all().order_by("version")]
    assert kept[0] == "Bonjour."
    assert kept[1] in {"L'un.", "L'autre."}


@pytest.mark.parametrize(
    "line", [{"greeting": "x" * 256}, {"signature": "a\nb"}, {"signature": "x" * 256}]
)
async def test_a_greeting_and_a_signature_are_one_line(api: Client, line: dict[str, str]) -> None:
    writer, _, _, structure = await caf()
    (name, value) = next(iter(line.items()))
    query = f"""mutation ($id: ID!, $line: String) {{
      replyDraft(id: $id, body: "x", {name}: $line) {{ userErrors {{ code field }} }} }}"""

    done = (await api.data(writer, query, id=structure, line=value))["replyDraft"]

    assert done == {"userErrors": [{"code": "BAD_INPUT", "field": [name]}]}
    assert not await Reply.exists()


# --- The same asked twice --------------------------------------------------------------------


async def test_what_is_asked_again_under_a_key_is_not_done_again(api: Client) -> None:
    writer, _, _, structure = await caf(validates=False)

    answers = [
        await do(api, writer, "reply", id=structure, body="Bonjour.", key="k1") for _ in range(3)
    ]

    assert answers[0]["userErrors"] == []
    assert answers == [answers[0]] * 3
    assert await Reply.all().count() == 1
    assert await AuditEntry.all().count() == 1


async def test_of_fifty_at_once_under_a_key_one_is_done_and_all_are_answered(api: Client) -> None:
    writer, _, _, structure = await caf(validates=False)

    answers = await asyncio.gather(
        *(do(api, writer, "reply", id=structure, body="Bonjour.", key="k") for _ in range(50))
    )

    assert answers == [answers[0]] * 50
    assert codes(answers[0]) == []
    assert await Reply.all().count() == 1


async def test_a_key_stands_for_one_request_of_one_account(api: Client) -> None:
    writer, manager, _, structure = await caf(validates=False)
    await do(api, writer, "draft", id=structure, body="Bonjour.", key="k")

    other_body = await do(api, writer, "draft", id=structure, body="Bonsoir.", key="k")
    other_call = await do(api, writer, "reply", id=structure, body="Bonjour.", key="k")
    other_account = await do(api, manager, "draft", id=structure, body="Bonjour.", key="k")

    assert [codes(one) for one in (other_body, other_call, other_account)] == [
        ["IDEMPOTENCY_KEY_REUSED"],
        ["IDEMPOTENCY_KEY_REUSED"],
        ["ALREADY_REPLIED"],
    ]


async def test_what_was_refused_may_be_asked_again_under_its_key(api: Client) -> None:
    writer, _, _, structure = await caf()
    refused = await do(api, writer, "reply", id=structure, body="Bonjour.", key="k")
    await Network.filter(code="caf").update(validates_replies=False)

    done = await do(api, writer, "reply", id=structure, body="Bonjour.", key="k")

    assert (codes(refused), codes(done)) == (["VALIDATION_REQUIRED"], [])


@pytest.mark.parametrize("key", ["", "é", "x" * 65, "a\nb"])
async def test_what_is_no_key_is_refused(api: Client, key: str) -> None:
    writer, _, _, structure = await caf()

    done = await do(api, writer, "draft", id=structure, body="Bonjour.", key=key)

    assert codes(done) == ["BAD_INPUT"]
    assert not await Reply.exists()


async def test_a_secret_is_shown_once_and_not_kept_with_the_key(api: Client) -> None:
    boss = await make.person(Role.NETWORK_MANAGER, network="caf")
    query = """mutation { done: serviceAccountCreate(idempotencyKey: "k", input: {label: "x",
      permissions: [READ_VERBATIMS], place: {network: "caf"}}) { secret account { id } } }"""

    first, again = [(await api.data(boss, query))["done"] for _ in range(2)]

    assert first["account"] == again["account"]
    assert first["secret"]
    assert again["secret"] is None
    (kept,) = await Idempotency.all()
    assert first["secret"] not in str(vars(kept))


# --- Any order of steps by anyone -------------------------------------------------------------


@dataclass
class Model:
    """What must be so, said once more."""

    validates: bool
    state: str = "none"
    version: int = 0
    writer: int = -1
    answered: bool = False
    texts: list[str] = field(default_factory=list)

    def attempt(self, who: int, step: str, body: str, *, fresh: bool) -> str | None:
        """Do a step as person `who` (agent, manager, validator, stranger), or say why not."""
        writes, validates = who in {0, 1}, who in {1, 2}
        allowed = validates if step in {"validate", "return"} else writes
        if not allowed:
            return "NOT_FOUND"
        if step in {"draft", "reply"}:
            return self._begin(who, step, body)
        if step == "edit" and self.state == "published" and self.validates and not validates:
            return "NOT_FOUND"
        if self.state == "withdrawn":
            return "ALREADY_WITHDRAWN"
        if not fresh:
            return "STALE_VERSION"
        return self._step(who, step, body)

    def _begin(self, who: int, step: str, body: str) -> str | None:
        if step == "reply" and self.validates:
            return "VALIDATION_REQUIRED"
        if self.state not in {"none", "withdrawn"}:
            return "ALREADY_REPLIED"
        self.state, self.version, self.writer = "draft", 1, who
        if step == "reply":
            self.state, self.version, self.answered = "published", 2, True
        self.texts.append(body)
        return None

    def _step(self, who: int, step: str, body: str) -> str | None:
        now = self.state
        leads = {
            "edit": "published" if now == "published" else "draft",
            "submit": "submitted" if now == "draft" else "",
            "validate": "validated" if now == "submitted" else "",
            "return": "draft" if now in {"submitted", "validated"} else "",
            "publish": "published" if now in {"draft", "validated"} else "",
            "withdraw": "withdrawn",
        }
        if not leads[step]:
            return "ILLEGAL_STEP"
        if step == "validate" and who == self.writer:
            return "SELF_VALIDATION"
        if step == "publish" and now == "draft" and self.validates:
            return "VALIDATION_REQUIRED"
        if step == "edit":
            self.writer = who
            self.texts.append(body)
        if step == "publish" or now == "published":
            self.answered = step != "withdraw"
        self.state, self.version = leads[step], self.version + 1
        return None


steps = st.tuples(
    st.sampled_from([0, 0, 1, 1, 2, 2, 3]),
    st.sampled_from([*CALLS, "draft", "submit", "publish"]),
    st.sampled_from([True] * 5 + [False]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(validates=st.booleans(), tried=st.lists(steps, min_size=3, max_size=14))
async def test_no_order_of_steps_leads_where_it_must_not(
    api: Client, validates: bool, tried: list[tuple[int, str, bool]]
) -> None:
    writer, manager, validator, structure = await caf(validates=validates)
    stranger = await make.person(Role.OFFICE_AGENT, office=await make.office())
    people, model, reply = [writer, manager, validator, stranger], Model(validates), structure
    told, wanted = [], []
    for n, (who, step, fresh) in enumerate(tried):
        if step not in {"draft", "reply"} and model.state == "none":
            continue
        target = structure if step in {"draft", "reply"} else reply
        version, body = model.version if fresh else model.version + 5, f"Texte {n}."
        done = await do(api, people[who], step, id=target, v=version, body=body)
        code = model.attempt(who, step, body, fresh=fresh)
        told.append((step, codes(done)))
        wanted.append((step, [code] if code else []))
        if step in {"draft", "reply"} and done["reply"]:
            reply = done["reply"]["id"]

    assert told == wanted
    key = ids.decode(structure)[1]
    replies = await Reply.filter(structure_id=key).order_by("-id")
    if replies:
        assert (replies[0].state.value, replies[0].version) == (model.state, model.version)
    assert (await ReviewStructure.get(id=key)).answered is model.answered
    versions = await ReplyVersion.filter(reply__structure_id=key).order_by("id")
    texts = [one.body for one in versions if one.step in {"draft", "edit"}]
    assert texts == model.texts


def test_each_step_of_a_reply_is_possible_somewhere_and_each_state_is_reached() -> None:
    reached, frontier = {ReplyState.DRAFT}, [ReplyState.DRAFT]
    while frontier:
        state = frontier.pop()
        for step in REPLYING.possible(state):
            after = REPLYING.after(state, step)
            frontier += [after] if after not in reached else []
            reached.add(after)

    assert reached == set(ReplyState)
    assert {step for state in ReplyState for step in REPLYING.possible(state)} == set(ReplyStep)


# --- Due dates --------------------------------------------------------------------------------


async def test_a_reply_is_due_when_its_network_says_so(api: Client) -> None:
    office = await make.office()
    old, new = await make.review(office), await make.review(office, replied=1)
    boss = await make.person(Role.NETWORK_MANAGER, network="caf")
    caf = ids.encode("Network", office.network_id)
    query = """{ reviews { nodes { id structures { dueAt overdue } } }
      late: reviews(where: {overdue: true}) { totalCount nodes { id } }
      early: reviews(where: {overdue: false}) { totalCount } }"""

    before = await api.data(boss, query)
    await api.data(
        boss,
        "mutation ($id: ID!) { networkConfigure(id: $id, replyDays: 365) { network { code } } }",
        id=caf,
    )
    after = await Network.get(code="caf")

    nodes = {one["id"]: one["structures"][0] for one in before["reviews"]["nodes"]}
    first, second = (ids.encode("Review", one.id) for one in (old, new))
    assert nodes[first] == {"dueAt": "2026-01-06T23:00:00+00:00", "overdue": True}
    assert nodes[second] == {"dueAt": "2026-01-06T23:00:00+00:00", "overdue": False}
    assert before["late"] == {"totalCount": 1, "nodes": [{"id": first}]}
    assert before["early"] == {"totalCount": 1}
    assert after.reply_days == 365
