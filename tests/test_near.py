"""Offices near a place, with figures by which small and large ones may fairly be compared."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from models.account import Role
from models.figures import Peers, Prior
from models.office import Office
from models.paris import PARIS
from models.review import ReviewStructure, Sentiment
from tests import factories as make
from tests.client import Client

NEAR = "{near: {latitude: 45.75, longitude: 4.85, km: 50}}"
FIGURES = "satisfaction { count rate { value low high } shrunkRate peerRate peerWeight }"


async def told(office: Office, positive: int, negative: int) -> None:
    """So many reviews of a month ago."""
    at = datetime.now(PARIS) - timedelta(days=30)
    for number in range(positive + negative):
        sentiment = Sentiment.POSITIVE if number < positive else Sentiment.NEGATIVE
        await make.review(office, sentiment=sentiment)
    await ReviewStructure.filter(office=office).update(published_at=at)


async def near(api: Client, person: str) -> list[dict[str, Any]]:
    query = f"{{ offices(where: {NEAR}) {{ nodes {{ name distanceKm {FIGURES} }} }} }}"
    nodes: list[dict[str, Any]] = (await api.data(person, query))["offices"]["nodes"]
    return nodes


async def test_of_three_reviews_the_rate_says_little_and_is_drawn_to_that_of_the_peers(
    api: Client,
) -> None:
    small = await make.office(name="Petit", place=(45.76, 4.85))
    large = await make.office(name="Grand", place=(45.80, 4.85))
    silent = await make.office(name="Muet", place=(45.85, 4.85))
    await told(small, 3, 0)
    await told(large, 60, 40)
    manager = await make.person(Role.NETWORK_MANAGER, network="caf")

    first, second, third = await near(api, manager)

    own = first["satisfaction"]
    assert [one["name"] for one in (first, second, third)] == ["Petit", "Grand", silent.name]
    assert (own["count"], own["rate"]["value"], round(own["rate"]["low"], 4)) == (3, 1.0, 0.4385)
    assert round(own["peerRate"], 4) == round(63 / 103, 4)
    weight = own["peerWeight"]
    assert own["shrunkRate"] == pytest.approx((3 + weight * 63 / 103) / (3 + weight))
    assert second["satisfaction"]["shrunkRate"] == pytest.approx(
        (60 + weight * 63 / 103) / (100 + weight)
    )
    assert third["satisfaction"]["rate"] is None
    assert third["satisfaction"]["shrunkRate"] == pytest.approx(63 / 103)


async def test_figures_are_for_those_who_may_count_them(api: Client) -> None:
    own, other = await make.office(name="A"), await make.office(name="B")
    police = await make.office("police", name="C")
    for office in (own, other, police):
        await told(office, 1, 0)
    agent = await make.person(Role.OFFICE_AGENT, office=own)
    machine = await make.person(Role.SERVICE, office=own, rights="intake")
    analyst = await make.person(Role.ANALYST)

    seen = {
        who: {one["name"] for one in await near(api, who) if one["satisfaction"]}
        for who in (agent, machine, analyst)
    }

    assert seen == {agent: {"A"}, machine: set(), analyst: {"A", "B", "C"}}


async def test_one_office_has_its_figures_too(api: Client) -> None:
    office = await make.office()
    await told(office, 1, 1)
    analyst = await make.person(Role.ANALYST)
    listed = "{ offices { nodes { id satisfaction { count } } } }"
    (node,) = (await api.data(analyst, listed))["offices"]["nodes"]

    query = "query ($id: ID!) { office(id: $id) { satisfaction { count from to } } }"
    found = (await api.data(analyst, query, id=node["id"]))["office"]["satisfaction"]

    yesterday = datetime.now(PARIS).date() - timedelta(days=1)
    first = yesterday - timedelta(days=364)
    assert node["satisfaction"] == {"count": 2}
    assert found == {"count": 2, "from": str(first), "to": str(yesterday)}


@pytest.mark.parametrize(
    ("offices", "weight"),
    [
        ([(5, 10)] * 20, 200.0),  # no office differs from the others
        ([(10, 10), (0, 10)] * 10, 1.0),  # they could not differ more
        ([(3, 3)], 200.0),
        # 6 and 4 of 10, by hand: 0.2 observed, 0.25 by chance
        ([(6, 10), (4, 10)], 200.0),
        # 80 and 20 of 100: S = 18, spread 0.25, (18 - 0.25) / (200 - 100 - 1) = 0.1793
        ([(80, 100), (20, 100)], 0.25 / (17.75 / 99) - 1),
    ],
)
def test_the_more_offices_differ_the_less_their_peers_weigh(
    offices: list[tuple[int, int]], weight: float
) -> None:
    prior = Prior.fitted(
        Peers(
            len(offices),
            sum(n for _, n in offices),
            sum(k for k, _ in offices),
            sum(n * n for _, n in offices),
            sum(k * k / n for k, n in offices),
        )
    )

    assert prior
    assert prior.weight == pytest.approx(max(1.0, weight))
