"""Figures as a client gets them: worked out by hand, in scope, never stale."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from jobs.rollup import fold_all
from models import ids
from models.account import Role
from models.network import Network
from models.office import Office
from models.paris import PARIS
from models.review import ReviewStructure, Sentiment
from resolvers.statistics import MAX_CELLS
from settings import Settings
from tests import factories as make
from tests.client import Client, beside

POSITIVE, NEUTRAL, NEGATIVE = Sentiment.POSITIVE, Sentiment.NEUTRAL, Sentiment.NEGATIVE
JANUARY = '{from: "2026-01-01", to: "2026-01-31"}'


async def told(office: Office, *counts: int, **more: Any) -> None:
    """So many reviews that are positive, neutral and negative."""
    for sentiment, count in zip((POSITIVE, NEUTRAL, NEGATIVE), counts, strict=False):
        for _ in range(count):
            await make.review(office, sentiment=sentiment, **more)


async def cells(
    api: Client, person: str, selection: str, arguments: str, period: str = JANUARY
) -> Any:
    query = f"{{ satisfaction(period: {period}, {arguments}) {{ cells {{ {selection} }} }} }}"
    return (await api.data(person, query))["satisfaction"]["cells"]


async def total(api: Client, person: str, selection: str, period: str = JANUARY) -> Any:
    query = f"{{ satisfaction(period: {period}) {{ total {{ {selection} }} }} }}"
    return (await api.data(person, query))["satisfaction"]["total"]


def rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return round(value, 4) if isinstance(value, float) else value


async def test_rates_and_their_intervals_are_those_worked_out_by_hand(api: Client) -> None:
    await told(await make.office(), 8, 1, 1)
    analyst = await make.person(Role.ANALYST)

    found = await total(
        api,
        analyst,
        "count positive neutral negative rate { value low high } net { value low high }"
        " score { value low high } answered overdue replyRate { value } change { points }",
    )

    # Wilson: from (8 + 1.92 -+ 1.96 * the root of (8 * 2 / 10 + 0.96)), divided by 13.84.
    assert rounded(found) == {
        "count": 10,
        "positive": 8,
        "neutral": 1,
        "negative": 1,
        "rate": {"value": 0.8, "low": 0.4902, "high": 0.9433},
        "net": {"value": 0.7, "low": 0.0823, "high": 0.9291},
        "score": {"value": 8.5, "low": 5.4115, "high": 9.6457},
        "answered": 0,
        "overdue": 10,
        "replyRate": {"value": 0.0},
        "change": None,
    }


async def test_nothing_told_is_nothing_and_no_division(api: Client) -> None:
    found = await api.data(
        await make.person(Role.ANALYST),
        f"{{ satisfaction(period: {JANUARY}, groupBy: [NETWORK], by: DAY) {{ cells {{ count }}"
        " total { count rate { value } net { value } score { value } replyRate { value } overdue"
        " delay { replies meanDays medianDays p95Days } axes { axis } previous { count }"
        " change { points } } } }",
    )

    assert found["satisfaction"] == {
        "cells": [],
        "total": {
            "count": 0,
            "rate": None,
            "net": None,
            "score": None,
            "replyRate": None,
            "overdue": 0,
            "delay": {"replies": 0, "meanDays": None, "medianDays": None, "p95Days": None},
            "axes": [],
            "previous": None,
            "change": None,
        },
    }


async def test_each_group_has_its_own_figures(api: Client) -> None:
    lyon, paris = await make.office("caf", "69", name="Lyon"), await make.office("police", "75")
    await told(lyon, 2, 0, 1, relation=NEGATIVE, simplicity=POSITIVE)
    await told(paris, 1, 0, 0, day=3, procedure=await make.procedure(name="Carte grise"))
    await ReviewStructure.filter(office=paris).update(channels=3)
    analyst = await make.person(Role.ANALYST)

    groups = {
        "NETWORK": "network { code }",
        "OFFICE": "office { city name }",
        "DEPARTMENT": "department { code }",
        "REGION": "region { code }",
        "PROCEDURE": "procedure { name }",
        "CHANNEL": "channel",
        "AXIS": "axis positive negative answered delay { replies } overdue",
    }
    found = {
        group: await cells(api, analyst, f"count {shown}", f"groupBy: [{group}]")
        for group, shown in groups.items()
    }
    office = (await Office.get(id=paris.id)).name
    on_axis = {"answered": None, "delay": None, "overdue": None, "count": 3}

    assert found == {
        "NETWORK": [
            {"count": 3, "network": {"code": "caf"}},
            {"count": 1, "network": {"code": "police"}},
        ],
        "OFFICE": [
            {"count": 1, "office": {"city": None, "name": office}},
            {"count": 3, "office": {"city": None, "name": "Lyon"}},
        ],
        "DEPARTMENT": [
            {"count": 1, "department": {"code": "75"}},
            {"count": 3, "department": {"code": "69"}},
        ],
        "REGION": [
            {"count": 3, "region": {"code": "84"}},
            {"count": 1, "region": {"code": "11"}},
        ],
        "PROCEDURE": [
            {"count": 1, "procedure": {"name": "Carte grise"}},
            {"count": 3, "procedure": None},
        ],
        "CHANNEL": [{"count": 4, "channel": "COUNTER"}, {"count": 1, "channel": "PHONE"}],
        "AXIS": [
            {"axis": "RELATION", "positive": 0, "negative": 3, **on_axis},
            {"axis": "SIMPLICITY", "positive": 3, "negative": 0, **on_axis},
        ],
    }


@pytest.mark.parametrize(
    ("by", "pieces"),
    [
        ("DAY", {"2026-01-01": 1, "2026-01-04": 1, "2026-01-05": 1, "2026-04-01": 1}),
        ("WEEK", {"2026-01-01": 2, "2026-01-05": 1, "2026-03-30": 1}),
        ("MONTH", {"2026-01-01": 3, "2026-04-01": 1}),
        ("QUARTER", {"2026-01-01": 3, "2026-04-01": 1}),
        ("YEAR", {"2026-01-01": 4}),
    ],
)
@pytest.mark.parametrize("folded", [True, False])
async def test_pieces_follow_the_calendar_of_paris(
    api: Client, config: Settings, by: str, pieces: dict[str, int], folded: bool
) -> None:
    office = await make.office()
    for day in (0, 3, 4):  # 1 January 2026 is a Thursday
        await make.review(office, day=day)
    late = await make.review(office)
    at = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)  # 1 April in Paris
    await ReviewStructure.filter(review=late).update(published_at=at)
    if folded:
        async with beside(config):
            await fold_all()

    period = '{from: "2026-01-01", to: "2026-12-30"}'
    analyst = await make.person(Role.ANALYST)
    found = await cells(api, analyst, "from count", f"by: {by}", period)

    assert {one["from"]: one["count"] for one in found} == pieces


async def test_a_change_is_told_with_whether_chance_explains_it(api: Client) -> None:
    office = await make.office()
    await told(office, 38, 0, 12, day=-31)
    await told(office, 48, 0, 2)
    analyst = await make.person(Role.ANALYST)

    found = await total(
        api, analyst, "previous { from to count } change { points pValue significant }"
    )

    # (48 - 38) / 50 = 0.2; pooled 0.86; 0.2 / sqrt(0.86 * 0.14 * 2 / 50) = 2.8819
    assert rounded(found) == {
        "previous": {"from": "2025-12-01", "to": "2025-12-31", "count": 50},
        "change": {"points": 20.0, "pValue": 0.004, "significant": True},
    }


async def test_a_piece_is_compared_with_the_whole_one_before(api: Client) -> None:
    office = await make.office()
    await told(office, 1, 0, 0, day=0)
    await told(office, 2, 0, 0, day=20)
    await told(office, 1, 0, 0, day=40)
    analyst = await make.person(Role.ANALYST)

    period = '{from: "2026-01-15", to: "2026-02-28"}'
    shown = "from count previous { from to count }"
    january, february = await cells(api, analyst, shown, "by: MONTH", period)

    assert january == {"from": "2026-01-15", "count": 2, "previous": None}
    whole = {"from": "2026-01-01", "to": "2026-01-31", "count": 3}
    assert february == {"from": "2026-02-01", "count": 1, "previous": whole}


async def test_of_few_reviews_it_is_not_said_whether_a_change_means_anything(api: Client) -> None:
    office = await make.office()
    await told(office, 1, 0, 2, day=-31)
    await told(office, 3)

    found = await cells(
        api, await make.person(Role.ANALYST), "from change { pValue significant }", "by: MONTH"
    )

    assert found == [{"from": "2026-01-01", "change": {"pValue": None, "significant": None}}]


async def test_delays_come_from_classes_that_add_up(api: Client) -> None:
    office = await make.office()
    for replied in (1, 2, 2, 10, 400, None):
        await make.review(office, replied=replied)

    found = await total(
        api,
        await make.person(Role.ANALYST),
        "answered replyRate { value }"
        " delay { replies meanDays medianDays p75Days p90Days p95Days }",
    )

    # Ranks 2.5, 3.75, 4.5 and 4.75 of 5; days 1-2 hold the 2nd and 3rd, 7-10 the 4th.
    assert rounded(found) == {
        "answered": 5,
        "replyRate": {"value": 0.8333},
        "delay": {
            "replies": 5,
            "meanDays": 83.0,
            "medianDays": 1.75,
            "p75Days": 9.25,
            "p90Days": 365.0,
            "p95Days": 365.0,
        },
    }


async def test_what_is_due_today_is_overdue_tomorrow(api: Client) -> None:
    office, today = await make.office(), datetime.now(PARIS).replace(hour=12)
    await Network.filter(code="caf").update(reply_days=3)
    for days in (2, 3, 4, 40):
        made = await make.review(office)
        at = today - timedelta(days=days)
        await ReviewStructure.filter(review=made).update(published_at=at)
    period = f'{{from: "{today.date() - timedelta(days=60)}", to: "{today.date()}"}}'
    analyst = await make.person(Role.ANALYST)

    assert await total(api, analyst, "count overdue", period) == {"count": 4, "overdue": 2}


@pytest.mark.parametrize("folded", [True, False])
async def test_everyone_counts_what_is_in_their_scope(
    api: Client, config: Settings, folded: bool
) -> None:
    seat = await make.office("caf", "69")
    below = await make.office("caf", "69", parent=seat)
    beside_it, elsewhere = await make.office("caf", "69"), await make.office("caf", "75")
    other = await make.office("police", "69")
    for weight, office in enumerate((seat, below, beside_it, elsewhere, other)):
        await told(office, 2**weight)
    if folded:
        async with beside(config):
            await fold_all()
    people = {
        await make.person(Role.OFFICE_AGENT, office=seat): 1 + 2,
        await make.person(Role.OFFICE_AGENT, office=below): 2,
        await make.person(Role.DEPARTMENT_MANAGER, network="caf", department="69"): 1 + 2 + 4,
        await make.person(Role.NETWORK_MANAGER, network="caf"): 1 + 2 + 4 + 8,
        await make.person(Role.ANALYST): 1 + 2 + 4 + 8 + 16,
        await make.person(Role.SERVICE, network="caf", rights="intake"): 0,
    }

    found = {who: (await total(api, who, "count"))["count"] for who in people}

    assert found == people


@pytest.mark.parametrize("folded", [True, False])
async def test_conditions_narrow_and_never_widen(
    api: Client, config: Settings, folded: bool
) -> None:
    seat = await make.office("caf", "69")
    below, other = await make.office("caf", "69", parent=seat), await make.office("police", "75")
    for weight, office in enumerate((seat, below, other)):
        await told(office, 2**weight)
    if folded:
        async with beside(config):
            await fold_all()
    manager = await make.person(Role.NETWORK_MANAGER, network="caf")
    own, foreign = ids.encode("Office", seat.id), ids.encode("Office", other.id)
    conditions = {
        'networks: ["caf"]': 3,
        'networks: ["police"]': 0,
        f'offices: ["{own}"]': 3,
        f'offices: ["{foreign}"]': 0,
        'departments: ["69"]': 3,
        'departments: ["75"]': 0,
        'regions: ["84"]': 3,
        "channels: [COUNTER, PHONE]": 3,
        "channels: [PHONE]": 0,
        "networks: []": 0,
    }

    found = {}
    for condition in conditions:
        query = f"satisfaction(period: {JANUARY}, where: {{{condition}}}) {{ total {{ count }} }}"
        data = await api.data(manager, f"{{ {query} }}")
        found[condition] = data["satisfaction"]["total"]["count"]

    assert found == conditions


async def test_an_answer_is_never_stale(api: Client, config: Settings) -> None:
    office, analyst = await make.office(), await make.person(Role.ANALYST)
    seen = []
    for number in range(4):
        await told(office, 1)
        if number == 2:
            async with beside(config):
                await fold_all()
        seen.append((await total(api, analyst, "count"))["count"])
    await ReviewStructure.all().delete()
    seen.append((await total(api, analyst, "count"))["count"])

    assert seen == [1, 2, 3, 4, 0]


async def test_what_is_remembered_is_never_told_to_another(api: Client, config: Settings) -> None:
    """Two people of whom each may count one office ask the same, a change between."""
    offices = [await make.office() for _ in range(2)]
    people = [await make.person(Role.OFFICE_AGENT, office=office) for office in offices]
    await told(offices[0], 1)
    await told(offices[1], 2)
    seen = []
    for folded, more in ((False, 4), (True, 8), (False, 0)):
        seen.append([(await total(api, who, "count"))["count"] for who in people * 2])
        await told(offices[1], more)
        if folded:
            async with beside(config):
                await fold_all()

    assert seen == [[1, 2, 1, 2], [1, 6, 1, 6], [1, 14, 1, 14]]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ('period: {from: "2026-02-01", to: "2026-01-31"}', "BAD_PERIOD"),
        ('period: {from: "2015-01-01", to: "2026-01-31"}', "BAD_PERIOD"),
        ('period: {from: "1999-12-31", to: "2000-01-31"}', "BAD_PERIOD"),
        ('period: {from: "0001-01-01", to: "9999-12-31"}', "BAD_PERIOD"),
        ('period: {from: "", to: "2026-01-31"}', "VALIDATION_FAILED"),
        ("period: {}", "VALIDATION_FAILED"),
        (f"period: {JANUARY}, groupBy: [PLANET]", "VALIDATION_FAILED"),
        (f"period: {JANUARY}, groupBy: [NETWORK, NETWORK]", "BAD_INPUT"),
        (f'period: {JANUARY}, where: {{networks: ["\\u0000"]}}', "BAD_INPUT"),
        (f'period: {JANUARY}, where: {{departments: ["00"]}}', "BAD_INPUT"),
        (f'period: {JANUARY}, where: {{offices: ["x"]}}', "BAD_ID"),
    ],
)
async def test_what_makes_no_sense_is_refused(api: Client, arguments: str, code: str) -> None:
    answer = await api.ask(
        await make.person(Role.ANALYST), f"{{ satisfaction({arguments}) {{ total {{ count }} }} }}"
    )

    assert (answer.get("data"), answer["errors"][0]["extensions"]["code"]) == (None, code)


async def test_more_cells_than_an_answer_holds_are_refused(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAX_CELLS == 1_000
    monkeypatch.setattr("resolvers.statistics.MAX_CELLS", 2)
    office, analyst = await make.office(), await make.person(Role.ANALYST)
    for day in range(3):
        await make.review(office, day=day)

    query = f"{{ satisfaction(period: {JANUARY}, by: DAY) {{ cells {{ count }} }} }}"
    answer = await api.ask(analyst, query)

    assert answer["errors"][0]["extensions"] == {"code": "TOO_MANY_CELLS", "field": ["groupBy"]}


async def test_days_within_months_and_months_within_years_add_up(
    api: Client, config: Settings
) -> None:
    """Whatever the first and the last day: whole months come from cells of months."""
    office = await make.office()
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(0, 100, 3)]
    for number in range(0, 100, 3):
        await make.review(office, day=number)
    async with beside(config):
        await fold_all()
    analyst = await make.person(Role.ANALYST)

    for first, last in (
        ("2026-01-01", "2026-04-30"),
        ("2026-01-02", "2026-03-30"),
        ("2026-01-31", "2026-03-01"),
        ("2026-02-03", "2026-02-03"),
        ("2026-02-01", "2026-02-28"),
        ("2026-01-15", "2026-02-14"),
    ):
        expected = sum(first <= day.isoformat() <= last for day in days)
        period = f'{{from: "{first}", to: "{last}"}}'
        assert (await total(api, analyst, "count", period))["count"] == expected
