"""Any order of steps of routing and replying, by several people: told once more, and compared."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from models.account import Role
from models.office import Office
from models.reply import Reply, ReplyVersion
from models.review import Review, ReviewStructure
from models.routing import Move, Transfer
from tests import factories as make
from tests.client import Client
from tests.doing import codes, do, of, part

T = TypeVar("T")
NETWORK = {"seat": "caf", "counter": "caf", "beside": "caf", "station": "police"}
BELOW = {"seat": {"counter"}}
REACH = {  # the offices that each person moves from, and to; and answers for
    "agent": {"seat", "counter"},
    "clerk": {"counter"},
    "neighbour": {"beside"},
    "officer": {"station"},
    "boss": {"seat", "counter", "beside"},
    "team": set(NETWORK),
}
# Those who may do much are met more often, or little would ever be done.
WHO = st.sampled_from(["boss", "boss", "boss", "boss", *REACH])
WHERE, PART = st.sampled_from([*NETWORK, "station", "counter"]), st.integers(0, 1)


@dataclass
class Part:
    """One structure's part, as it must be."""

    id: str
    at: str
    version: int = 1
    answered: bool = False
    draft: str | None = None
    asked: tuple[str, str] | None = None
    went: list[str] = field(default_factory=list)
    texts: int = 0


class Steps(RuleBasedStateMachine):
    """People at four offices, who share a review and pass its parts on."""

    api: Client
    loop: asyncio.AbstractEventLoop

    def run(self, asked: Coroutine[Any, Any, T]) -> T:
        """What a coroutine of the test's loop comes to."""
        return asyncio.run_coroutine_threadsafe(asked, self.loop).result()

    @initialize()
    def begin(self) -> None:
        self.run(self._begin())

    async def _begin(self) -> None:
        seat = await make.office()
        counter = await make.office(parent=seat)
        others = [await make.office("caf"), await make.office("police")]
        self.offices = dict(zip(NETWORK, (seat, counter, *others), strict=True))
        named = zip(("agent", "clerk", "neighbour", "officer"), self.offices.values(), strict=True)
        self.people = {
            name: await make.person(Role.OFFICE_AGENT, office=office) for name, office in named
        }
        self.people["boss"] = await make.person(Role.NETWORK_MANAGER, network="caf")
        self.people["team"] = await make.person(Role.MODERATOR)
        self.review: Review = await make.review(seat, others[0])
        self.parts = [
            Part(await part(self.review, n), at) for n, at in ((1, "seat"), (2, "beside"))
        ]
        for one in self.parts:
            drafted = await do(self.api, self.people["boss"], "draft", id=one.id)
            one.draft, one.texts = drafted["reply"]["id"], 1

    def _do(self, who: str, call: str, **given: Any) -> dict[str, Any]:
        return self.run(do(self.api, self.people[who], call, **given))

    def _movable(self, one: Part, to: str) -> str | None:
        if one.answered:
            return "ALREADY_REPLIED"
        if to in {other.at for other in self.parts}:
            return "ALREADY_CONCERNED"
        return "DRAFT_OPEN" if one.draft and NETWORK[to] != NETWORK[one.at] else None

    def _goes(self, one: Part, to: str) -> None:
        one.at, one.version = to, one.version + 1
        one.went.append(to)

    def _expect(self, done: dict[str, Any], code: str | None) -> bool:
        assert codes(done) == ([code] if code else [])
        return code is None

    @rule(who=WHO, n=PART, to=WHERE, fresh=st.sampled_from([True, True, True, False]))
    def move(self, who: str, n: int, to: str, fresh: bool) -> None:
        one = self.parts[n]
        code = self._movable(one, to)
        if one.asked:
            code = "ALREADY_OPEN"
        if to not in BELOW.get(one.at, set()):
            code = "NOT_BELOW"
        if not fresh:
            code = "STALE_VERSION"
        if not {one.at, to} <= REACH[who]:
            code = "NOT_FOUND"
        version = one.version if fresh else one.version + 1
        done = self._do(who, "move", id=one.id, office=of(self.offices[to]), v=version)
        if self._expect(done, code):
            self._goes(one, to)

    @rule(who=WHO, n=PART, to=WHERE)
    def ask(self, who: str, n: int, to: str) -> None:
        one = self.parts[n]
        code = "ALREADY_OPEN" if one.asked else self._movable(one, to)
        code = code if one.at in REACH[who] else "NOT_FOUND"
        target = {"office": of(self.offices[to])}
        done = self._do(who, "request", id=one.id, to=target, reason="x", v=one.version)
        if self._expect(done, code):
            one.asked = done["transfer"]["id"], to

    @precondition(lambda self: any(one.asked for one in self.parts))
    @rule(
        who=st.sampled_from(["team", "team", "team", "boss", "officer"]),
        call=st.sampled_from(["approve", "approve", "refuse", "cancel"]),
    )
    def end(self, who: str, call: str) -> None:
        one = next(one for one in self.parts if one.asked)
        assert one.asked
        asked, to = one.asked
        code = self._movable(one, to) if call == "approve" else None
        allowed = one.at in REACH[who] if call == "cancel" else who == "team"
        done = self._do(who, call, id=asked, note="x")
        if self._expect(done, code if allowed else "NOT_FOUND"):
            one.asked = None
            if call == "approve":
                self._goes(one, to)

    @rule(who=WHO, n=PART, call=st.sampled_from(["draft", "draft", "draft", "reply"]))
    def answer(self, who: str, n: int, call: str) -> None:
        one = self.parts[n]
        writes = one.at in REACH[who] and who != "team"
        code = "ALREADY_REPLIED" if one.answered or one.draft else None
        done = self._do(who, call, id=one.id)
        if self._expect(done, code if writes else "NOT_FOUND"):
            one.texts += 1
            one.answered = call == "reply"
            one.draft = done["reply"]["id"] if call == "draft" else None

    @precondition(lambda self: any(one.draft for one in self.parts))
    @rule(who=WHO, call=st.sampled_from(["publish", "withdraw"]))
    def settle(self, who: str, call: str) -> None:
        one = next(one for one in self.parts if one.draft)
        writes = one.at in REACH[who] and who != "team"
        done = self._do(who, call, id=one.draft)
        if self._expect(done, None if writes else "NOT_FOUND"):
            one.answered, one.draft = call == "publish", None

    @invariant()
    def all_is_as_told(self) -> None:
        if hasattr(self, "parts"):
            self.run(self._compare())

    async def _compare(self) -> None:
        found = await ReviewStructure.filter(review=self.review).order_by("position")
        offices = {office.id: name for name, office in self.offices.items()}
        assert [(offices[one.office_id or 0], one.version, one.answered) for one in found] == [
            (one.at, one.version, one.answered) for one in self.parts
        ]
        assert len({one.at for one in self.parts}) == len(self.parts)
        for row, one, start in zip(found, self.parts, ("seat", "beside"), strict=True):
            place: Office = self.offices[one.at]
            assert (row.network_id, row.department_id) == (place.network_id, place.department_id)
            moves = await Move.filter(structure=row).order_by("id")
            went = [(offices[m.from_office_id or 0], offices[m.to_office_id or 0]) for m in moves]
            assert went == list(zip([start, *one.went], one.went, strict=False))
            assert await Transfer.filter(structure=row, state="open").count() == bool(one.asked)
            assert await Reply.filter(structure=row).count() == one.texts
            live = await Reply.filter(structure=row, withdrawn_at=None).count()
            assert live == (one.answered or one.draft is not None)
            written = ReplyVersion.filter(reply__structure=row, step="draft", body="Bonjour.")
            assert await written.count() == one.texts
        places = {one.at for one in self.parts}
        for who in ("clerk", "officer"):
            mine = await self.api.data(
                self.people[who],
                "query ($id: ID!) { review(id: $id) { id } }",
                id=of(self.review),
            )
            assert bool(mine["review"]) is bool(places & REACH[who])


async def test_no_order_of_steps_leads_a_review_where_it_must_not(api: Client) -> None:
    loop = asyncio.get_running_loop()
    steps = type("Here", (Steps,), {"api": api, "loop": loop})
    bounds = settings(
        max_examples=10,
        stateful_step_count=14,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, steps, settings=bounds)
