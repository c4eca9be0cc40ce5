"""When PostgreSQL plans: once for all, or for the arguments that say how many rows are met."""

import pytest

from auth import scope
from auth.accounts import held_by
from models.account import Account, Role
from models.sql import Sql, database, fetch
from models.wall import behind
from resolvers.page import Page, connect
from resolvers.review_rows import REVIEW
from resolvers.reviews import ORDERS, ReviewOrderField
from resolvers.selection import NOTHING, Selection
from settings import Settings
from tests import factories as make

TIMES = 10
"""A plan for all is made once PostgreSQL has seen five for the arguments at hand."""


@pytest.mark.parametrize("databases", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    ("met", "once"),
    [
        (Sql("s.network_id = ?", (1,)), True),
        (Sql("s.network_id IN ??", ([1],)), True),
        (Sql("s.network_id IN ??", ([1, 2],)), False),
        (Sql("s.network_id = ?", (1,), skewed=True), False),
    ],
    ids=["a value", "a list of one", "a list", "skewed"],
)
async def test_a_page_is_planned_once_unless_its_arguments_say_how_many_rows_meet_it(
    config: Settings, met: Sql, once: bool
) -> None:
    async with database(config.tortoise(system=True)):
        await make.review(await make.office())
        person = await make.person(Role.NETWORK_MANAGER, network="caf")
        viewer = await held_by(await Account.get(subject=person))
    scoped = scope.reviews(viewer).narrow(parts=[met])
    wanted = Selection({"nodes": Selection({"title": NOTHING})})

    async with database(config.tortoise()), behind(scope.reach(viewer)):
        for _ in range(TIMES):
            newest = ORDERS[ReviewOrderField.PUBLISHED_AT]
            await connect(REVIEW, scoped, wanted, newest, Page(first=20))
        text = "SELECT generic_plans FROM pg_prepared_statements WHERE statement LIKE '%LIMIT 21'"
        ((planned,),) = await fetch(Sql(text))

    assert (planned > 0) is once
