"""What explains negative reviews, compared with the networks they are of."""

from typing import Any

import pytest

from jobs.rollup import fold_all
from models.account import Role
from models.review import Sentiment
from models.words import telling
from settings import Settings
from tests import factories as make
from tests.client import Client, beside
from tests.test_statistics import JANUARY, rounded, told

NEGATIVE = Sentiment.NEGATIVE
CAUSE = "count negative expected excess significant share { value }"


async def hurts(api: Client, person: str, selection: str, more: str = "") -> Any:
    query = f"{{ whatHurts(period: {JANUARY} {more}) {{ {selection} }} }}"
    return rounded((await api.data(person, query))["whatHurts"])


async def test_offices_axes_and_procedures_are_compared_with_their_network(
    api: Client, config: Settings
) -> None:
    bad, good = await make.office(name="Mauvais"), await make.office(name="Bon")
    card = await make.procedure(name="Carte grise")
    await told(bad, 10, 0, 30, relation=NEGATIVE, procedure=card)
    await told(good, 50, 0, 10)
    async with beside(config):
        await fold_all()
    manager = await make.person(Role.OFFICE_MANAGER, office=bad)

    found = await hurts(
        api,
        manager,
        f"count negative axes {{ axis {CAUSE} }} offices {{ office {{ name }} {CAUSE} }}"
        f" procedures {{ procedure {{ name }} {CAUSE} }}",
    )

    # Of the network, 40 of 100 are negative at all, and 40 on relation.
    cause: dict[str, Any] = {
        "count": 40,
        "negative": 30,
        "expected": 16.0,
        "excess": 14.0,
        "significant": True,
    }
    cause |= {"share": {"value": 0.75}}
    on_axis = cause | {"negative": 40, "excess": 24.0, "share": {"value": 1.0}}
    assert found == {
        "count": 40,
        "negative": 30,
        "axes": [{"axis": "RELATION", **on_axis}],
        "offices": [{"office": {"name": "Mauvais"}, **cause}],
        "procedures": [{"procedure": {"name": "Carte grise"}, **cause}],
    }


async def test_the_worst_come_first_and_only_in_scope(api: Client, config: Settings) -> None:
    names = ["A", "B", "C", "D"]
    offices = [await make.office(name=name) for name in names]
    for number, office in enumerate(offices):
        await told(office, 5, 0, 4 * number)
    await told(await make.office("police", name="E"), 0, 0, 50)
    async with beside(config):
        await fold_all()
    network = await make.person(Role.NETWORK_MANAGER, network="caf")
    agent = await make.person(Role.OFFICE_AGENT, office=offices[2])

    shown = "offices { office { name } }"
    both = [await hurts(api, who, shown, more) for who, more in ((network, ""), (agent, ""))]
    first = await hurts(api, network, shown, ", first: 1")

    told_names = [[one["office"]["name"] for one in each["offices"]] for each in (*both, first)]
    assert told_names == [["D", "C"], ["C"], ["D"]]


async def test_words_set_negative_reviews_apart_for_those_who_may_read_them(api: Client) -> None:
    office = await make.office()
    for number in range(6):
        await make.review(office, title="x", text=f"Attentes trop longues {number}")
        await make.review(
            office, title="x", text="Accueil parfait, aucune attente", sentiment=Sentiment.POSITIVE
        )
    reader = await make.person(Role.READER, office=office)
    analyst = await make.person(Role.ANALYST)

    found = [await hurts(api, who, "words { text here elsewhere }") for who in (reader, analyst)]

    longues = {"text": "longues", "here": 6, "elsewhere": 0}
    assert found == [{"words": [longues, longues | {"text": "trop"}]}, {"words": []}]


def test_words_are_told_by_how_much_more_often_they_are_held() -> None:
    here = ["attente longue", "attente", "attentes", "guichet"]
    elsewhere = ["guichet", "guichet", "guichet", "attente"]

    (word,) = telling(here, elsewhere, 10)

    # 2 * (3 ln(3 / 2) + 1 ln(1 / 2) + 1 ln(1 / 2) + 3 ln(3 / 2))
    assert (word.text, word.here, word.elsewhere, round(word.weight, 4)) == ("attente", 3, 1, 2.093)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (f"period: {JANUARY}, first: 101", "BAD_INPUT"),
        (f"period: {JANUARY}, first: -1", "BAD_INPUT"),
        ('period: {from: "2026-02-01", to: "2026-01-01"}', "BAD_PERIOD"),
        (f'period: {JANUARY}, where: {{procedures: ["none"]}}', "BAD_INPUT"),
    ],
)
async def test_what_makes_no_sense_is_refused(api: Client, arguments: str, code: str) -> None:
    query = f"{{ whatHurts({arguments}) {{ count }} }}"
    answer = await api.ask(await make.person(Role.ANALYST), query)

    assert answer["errors"][0]["extensions"]["code"] == code


async def test_nothing_told_hurts_nobody(api: Client) -> None:
    found = await hurts(
        api,
        await make.person(Role.ANALYST),
        f"count negative axes {{ {CAUSE} }} offices {{ {CAUSE} }} words {{ text }}",
    )

    assert found == {"count": 0, "negative": 0, "axes": [], "offices": [], "words": []}
