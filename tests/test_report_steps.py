"""Any steps of a document report, in any order, by anybody: what happens is what the rules say."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from models.account import Role
from models.event import Event
from models.report import DocumentReport
from tests import factories as make
from tests.client import Client, asking
from tests.servers import Databases
from tests.test_moderation import change
from tests.test_reports import ACCEPT, ACKNOWLEDGE, BEGIN, DECLINE, REJECT, REWRITE, WITHDRAW, key

# The rules once more, by hand.
WAYS = {
    "accept": {"SUBMITTED": "ACCEPTED"},
    "reject": {"SUBMITTED": "REJECTED"},
    "acknowledge": {"ACCEPTED": "ACKNOWLEDGED"},
    "begin_rewriting": {"ACKNOWLEDGED": "BEING_REWRITTEN"},
    "rewrite": {"BEING_REWRITTEN": "REWRITTEN"},
    "decline": dict.fromkeys(("ACCEPTED", "ACKNOWLEDGED", "BEING_REWRITTEN"), "DECLINED"),
    "withdraw": dict.fromkeys(
        ("SUBMITTED", "ACCEPTED", "ACKNOWLEDGED", "BEING_REWRITTEN", "REWRITTEN", "DECLINED"),
        "WITHDRAWN",
    ),
}
READ = {"ACCEPTED", "ACKNOWLEDGED", "BEING_REWRITTEN", "REWRITTEN", "DECLINED"}
WORK = {"acknowledge", "begin_rewriting", "rewrite", "decline"}
TEAM = {"accept", "reject"}
MAY = {
    "team": TEAM,
    "agent": WORK,
    "manager": WORK,
    "machine": {"withdraw"},
    "reader": set[str](),
    "stranger": set[str](),
}
ASKED = {
    "accept": (ACCEPT, {}),
    "reject": (REJECT, {}),
    "acknowledge": (ACKNOWLEDGE, {}),
    "begin_rewriting": (BEGIN, {}),
    "rewrite": (REWRITE, {"after": "Payez."}),
    "decline": (DECLINE, {"reason": "La loi l'exige."}),
    "withdraw": (WITHDRAW, {}),
}
SEEN = """query ($id: ID!) { node(id: $id) { ... on DocumentReport { state version after passage } }
  reportHistory(id: $id) { version step state } }"""


async def events_of(report: DocumentReport) -> list[str]:
    """What others were told of a report, in order."""
    return [one.type for one in await Event.filter(subject=key(report)).order_by("id")]


class World:
    """The service, with one person of each kind; reports are made anew for each try."""

    def __init__(self, databases: Databases) -> None:
        self.runner, self.stack = asyncio.Runner(), AsyncExitStack()
        self.run(self._open(databases))

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    async def _open(self, databases: Databases) -> None:
        config = databases.settings(await databases.copy(make.nothing))
        self.api: Client = await self.stack.enter_async_context(asking(config))
        self.office = await make.office()
        self.people = {
            "team": await make.person(Role.MODERATOR),
            "agent": await make.person(Role.OFFICE_AGENT, office=self.office),
            "manager": await make.person(Role.NETWORK_MANAGER, network="caf"),
            "machine": await make.person(Role.SERVICE, rights="intake"),
            "reader": await make.person(Role.READER, network="caf"),
            "stranger": await make.person(Role.NETWORK_MANAGER, network="police"),
        }

    def close(self) -> None:
        self.run(self.stack.aclose())
        self.runner.close()


class Steps(RuleBasedStateMachine):
    """A report and what it must be by the rules."""

    world: World

    @initialize()
    def bring(self) -> None:
        make_it = make.report(by=self.world.people["machine"], office=self.world.office)
        self.report: DocumentReport = self.world.run(make_it)
        self.state, self.history = "SUBMITTED", [(1, "bring", "SUBMITTED")]

    @rule(
        who=some.sampled_from(sorted(MAY)),
        step=some.sampled_from(sorted(WAYS)),
        stale=some.sampled_from((0, 0, 0, 1)),
    )
    def anybody_tries(self, who: str, step: str, stale: int) -> None:
        self._try(who, step, stale)

    @rule(step=some.sampled_from(sorted(WAYS)))
    def whoever_may_goes_on(self, step: str) -> None:
        self._try(next(who for who, steps in MAY.items() if step in steps), step, 0)

    def _try(self, who: str, step: str, stale: int) -> None:
        version = len(self.history)
        query, more = ASKED[step]
        given = {"id": key(self.report), "v": version - stale, **more}
        asked = change(self.world.api, self.world.people[who], query, **given)
        done = self.world.run(asked)
        found = step in MAY[who] and (step not in WORK or self.state in READ)
        expected = [] if self.state in WAYS[step] else ["ILLEGAL_STEP"]
        expected = ["STALE_VERSION"] if stale else expected
        codes = [error["code"] for error in done["userErrors"]]
        assert codes == (expected if found else ["NOT_FOUND"])
        if not codes:
            self.state = WAYS[step][self.state]
            self.history.append((version + 1, step, self.state))

    @invariant()
    def it_is_what_the_rules_say_and_its_history_is_whole(self) -> None:
        for who in ("team", "reader", "stranger"):
            person = self.world.people[who]
            seen = self.world.run(self.world.api.data(person, SEEN, id=key(self.report)))
            reads = who == "team" or (who == "reader" and self.state in READ)
            assert (seen["node"] is not None) == reads
            if not reads:
                assert seen["reportHistory"] == []
                continue
            steps = [tuple(one.values()) for one in seen["reportHistory"]]
            assert steps == self.history
            assert (seen["node"]["state"], seen["node"]["version"]) == (self.state, len(steps))
            assert (seen["node"]["after"] == "Payez.") == (self.state == "REWRITTEN"), (
                "what was rewritten is kept"
            )
            assert (seen["node"]["passage"] == "") == (self.state == "WITHDRAWN")

    def teardown(self) -> None:
        """Others were told of each step that concerned them, in order."""
        told = self.world.run(events_of(self.report))
        names = {"accept": "accepted", "acknowledge": "acknowledged", "rewrite": "rewritten"}
        names |= {"begin_rewriting": "rewriting", "decline": "declined", "withdraw": "withdrawn"}
        public = [step for _, step, _ in self.history if step in names]
        if public == ["withdraw"]:  # nobody else had seen it
            public = []
        assert told == [f"report.{names[step]}" for step in public]


def test_any_steps_by_anybody_leave_a_report_as_the_rules_say(databases: Databases) -> None:
    Steps.world = World(databases)
    bounds = settings(
        max_examples=12,
        stateful_step_count=10,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(Steps, settings=bounds)
    finally:
        Steps.world.close()
