"""What is decided of submissions, by anyone in any order: as tests/oracle.py says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth import scope
from models.submission import Submission as SubmissionRow
from tests import oracle
from tests.client import Client
from tests.facts import Part, Question, Review, World
from tests.test_oracle import (
    AGENT,
    HOLDERS,
    IN_PART,
    NOWHERE,
    READER,
    Asker,
    bases,
    notices,
    opened,
    organisation,
    slowly,
)
from tests.worlds import HALF_DAYS, OVERSEER, VIEWER, settle, worlds

FIELDS = {
    "approve": "submissionApprove(id: {id}, expectedVersion: {version})",
    "reject": "submissionReject(id: {id}, reason: INSULT, expectedVersion: {version})",
    "unpublish": "submissionUnpublish(id: {id}, reason: INSULT, expectedVersion: {version})",
    "withdraw": "submissionWithdraw(id: {id}, expectedVersion: {version})",
}
BATCH = 8


@dataclass(frozen=True)
class Decision:
    step: str
    key: int
    version: int


def settled(world: World, deed: Decision) -> tuple[World, str | None]:
    """The world after a decision, and why it was not taken."""
    one = next((one for one in world.submissions if one.key == deed.key), None)
    if one is None:
        return world, "NOT_FOUND"
    code = oracle.undecided(world, VIEWER, one, deed.step, deed.version)
    if code:
        return world, code
    new = replace(one, state=oracle.MODERATION[deed.step][1], version=one.version + 1)
    reviews = tuple(review for review in world.reviews if review.key != -one.key)
    if deed.step == "approve":
        part = Part(0, one.place)
        reviews += (Review(-one.key, HALF_DAYS[0], "NEGATIVE", "attente", None, (part,)),)
    left = tuple(new if old is one else old for old in world.submissions)
    return replace(world, submissions=left, reviews=reviews), None


async def compare(asker: Asker, deeds: Sequence[Decision]) -> None:
    """Try deeds, several in a request; then count what is published, and look at the queue."""
    for at in range(0, len(deeds), BATCH):
        fields, codes = [], []
        for n, deed in enumerate(deeds[at : at + BATCH]):
            key = f'"{asker.id("Submission", deed.key)}"'
            step = FIELDS[deed.step].format(id=key, version=deed.version)
            fields.append(f"d{n}: {step} {{ userErrors {{ code }} }}")
            asker.world, code = settled(asker.world, deed)
            codes.append([code] if code else [])
        data = await asker.data(f"mutation {{ {' '.join(fields)} }}")
        told = [
            [error["code"] for error in data[f"d{n}"]["userErrors"]] for n in range(len(fields))
        ]
        assert told == codes, deeds[at : at + BATCH]
    world = asker.world
    base = world.base
    kept = {one.id - base: (one.state.value, one.version) for one in await SubmissionRow.all()}
    assert kept == {one.key: (one.state, one.version) for one in world.submissions}
    for who in (VIEWER, OVERSEER):
        said = await Asker(asker.api, world, who).data("{ reviews { totalCount } }")
        count = len(oracle.listed(world, who, Question()))
        assert said == {"reviews": {"totalCount": count}}


@st.composite
def attempts(draw: st.DrawFn) -> tuple[World, list[Decision]]:
    world = draw(worlds().filter(lambda world: world.submissions))
    keys = st.sampled_from([one.key for one in world.submissions] * 3 + [NOWHERE])
    decisions = st.builds(Decision, st.sampled_from(list(FIELDS)), keys, st.integers(1, 3))
    return world, draw(st.lists(decisions, min_size=4, max_size=16))


@slowly
@given(drawn=attempts())
async def test_submissions_are_decided_as_the_rules_say(api: Client, drawn: Any) -> None:
    world, deeds = drawn
    world = replace(world, base=next(bases))
    await settle(world)

    await compare(Asker(api, world, VIEWER), deeds)


async def compare_all(api: Client, holder: str) -> None:
    """Every step of every submission of the small organisation, and then once more."""
    world = organisation(*HOLDERS[holder])
    await settle(world)
    deeds = [
        Decision(step, one.key, version)
        for version in (1, 2)
        for one in world.submissions
        for step in FIELDS
    ]
    await compare(Asker(api, world, VIEWER), [*deeds, Decision("approve", NOWHERE, 1)])


@pytest.mark.parametrize("holder", ["a moderator", AGENT, IN_PART, READER])
async def test_who_may_decide_decides_and_nobody_else(api: Client, holder: str) -> None:
    await compare_all(api, holder)


FAULTS: dict[str, tuple[str, Any, str]] = {
    "anyone decides": ("auth.scope.moderated", opened(SubmissionRow), AGENT),
    "anyone takes back": ("auth.scope.brought", opened(SubmissionRow), AGENT),
    "a part of the country may be moderated": ("auth.scope.moderates", lambda _: True, IN_PART),
    "moderators take back what others brought in": (
        "auth.scope.brought",
        scope.moderated,
        "a moderator",
    ),
}


# On SQLite only: on PostgreSQL the wall hides some of these faults.
@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_the_oracle_sees_each_fault_in_moderation(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    unseen = []
    for fault, (path, planted, holder) in FAULTS.items():
        with monkeypatch.context() as gate:
            gate.setattr(path, planted)
            if not await notices(compare_all(api, holder)):
                unseen.append(fault)

    assert unseen == []
