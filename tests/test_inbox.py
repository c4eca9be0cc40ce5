from datetime import timedelta
from typing import Any

import pytest

from models import ids
from models.account import Role
from models.review import Channel, ReviewStructure, Sentiment
from tests import factories as make
from tests.client import Client

TITLES = "query ($where: ReviewFilter) { reviews(where: $where) { nodes { title } } }"


async def titles(api: Client, person: str, **where: Any) -> list[str]:
    data = await api.data(person, TITLES, where=where)
    return [node["title"] for node in data["reviews"]["nodes"]]


async def network_manager() -> str:
    return await make.person(Role.NETWORK_MANAGER, network="caf")


async def test_the_newest_review_comes_first(api: Client) -> None:
    lyon = await make.office()
    for day in (2, 1, 3):
        await make.review(lyon, title=f"jour {day}", day=day)

    assert await titles(api, await network_manager()) == ["jour 3", "jour 2", "jour 1"]


async def test_an_office_stands_for_itself_and_those_below_at_any_depth(api: Client) -> None:
    seat = await make.office()
    desk = await make.office(parent=seat)
    annex = await make.office(parent=desk)
    for day, office in enumerate((seat, desk, annex, await make.office())):
        await make.review(office, title=str(day), day=day)

    found = await titles(api, await network_manager(), offices=[ids.encode("Office", seat.id)])

    assert found == ["2", "1", "0"]


async def test_reviews_are_found_by_the_department_of_the_structure(api: Client) -> None:
    await make.review(await make.office(department="69"), title="Rhône")
    await make.review(await make.office(department="2A"), title="Corse")

    assert await titles(api, await network_manager(), departments=["2A"]) == ["Corse"]


async def test_reviews_are_found_by_sentiment(api: Client) -> None:
    lyon = await make.office()
    for sentiment in Sentiment:
        await make.review(lyon, title=sentiment.name, sentiment=sentiment)

    found = await titles(api, await network_manager(), sentiments=["NEUTRAL", "NEGATIVE"])

    assert sorted(found) == ["NEGATIVE", "NEUTRAL"]


async def test_reviews_are_found_by_what_they_say_on_a_tag(api: Client) -> None:
    lyon, manager = await make.office(), await network_manager()
    await make.review(lyon, title="long", responsiveness=Sentiment.NEGATIVE)
    await make.review(lyon, title="rapide", responsiveness=Sentiment.POSITIVE)
    await make.review(lyon, title="muet")
    negative = [{"axis": "RESPONSIVENESS", "polarity": "NEGATIVE"}]
    anything = [{"axis": "RESPONSIVENESS"}]

    assert await titles(api, manager, axes=negative) == ["long"]
    assert sorted(await titles(api, manager, axes=anything)) == ["long", "rapide"]


async def test_reviews_are_found_by_channel(api: Client) -> None:
    lyon = await make.office()
    for title, channels in (("a", Channel.PHONE), ("b", Channel.PHONE + Channel.APP), ("c", 0)):
        made = await make.review(lyon, title=title)
        await ReviewStructure.filter(review=made).update(channels=channels)

    found = await titles(api, await network_manager(), channels=["APP", "COUNTER"])

    assert found == ["b"]


async def test_reviews_are_found_by_whether_they_are_answered(api: Client) -> None:
    lyon, manager = await make.office(), await network_manager()
    await make.review(lyon, title="répondu", replied=2)
    await make.review(lyon, title="en attente")

    assert await titles(api, manager, answered=True) == ["répondu"]
    assert await titles(api, manager, answered=False) == ["en attente"]


async def test_conditions_on_structures_are_met_by_one_same_structure(api: Client) -> None:
    caf, other = await make.office(department="69"), await make.office(department="01")
    shared = await make.review(caf, other, title="partagé")
    await ReviewStructure.filter(review=shared, position=1).update(answered=True)
    manager = await network_manager()

    assert await titles(api, manager, departments=["69"], answered=True) == ["partagé"]
    assert await titles(api, manager, departments=["01"], answered=True) == []


async def test_a_review_that_two_structures_in_scope_share_comes_once(api: Client) -> None:
    await make.review(await make.office(), await make.office(), await make.office(), title="un")
    query = "{ reviews { totalCount nodes { title } } }"

    data = await api.data(await network_manager(), query)

    assert data == {"reviews": {"totalCount": 1, "nodes": [{"title": "un"}]}}


async def test_days_are_those_of_paris(api: Client) -> None:
    lyon, manager = await make.office(), await network_manager()
    late = await make.review(lyon, title="23 h 30 à Paris")
    late.published_at = make.START.replace(hour=22, minute=30)
    after = await make.review(lyon, title="minuit à Paris")
    after.published_at = late.published_at + timedelta(minutes=30)
    for review in (late, after):
        await ReviewStructure.filter(review=review).update(published_at=review.published_at)

    assert await titles(api, manager, publishedTo="2026-01-01") == ["23 h 30 à Paris"]
    assert await titles(api, manager, publishedFrom="2026-01-02") == ["minuit à Paris"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("delai", ["délais"]),
        ("DÉLAIS d'attente", ["délais"]),
        ("l'agent accueillant", ["agents"]),
        ("délai agent", []),
    ],
)
async def test_words_are_found_whatever_their_accents_case_or_ending(
    api: Client, words: str, found: list[str]
) -> None:
    lyon = await make.office()
    await make.review(lyon, title="délais", text="Les délais d'attente sont longs.")
    await make.review(lyon, title="agents", text="Des agents accueillants.")

    assert await titles(api, await network_manager(), text=words) == found


async def test_a_review_is_shown_whole_with_each_of_its_structures(api: Client) -> None:
    caf = await make.office(name="Caf de Lyon")
    police = await make.office("police", name="Commissariat de Lyon")
    made = await make.review(
        caf, police, title="Deux guichets", simplicity=Sentiment.NEGATIVE, postal_code="69003"
    )
    await ReviewStructure.filter(review=made, position=2).update(channels=3)
    query = """{ reviews { nodes { id title description sentiment publishedAt writtenOn postalCode
        axes { simplicity relation } structures { position channels answered repliedAt
        network { code level } office { name department { name region { name } } } reply { body }
    } } } }"""

    data = await api.data(await make.person(Role.OFFICE_AGENT, office=caf), query)

    rhone = {"name": "Rhône", "region": {"name": "Auvergne-Rhône-Alpes"}}
    common = {"answered": False, "repliedAt": None, "reply": None}
    assert data["reviews"]["nodes"] == [
        {
            "id": ids.encode("Review", made.id),
            "title": "Deux guichets",
            "description": "Trop longue.",
            "sentiment": "NEGATIVE",
            "publishedAt": "2026-01-01T11:00:00+00:00",
            "writtenOn": None,
            "postalCode": "69003",
            "axes": {"simplicity": "NEGATIVE", "relation": None},
            "structures": [
                {
                    "position": 1,
                    "channels": ["COUNTER"],
                    "network": {"code": "caf", "level": "DEPARTMENT"},
                    "office": {"name": "Caf de Lyon", "department": rhone},
                    **common,
                },
                {
                    "position": 2,
                    "channels": ["COUNTER", "PHONE"],
                    "network": {"code": "police", "level": "SITE"},
                    "office": {"name": "Commissariat de Lyon", "department": rhone},
                    **common,
                },
            ],
        }
    ]


@pytest.mark.parametrize(
    ("where", "field"),
    [
        ({"networks": ["nope"]}, ["where", "networks"]),
        ({"departments": ["99"]}, ["where", "departments"]),
        ({"offices": ["nope"]}, ["where", "offices"]),
        ({"offices": [ids.encode("Review", 1)]}, ["where", "offices"]),
        ({"text": "l'à !"}, ["where", "text"]),
        ({"text": "mot " * 101}, ["where", "text"]),
        ({"axes": [{"axis": "RELATION"}] * 101}, ["where", "axes"]),
        ({"publishedTo": "9999-12-31"}, ["where", "publishedTo"]),
    ],
)
async def test_a_condition_that_cannot_be_right_is_named(
    api: Client, where: dict[str, Any], field: list[str]
) -> None:
    answer = await api.ask(await network_manager(), TITLES, where=where)

    assert answer["errors"][0]["extensions"]["field"] == field
    assert answer["errors"][0]["extensions"]["code"] in {"BAD_INPUT", "BAD_ID"}
