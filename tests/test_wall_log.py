"""Row level security of what is followed: events, webhooks, tasks."""

from typing import Any

import pytest
from tortoise.transactions import in_transaction

from auth import scope
from auth.accounts import held_by
from models.account import Account, Role
from models.audit import AuditEntry, Deed, Doer, Place
from models.event import Event
from models.sql import Sql, database, fetch
from models.task import Task
from models.wall import behind
from settings import Settings
from tests import factories as make

pytestmark = pytest.mark.parametrize("databases", ["postgres"], indirect=True)
WALLED = ("event", "webhook_endpoint", "webhook_delivery", "task")


async def counted() -> dict[str, Any]:
    """How many rows of each table are found by a query that asks for all."""
    return {table: (await fetch(Sql(f"SELECT count(*) FROM {table}")))[0][0] for table in WALLED}


async def test_a_query_that_forgot_the_gate_finds_what_the_viewer_may_see_and_no_more(
    config: Settings,
) -> None:
    async with database(config.tortoise(system=True)):
        mine, foreign = await make.office(), await make.office("police")
        for office in (mine, foreign):
            await (await make.webhook(office)).try_out()
            place = Place(office.network_id, office.department_id, office.id)
            deeds = [Deed("review.published", "x", place)]
            async with in_transaction():
                await Event.add(await AuditEntry.add(deeds[0], Doer(None, "test")), deeds)
        await Task.ask("try", 1)
        people = {
            Role.OFFICE_MANAGER: await make.person(Role.OFFICE_MANAGER, office=mine),
            Role.READER: await make.person(Role.READER, office=foreign),
            Role.ADMINISTRATOR: await make.person(Role.ADMINISTRATOR),
        }
        viewers = {
            role: await held_by(await Account.get(subject=name)) for role, name in people.items()
        }
    async with database(config.tortoise()):
        without = await counted()
        within = {}
        for role, viewer in viewers.items():
            async with behind(scope.reach(viewer)):
                within[role] = list((await counted()).values())

    assert without == dict.fromkeys(WALLED, 0)
    assert within == {
        Role.OFFICE_MANAGER: [1, 1, 1, 0],
        Role.READER: [1, 0, 0, 0],
        Role.ADMINISTRATOR: [0, 2, 2, 1],
    }


@pytest.mark.parametrize("statement", ["DELETE FROM event", "UPDATE event SET facts = ''"])
async def test_the_log_is_neither_changed_nor_cut_by_the_service(
    config: Settings, statement: str
) -> None:
    async with database(config.tortoise(system=True)):
        deeds = [Deed("review.published", "x", Place())]
        async with in_transaction():
            await Event.add(await AuditEntry.add(deeds[0], Doer(None, "test")), deeds)
        boss = await make.person(Role.NETWORK_MANAGER, network="caf")
        viewer = await held_by(await Account.get(subject=boss))
    async with database(config.tortoise()), behind(scope.reach(viewer), change=True):
        await fetch(Sql(statement))
    async with database(config.tortoise(system=True)):
        assert await Event.filter(facts="{}").count() == 1
