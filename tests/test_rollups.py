"""Figures are those of a recount, whatever happened to what they count."""

import asyncio
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobs.rollup import fold_all
from models import rollup
from models.office import Office
from models.procedure import Procedure
from models.reply import Reply, ReplyState
from models.review import Review, ReviewStructure, Sentiment
from models.sql import Sql, database, fetch
from resolvers.review_rows import AXES
from settings import Settings
from tests import factories as make
from tests.client import beside
from tests.recount import kept, told
from tests.test_commands import ROOT, Environ, run
from tests.test_commands import environ as environ  # noqa: PLC0414  (a fixture)

NEGATIVE = Sentiment.NEGATIVE
SEEDS = range(4)
STEPS = 40


async def wrong() -> dict[int, int]:
    """The months of which a cell of any grain is not what a recount finds."""
    found = {month: await rollup.wrong(month) for month in await rollup.months()}
    return {month: cells for month, cells in found.items() if cells}


class Happenings:
    """Whatever may happen to a review, drawn by `chance`: by the service, or by hand."""

    def __init__(self, offices: list[Office], procedure: Procedure, chance: random.Random) -> None:
        self.offices, self.procedure, self.chance = offices, procedure, chance

    async def _one(self) -> ReviewStructure | None:
        return self.chance.choice([None, *await ReviewStructure.all().order_by("id")])

    async def told(self) -> None:
        """A review of one to three offices, at an hour at which days differ from UTC's."""
        offices = self.chance.sample(self.offices, self.chance.randint(1, 3))
        axes = {"relation": self.chance.choice([None, *Sentiment])}
        made = await make.review(
            *offices,
            sentiment=self.chance.choice(list(Sentiment)),
            day=self.chance.randint(0, 400),
            replied=self.chance.choice([None, 401, 500, 900]),
            **axes,
        )
        at = made.published_at.replace(hour=self.chance.choice([21, 22, 23]), minute=30)
        await ReviewStructure.filter(review=made).update(published_at=at)

    async def erased(self) -> None:
        """It vanishes with all that hangs on it."""
        if one := await self._one():
            await Review.filter(id=one.review_id).delete()

    async def moved(self) -> None:
        """To another office, or to a network without one."""
        if one := await self._one():
            to = self.chance.choice(self.offices)
            office = self.chance.choice([to.id, None])
            department = to.department_id if office else None
            await ReviewStructure.filter(id=one.id).update(
                network_id=to.network_id, office_id=office, department_id=department
            )

    async def answered(self) -> None:
        """A reply comes, or goes."""
        if one := await self._one():
            at = None if one.answered else one.published_at + timedelta(hours=30)
            await ReviewStructure.filter(id=one.id).update(answered=at is not None, replied_at=at)

    async def felt(self) -> None:
        """An import brings other tags, another feeling, another channel."""
        if one := await self._one():
            felt = self.chance.choice(list(Sentiment))
            await Review.filter(id=one.review_id).update(relation=felt)
            named = self.chance.choice([self.procedure.id, None])
            await Review.filter(id=one.review_id).update(procedure_id=named)
            await ReviewStructure.filter(id=one.id).update(sentiment=-felt, channels=5)

    async def corrected(self) -> None:
        """One thing alone, by hand."""
        if one := await self._one():
            later = one.published_at + timedelta(days=self.chance.randint(1, 99))
            changes: dict[str, Any] = {
                "published_at": later,
                "replied_at": later,
                "answered": not one.answered,
                "channels": self.chance.choice([0, 2, 6]),
                "sentiment": self.chance.choice(list(Sentiment)),
                "office_id": self.chance.choice(self.offices).id,
                "department_id": self.chance.choice(["69", None]),
            }
            name = self.chance.choice(list(changes))
            await ReviewStructure.filter(id=one.id).update(**{name: changes[name]})

    async def taken_out(self) -> None:
        """One structure is no longer concerned."""
        if one := await self._one():
            await Reply.filter(structure_id=one.id).delete()
            await ReviewStructure.filter(id=one.id).delete()

    async def folded(self) -> None:
        """Some of the deltas are added to their cells."""
        await rollup.fold(self.chance.randint(1, 9))

    async def happen(self) -> None:
        """One of them."""
        often = [self.told, self.corrected] * 2
        seldom = [self.erased, self.moved, self.answered, self.felt, self.taken_out, self.folded]
        await self.chance.choice([*often, *seldom])()


async def offices() -> list[Office]:
    return [
        await make.office(),
        await make.office("caf", "75"),
        await make.office("police", None),
        await make.office("police", "75"),
    ]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("seed", SEEDS)
async def test_figures_are_those_of_a_recount_whatever_happened(seed: int) -> None:
    chance = random.Random(seed)
    happenings = Happenings(await offices(), await make.procedure(), chance)

    for _ in range(STEPS):
        await happenings.happen()

    unfolded = await wrong()
    await fold_all()
    assert (unfolded, await wrong()) == ({}, {})
    assert await kept() == await told()
    assert (
        await fetch(Sql("SELECT 1 FROM rollup_delta UNION ALL SELECT 1 FROM rollup WHERE n = 0"))
        == []
    )


@pytest.mark.usefixtures("world")
async def test_each_thing_that_is_counted_is_counted_anew_when_it_alone_changes() -> None:
    office, other = await make.office(), await make.office("police", "75")
    later = make.START + timedelta(days=60)
    of_structure: dict[str, Any] = {
        "published_at": later,
        "replied_at": later + timedelta(days=3),
        "channels": 6,
        "sentiment": Sentiment.POSITIVE,
        "office_id": other.id,
        "department_id": "75",
        "network_id": other.network_id,
        "answered": False,
    }
    of_review: dict[str, Any] = dict.fromkeys(AXES.values(), Sentiment.POSITIVE)
    of_review["procedure_id"] = (await make.procedure()).id
    review = await make.review(office, replied=9, relation=NEGATIVE, simplicity=NEGATIVE)

    found = {}
    for changes, rows in (
        (of_structure, ReviewStructure.filter(review=review)),
        (of_review, Review.filter(id=review.id)),
    ):
        for name, value in changes.items():
            await rows.update(**{name: value})
            found[name] = await wrong()

    assert found == {name: {} for name in (*of_structure, *of_review)}


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("moment", "month"),
    [
        ("2026-03-31T21:59:59", 202603),  # 23:59:59, summer
        ("2026-03-31T22:00:00", 202604),
        ("2025-12-31T22:59:59", 202512),  # 23:59:59, winter
        ("2025-12-31T23:00:00", 202601),
        ("2026-10-31T22:59:59", 202610),  # winter again
        ("2026-10-31T23:00:00", 202611),
    ],
)
async def test_months_begin_at_midnight_in_paris(moment: str, month: int) -> None:
    review = await make.review(await make.office())
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)

    await ReviewStructure.filter(review=review).update(published_at=at)
    await fold_all()

    assert [tuple(row) for row in await fetch(Sql("SELECT DISTINCT month FROM rollup"))] == [
        (month,)
    ]


@pytest.mark.usefixtures("world")
async def test_what_is_not_published_is_in_no_figure() -> None:
    office = await make.office()
    await make.submission(office)
    await make.accepted(await make.report(office=office))
    structure = await ReviewStructure.get(review=await make.review(office))
    await Reply.create(structure=structure, body="Brouillon.", state=ReplyState.DRAFT)

    await fold_all()

    rows = await fetch(Sql("SELECT level, n, negative, answered, delay FROM rollup ORDER BY level"))
    assert [tuple(row) for row in rows] == [(level, 1, 1, 0, 0) for level in rollup.Level]


@pytest.mark.usefixtures("world")
async def test_what_is_wrong_is_found_and_mended() -> None:
    made = [await make.review(await make.office(), day=day) for day in (0, 40)]
    await fold_all()
    text = "UPDATE rollup SET positive = positive + 1 WHERE month = 202602 AND level = ?"

    await fetch(Sql(text, (rollup.Level.MONTH.value,)))
    before = await wrong()
    await rollup.recount(202602)

    assert (len(made), before, await wrong()) == (2, {202602: 1}, {})


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("lost", ["rollup", "rollup_delta"])
async def test_a_month_is_found_of_which_all_was_lost(lost: str) -> None:
    await make.review(await make.office())
    if lost == "rollup":
        await fold_all()

    await fetch(Sql(f"DELETE FROM {lost}"))

    assert await wrong() == {202601: len(rollup.Level)}


@pytest.mark.usefixtures("world")
async def test_a_month_is_found_of_which_nothing_was_told() -> None:
    await make.review(await make.office())
    await fold_all()

    await fetch(Sql("UPDATE rollup SET month = 203001"))

    assert await wrong() == dict.fromkeys((202601, 203001), len(rollup.Level))


@pytest.mark.usefixtures("world")
async def test_what_is_told_at_the_same_time_waits_for_nobody_and_is_not_lost() -> None:
    """A month is counted anew while its deltas are still to be folded."""
    office = await make.office()
    await make.review(office)
    await rollup.recount(202601)
    await make.review(office)
    await fold_all()

    rows = await fetch(Sql("SELECT n FROM rollup WHERE level = 1"))
    assert [row[0] for row in rows] == [2]
    assert await wrong() == {}


@pytest.mark.usefixtures("world")
async def test_the_version_is_another_after_each_change_and_fold() -> None:
    office, seen = await make.office(), [await rollup.version()]

    for _ in range(3):
        await make.review(office)
        seen.append(await rollup.version())
        await fold_all()
        seen.append(await rollup.version())

    assert len(set(seen)) == len(seen)
    assert seen == sorted(seen)


@pytest.mark.usefixtures("api")
async def test_a_process_that_serves_folds_by_itself(config: Settings) -> None:
    async with beside(config):
        await make.review(await make.office())
        async with asyncio.timeout(20):
            while not await fetch(Sql("SELECT 1 FROM rollup")):
                await asyncio.sleep(0.05)

        assert await wrong() == {}


KILLED = """
import asyncio, sys
from itertools import count
from jobs.rollup import keep_folding
from models import rollup
from models.sql import database
from settings import settings
from tests import factories as make

async def main():
    make._numbers = count(int(sys.argv[1]))
    async with database(settings().tortoise(system=True)):
        office = await make.office()
        folding = asyncio.create_task(keep_folding())
        while True:
            review = await make.review(office, replied=3)
            if review.id % 3 == 0:
                await review.delete()
            await rollup.fold(3)
            print("told", flush=True)

asyncio.run(main())
"""


def killed_after(environ: Environ, reviews: int, first: int) -> None:
    """A process that tells and folds in a hurry, killed in the middle of the review after."""
    command = [sys.executable, "-c", KILLED, str(first)]
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE) as process:
        assert process.stdout
        for _ in range(reviews):
            process.stdout.readline()
        process.kill()


async def test_figures_are_right_after_a_kill_in_the_middle(
    environ: Environ, config: Settings
) -> None:
    for first in (1_000_000, 2_000_000, 3_000_000):
        killed_after(environ, 5, first)

    code, _, said = run(environ, "jobs", "rollup-verify")

    assert (code, "0 cells wrong" in said) == (0, True), said
    async with database(config.tortoise(system=True)):
        assert (await fetch(Sql("SELECT count(*) FROM review_structure")))[0][0] >= 9


CRASHING = """
import asyncio, os, sys
from models import rollup
from models.sql import database
from settings import settings

async def main():
    fetch, left = rollup.fetch, int(sys.argv[1])

    async def last(statement):
        nonlocal left
        left -= 1
        return await fetch(statement) if left >= 0 else os._exit(9)

    rollup.fetch = last
    async with database(settings().tortoise(system=True)):
        await rollup.fold(100)

asyncio.run(main())
"""


async def test_a_fold_that_dies_between_two_statements_changed_nothing(
    environ: Environ, config: Settings
) -> None:
    """After one level was added to, after all of them, and after the deltas were deleted."""
    async with database(config.tortoise(system=True)):
        for _ in range(3):
            await make.review(await make.office(), replied=3)
        for statements in (2, 6, 7):
            command = [sys.executable, "-c", CRASHING, str(statements)]
            ended = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, env=environ)

            assert ended.returncode == 9
            assert await wrong() == {}
            assert await fetch(Sql("SELECT 1 FROM rollup")) == []


async def test_the_command_says_what_is_wrong_and_mends_it(
    environ: Environ, config: Settings
) -> None:
    async with database(config.tortoise(system=True)):
        await make.review(await make.office())
        await fold_all()
        await fetch(Sql("UPDATE rollup SET positive = 1"))

    ends = [run(environ, "jobs", "rollup-verify", *more) for more in ([], ["--repair"], [])]

    assert [code for code, _, _ in ends] == [1, 0, 0]
    assert "202601: 5 cells are wrong" in ends[0][2]
