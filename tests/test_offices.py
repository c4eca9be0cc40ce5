from datetime import UTC, datetime
from math import acos, cos, radians, sin
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import ids
from models.account import Role
from models.office import Office
from tests import factories as make
from tests.client import Client

NAMES = "query ($where: OfficeFilter) { offices(where: $where) { nodes { name } } }"
DISTANCES = """query ($where: OfficeFilter, $after: String) {
  offices(where: $where, first: 2, after: $after) {
    nodes { id distanceKm } pageInfo { hasNextPage endCursor } } }"""


async def names(api: Client, **where: Any) -> list[str]:
    data = await api.data(await make.person(Role.ANALYST), NAMES, where=where)
    return [node["name"] for node in data["offices"]["nodes"]]


async def test_offices_come_by_name_whatever_their_accents(api: Client) -> None:
    for name in ("Évry", "Zuydcoote", "evian", "Eu"):
        await make.office(name=name)

    assert await names(api) == ["Eu", "evian", "Évry", "Zuydcoote"]


async def test_offices_are_found_by_network_type_department_and_region(api: Client) -> None:
    await make.office("caf", "69", name="Caf Rhône")
    await make.office("caf", "01", name="Caf Ain")
    await make.office("police", "75", name="Police Paris")

    assert await names(api, networks=["police"]) == ["Police Paris"]
    assert await names(api, types=["caf"], departments=["01", "75"]) == ["Caf Ain"]
    assert await names(api, regions=["84"]) == ["Caf Ain", "Caf Rhône"]


async def test_offices_are_found_by_the_beginnings_of_their_words(api: Client) -> None:
    await make.office(name="Brigade d'Ambérieu-en-Bugey")
    await make.office(name="Brigade de Belley")

    assert await names(api, text="amber BRIG") == ["Brigade d'Ambérieu-en-Bugey"]
    assert await names(api, text="erieu") == []
    assert await names(api, text="%") == ["Brigade d'Ambérieu-en-Bugey", "Brigade de Belley"]


async def test_closed_offices_are_shown_on_request_only(api: Client) -> None:
    closed = await make.office(name="Fermé")
    await Office.filter(id=closed.id).update(closed_at=datetime.now(UTC))

    assert await names(api) == []
    assert await names(api, includeClosed=True) == ["Fermé"]


def on_the_ground(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Kilometres between two places, by the spherical law of cosines."""
    (north, east), (to_north, to_east) = (map(radians, a), map(radians, b))
    cosine = sin(north) * sin(to_north) + cos(north) * cos(to_north) * cos(east - to_east)
    return 6371.0088 * acos(max(-1, min(1, cosine)))


PLACES = [
    (45.75, 4.85),
    (45.76, 4.86),
    (45.9, 5.2),
    (48.85, 2.35),
    (-13.28, -176.17),
    (-16.5, 179.9),
    (90.0, 0.0),
    (-21.0, 55.5),
]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(
    here=st.sampled_from(PLACES) | st.tuples(st.floats(-90, 90), st.floats(-180, 180)),
    km=st.sampled_from([1, 20, 120, 500]),
)
async def test_the_nearest_come_first_with_their_distance_on_all_of_the_globe(
    api: Client, here: tuple[float, float], km: float
) -> None:
    await Office.all().delete()
    offices = {(await make.office(place=place)).id: place for place in PLACES}
    near = {"latitude": here[0], "longitude": here[1], "km": km}
    person, got, after = await make.person(Role.ANALYST), [], None
    while True:
        data = await api.data(person, DISTANCES, where={"near": near}, after=after)
        got += data["offices"]["nodes"]
        after = data["offices"]["pageInfo"]["endCursor"]
        if not data["offices"]["pageInfo"]["hasNextPage"]:
            break

    expected = sorted((on_the_ground(here, place), key) for key, place in offices.items())
    within = [(distance, key) for distance, key in expected if distance <= km]
    assert [node["id"] for node in got] == [ids.encode("Office", key) for _, key in within]
    for node, (distance, _) in zip(got, within, strict=True):
        assert node["distanceKm"] == pytest.approx(distance, abs=0.2)


@pytest.mark.parametrize(
    "near",
    [
        {"latitude": 91, "longitude": 0, "km": 1},
        {"latitude": 0, "longitude": 181, "km": 1},
        {"latitude": 0, "longitude": 0, "km": 0},
        {"latitude": 0, "longitude": 0, "km": 501},
        {"latitude": 1e308, "longitude": 0, "km": 1},
    ],
)
async def test_a_circle_that_cannot_be_is_refused(api: Client, near: dict[str, float]) -> None:
    answer = await api.ask(await make.person(Role.ANALYST), NAMES, where={"near": near})

    assert answer["errors"][0]["extensions"]["code"] == "BAD_INPUT"
    assert answer["errors"][0]["extensions"]["field"][:2] == ["where", "near"]


async def test_an_office_tells_its_place_in_the_tree_and_its_source(api: Client) -> None:
    seat = await make.office(name="Siège")
    desk = await make.office(name="Guichet", parent=await make.office(name="Pôle", parent=seat))
    query = """query ($id: ID!) { office(id: $id) { name parent { name parent { name parent {
      name } } } file { name source licence } distanceKm } }"""

    data = await api.data(await make.person(Role.ANALYST), query, id=ids.encode("Office", desk.id))

    assert data["office"] == {
        "name": "Guichet",
        "parent": {"name": "Pôle", "parent": {"name": "Siège", "parent": None}},
        "file": {"name": "test.json", "source": "test", "licence": "test"},
        "distanceKm": None,
    }


async def test_the_viewer_sees_each_of_their_grants(api: Client) -> None:
    office = await make.office(name="Caf de Lyon")
    person = await make.person(Role.OFFICE_AGENT, office=office)
    await make.person(Role.VALIDATOR, network="police", department="2A", name=person)
    query = """{ viewer { label grants { role permissions network { code }
      department { name region { name } } office { name } } } }"""

    data = await api.data(person, query)

    rights = ["READ_AGGREGATES", "READ_VERBATIMS", "REPLY", "TRANSFER"]
    assert data["viewer"] == {
        "label": person,
        "grants": [
            {
                "role": "OFFICE_AGENT",
                "permissions": rights,
                "network": {"code": "caf"},
                "department": None,
                "office": {"name": "Caf de Lyon"},
            },
            {
                "role": "VALIDATOR",
                "permissions": ["READ_AGGREGATES", "READ_VERBATIMS", "VALIDATE"],
                "network": {"code": "police"},
                "department": {"name": "Corse-du-Sud", "region": {"name": "Corse"}},
                "office": None,
            },
        ],
    }


async def test_a_tree_is_followed_as_far_up_as_a_document_may_go(api: Client) -> None:
    office = None
    for level in range(13):
        office = await make.office(name=str(level), parent=office)
    assert office
    fields = "{ name department { region { name } }"
    query = f"query ($id: ID!) {{ office(id: $id) {fields} {f'parent {fields} ' * 12} {'}' * 13} }}"

    data = await api.data(
        await make.person(Role.ANALYST), query, id=ids.encode("Office", office.id)
    )

    names, found = [], data["office"]
    while found:
        names.append(found["name"])
        found = found.get("parent")
    assert names == [str(level) for level in reversed(range(13))]
