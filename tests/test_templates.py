"""Templates of replies: kept for a place, used at and below it."""

from typing import Any

import pytest

from models import ids
from models.account import Role
from models.reply import ReplyText
from models.review import Review, ReviewStructure
from models.template import ReplyTemplate, filled
from tests import factories as make
from tests.client import Client
from tests.test_moderation import change, codes

ANSWER = "{ template { id name version } userErrors { code field currentVersion } }"
CREATE = f"""mutation ($place: PlaceInput!, $name: String!, $body: String!, $greeting: String) {{
  done: replyTemplateCreate(place: $place, name: $name, body: $body, greeting: $greeting)
  {ANSWER} }}"""
UPDATE = f"""mutation ($id: ID!, $v: Int!, $body: String!) {{
  done: replyTemplateUpdate(id: $id, name: "Nouveau", body: $body, expectedVersion: $v)
  {ANSWER} }}"""
REMOVE = """mutation ($id: ID!, $v: Int!) { done: replyTemplateRemove(id: $id, expectedVersion: $v)
  { removedId userErrors { code field } } }"""
LIST = """query ($at: ID) { replyTemplates(structure: $at) {
  name rendered { greeting body signature } } }"""


def place(office: Any) -> dict[str, str]:
    return {"office": ids.encode("Office", office.id)}


async def structure(review: Review) -> str:
    return ids.encode("ReviewStructure", (await ReviewStructure.get(review=review)).id)


async def test_a_template_is_used_where_it_is_kept_and_below_only(api: Client) -> None:
    seat = await make.office()
    below, beside = await make.office(parent=seat), await make.office(department="75")
    agent = await make.person(Role.OFFICE_AGENT, network=None, office=below)
    police = await make.office("police")
    places: dict[str, dict[str, Any]] = {
        "network": {"network_id": seat.network_id},
        "department": {"network_id": seat.network_id, "department_id": "69"},
        "other department": {"network_id": seat.network_id, "department_id": "75"},
        "seat": {"network_id": seat.network_id, "office_id": seat.id},
        "here": {"network_id": seat.network_id, "office_id": below.id},
        "beside": {"network_id": seat.network_id, "office_id": beside.id},
        "police": {"network_id": police.network_id},
    }
    for name, its in places.items():
        await ReplyTemplate.add(name, ReplyText("x"), **its)
    mine, foreign = await make.review(below), await make.review(beside)

    found = await api.data(agent, LIST, at=await structure(mine))
    elsewhere = await api.data(agent, LIST, at=await structure(foreign))
    kept = await api.data(agent, LIST)

    names = [one["name"] for one in found["replyTemplates"]]
    assert names == ["department", "here", "network", "seat"]
    assert (elsewhere["replyTemplates"], kept["replyTemplates"]) == ([], [])


async def test_a_template_is_filled_in_for_a_review(api: Client) -> None:
    office = await make.office(name="Caf de Lyon")
    agent = await make.person(Role.OFFICE_AGENT, office=office)
    words = ReplyText(
        "« {reviewTitle} », dites-vous le {publishedOn} {.", "Bonjour {office},", "{network}"
    )
    await ReplyTemplate.add("Attente", words, network_id=office.network_id)
    review = await make.review(office, title="Trop {network}\nlong")

    data = await api.data(agent, LIST, at=await structure(review))

    assert data["replyTemplates"] == [
        {
            "name": "Attente",
            "rendered": {
                "greeting": "Bonjour Caf de Lyon,",
                "body": "« Trop {network} long », dites-vous le 01/01/2026 {.",
                "signature": "Caisse d'Allocations Familiales",
            },
        }
    ]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"body": "Bonjour {prenom}"}, "body"),
        ({"body": "{}"}, "body"),
        ({"greeting": "{Office}"}, "greeting"),
        ({"body": " "}, "body"),
        ({"name": "\t"}, "name"),
        ({"name": "x" * 256}, "name"),
    ],
)
async def test_what_is_no_template_is_refused(
    api: Client, given: dict[str, str], field: str
) -> None:
    office = await make.office()
    boss = await make.person(Role.OFFICE_MANAGER, office=office)

    told = {"name": "x", "body": "x", **given}
    done = await change(api, boss, CREATE, place=place(office), **told)

    assert [(one["code"], one["field"]) for one in done["userErrors"]] == [("BAD_INPUT", [field])]
    assert not await ReplyTemplate.exists()


async def test_a_template_is_kept_by_whoever_administers_its_place(api: Client) -> None:
    office = await make.office()
    boss = await make.person(Role.OFFICE_MANAGER, office=office)
    others = [
        await make.person(Role.OFFICE_AGENT, office=office),
        await make.person(Role.OFFICE_MANAGER, office=await make.office()),
        await make.person(Role.DEPARTMENT_MANAGER, network="caf", department="75"),
    ]
    told: dict[str, Any] = {"place": place(office), "name": "x", "body": "x"}

    done = await change(api, boss, CREATE, **told)
    own = done["template"]["id"]
    wide = await change(api, boss, CREATE, place={"network": "caf"}, name="x", body="x")
    created = [await change(api, who, CREATE, **told) for who in others]
    updated = [await change(api, who, UPDATE, id=own, v=1, body="y") for who in others]
    removed = [await change(api, who, REMOVE, id=own, v=1) for who in others]

    for one in (wide, *created, *updated, *removed):
        assert codes(one) == ["NOT_FOUND"]
    assert await ReplyTemplate.all().values_list("name", "body") == [("x", "x")]


async def test_a_template_changes_and_goes(api: Client) -> None:
    office = await make.office()
    boss = await make.person(Role.DEPARTMENT_MANAGER, network="caf", department="69")
    own = (await change(api, boss, CREATE, place=place(office), name="x", body="x"))["template"]

    done = await change(api, boss, UPDATE, id=own["id"], v=1, body="y")
    stale = await change(api, boss, UPDATE, id=own["id"], v=1, body="z")
    early = await change(api, boss, REMOVE, id=own["id"], v=1)
    gone = await change(api, boss, REMOVE, id=own["id"], v=2)

    assert done["template"] == {"id": own["id"], "name": "Nouveau", "version": 2}
    assert [one["currentVersion"] for one in stale["userErrors"]] == [2]
    assert codes(early) == ["STALE_VERSION"]
    assert gone == {"removedId": own["id"], "userErrors": []}
    assert not await ReplyTemplate.exists()


@pytest.mark.parametrize("at", [{}, {"network": "\x00"}, {"network": "caf", "department": "\x00"}])
async def test_a_template_is_of_some_place(api: Client, at: dict[str, str]) -> None:
    boss = await make.person(Role.NETWORK_MANAGER, network="caf")

    done = await change(api, boss, CREATE, place=at, name="x", body="x")

    assert codes(done) == ["BAD_INPUT"]


def test_what_fills_a_placeholder_is_not_looked_into() -> None:
    assert filled("{a} {b} {c}", {"a": "{b}", "b": "1"}) == "{b} 1 {c}"
