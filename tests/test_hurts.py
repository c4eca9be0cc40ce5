"""What explains negative reviews, compared with the networks they are of."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobs.rollup import fold_all
from models import ids
from models.account import Role
from models.network import Network
from models.paris import beginning, due_at, today
from models.redaction import Span
from models.report import DocumentReport, ReportReason
from models.review import ReviewStructure, Sentiment
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


async def test_one_is_compared_with_the_rest_of_the_network_and_not_with_itself(
    api: Client, config: Settings
) -> None:
    own = await make.office()
    await told(own, 6, 0, 14)
    await told(await make.office(), 13, 0, 7)
    async with beside(config):
        await fold_all()
    manager = await make.person(Role.OFFICE_MANAGER, office=own)

    found = await hurts(api, manager, f"offices {{ {CAUSE} }}")

    # 0.7 and 0.35, 0.525 of both: 0.35 / sqrt(0.525 * 0.475 * 2 / 20) = 2.22. Beside the 21 of 40
    # of the whole network it would be 1.30, which chance explains.
    (cause,) = found["offices"]
    assert (cause["expected"], cause["significant"]) == (10.5, True)


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


async def test_a_word_that_was_taken_out_is_no_word_nor_is_what_stands_for_it(api: Client) -> None:
    office = await make.office()
    for _ in range(4):
        made = await make.review(office, title="x", text="Dupont crie")
        await made.redact({"description": [Span(0, 6)]}, expected_version=1)
        await make.review(office, title="x", text="Parfait", sentiment=Sentiment.POSITIVE)

    found = await hurts(api, await make.person(Role.READER), "words { text here }")

    assert found == {"words": [{"text": "crie", "here": 4}]}


def test_words_are_told_by_how_much_more_often_they_are_held() -> None:
    here = ["attente longue", "attente", "attentes", "guichet"]
    elsewhere = ["guichet", "guichet", "guichet", "attente"]

    (word,) = telling(here, elsewhere, 10)

    # 2 * (3 ln(3 / 2) + 1 ln(1 / 2) + 1 ln(1 / 2) + 3 ln(3 / 2))
    assert (word.text, word.here, word.elsewhere, round(word.weight, 4)) == ("attente", 3, 1, 2.093)


DOCUMENTS = """documents { reports byState { state reports } byReason { reason reports }
  document { title reports network { code } } }"""


async def test_the_most_reported_documents_are_those_of_the_period_in_scope(api: Client) -> None:
    seat, other = await make.office(), await make.office("caf", "75")
    card = await make.procedure()
    for title, reason, count, place in (
        ("Déclaration", ReportReason.JARGON, 2, seat),
        ("Déclaration", ReportReason.TONE, 1, other),
        ("Notice", ReportReason.TOO_LONG, 2, seat),
        ("Courrier", ReportReason.OTHER, 4, await make.office("police")),
    ):
        for _ in range(count):
            made = await make.report(office=place, title=title, reason=reason, procedure_id=card.id)
            await make.accepted(made)
    waiting = await make.report(office=seat, title="Notice")
    early, late = [
        await make.accepted(await make.report(office=seat, title="Notice")) for _ in range(2)
    ]
    await DocumentReport.all().update(submitted_at=datetime(2026, 1, 31, 22, 59, tzinfo=UTC))
    february, december = [
        datetime(2026, 1, 31, 23, tzinfo=UTC),
        datetime(2025, 12, 31, 22, 59, tzinfo=UTC),
    ]
    for one, at in ((late, february), (waiting, february), (early, december)):
        await DocumentReport.filter(id=one.id).update(submitted_at=at)
    network = await make.person(Role.NETWORK_MANAGER, network="caf")
    agent = await make.person(Role.OFFICE_AGENT, office=seat)
    where = {
        "": ["Courrier", "Déclaration", "Notice"],
        'networks: ["caf"]': ["Déclaration", "Notice"],
        'departments: ["75"]': ["Déclaration"],
        'regions: ["84"]': ["Courrier", "Déclaration", "Notice"],
        'regions: ["84"], departments: ["75"]': [],
        f'offices: ["{ids.encode("Office", other.id)}"]': ["Déclaration"],
        f'procedures: ["{card.code}"]': ["Courrier", "Déclaration", "Notice"],
        "channels: [COUNTER]": [],
    }

    first = (await hurts(api, network, DOCUMENTS, ", first: 1"))["documents"]
    own = (await hurts(api, agent, DOCUMENTS))["documents"]
    moderator = await make.person(Role.MODERATOR)
    met = {
        one: [
            each["document"]["title"]
            for each in (
                await hurts(api, moderator, DOCUMENTS, f", where: {{{one}}}" if one else "")
            )["documents"]
        ]
        for one in where
    }

    declared = {"title": "Déclaration", "reports": 3, "network": {"code": "caf"}}
    assert first == [
        {
            "reports": 3,
            "byState": [{"state": "ACCEPTED", "reports": 3}],
            "byReason": [{"reason": "JARGON", "reports": 2}, {"reason": "TONE", "reports": 1}],
            "document": declared,
        }
    ]
    counts = [(one["reports"], one["document"]["reports"]) for one in own]
    assert counts == [(2, 2), (2, 4)]  # over the period, and ever
    assert met == where


async def test_who_may_not_read_reports_is_told_of_no_document(api: Client) -> None:
    office = await make.office()
    await make.accepted(await make.report(office=office))
    await DocumentReport.all().update(submitted_at=make.START)
    people = [
        await make.person(Role.ANALYST),
        await make.person(Role.NETWORK_MANAGER, network="police"),
        await make.person(Role.SERVICE, network="caf", rights="read_aggregates"),
    ]

    found = [await hurts(api, who, DOCUMENTS) for who in people]

    assert found == [{"documents": []}] * 3


LATE = "late due expected excess significant oldest share { value }"


@pytest.mark.parametrize("folded", [True, False])
async def test_what_is_overdue_is_told_by_office_beside_the_network(
    api: Client, config: Settings, folded: bool
) -> None:
    slow, quick = await make.office(name="Lent"), await make.office(name="Vif")
    await told(slow, 6, day=3)
    await told(slow, 10, day=9, replied=11)
    await told(slow, 1, day=20)
    await told(quick, 1, day=9)
    await told(quick, 19, day=2, replied=3)
    await told(await make.office("police", name="Ailleurs"), 7)
    async with beside(config):
        await fold_all()
        if not folded:
            await told(slow, 3, day=1)
    manager = await make.person(Role.OFFICE_MANAGER, office=slow)
    network = await make.person(Role.NETWORK_MANAGER, network="caf")

    shown = f"overdue {{ {LATE} offices {{ office {{ name }} {LATE} }} }}"
    one, both = [(await hurts(api, who, shown))["overdue"] for who in (manager, network)]
    first = (await hurts(api, network, shown, ", first: 1"))["overdue"]["offices"]

    # Of the network, 8 of 37 are late, as it was folded.
    more = 0 if folded else 3
    late = {"late": 7 + more, "due": 17 + more, "oldest": f"2026-01-0{4 if folded else 2}"}
    late |= {"expected": round((17 + more) * 8 / 37, 4)}
    late |= {"excess": round(7 + more - (17 + more) * 8 / 37, 4), "significant": None}
    late |= {"share": {"value": round((7 + more) / (17 + more), 4)}}
    assert one == late | {"offices": [late | {"office": {"name": "Lent"}}]}
    assert (both["late"], both["due"], both["oldest"]) == (8 + more, 37 + more, late["oldest"])
    told_of = [(each["office"]["name"], each["late"], each["oldest"]) for each in both["offices"]]
    assert told_of == [("Lent", 7 + more, late["oldest"]), ("Vif", 1, "2026-01-10")]
    assert first == both["offices"][:1]


async def test_the_inbox_and_figures_agree_on_what_is_overdue(api: Client) -> None:
    await Network.filter(code="caf").update(reply_days=3)
    day = timedelta(days=1)
    for office, days in ((await make.office(), 3), (await make.office("police"), 5)):
        first = beginning(today() - days * day)
        for at in (first - timedelta(minutes=1), first, first + timedelta(hours=22)):
            made = await make.review(office)
            await ReviewStructure.filter(review=made).update(published_at=at)
    period = f'{{from: "{today() - 30 * day}", to: "{today()}"}}'
    query = f"""{{ whatHurts(period: {period}) {{ overdue {{ late due }} }}
      satisfaction(period: {period}) {{ total {{ overdue }} }}
      late: reviews(where: {{overdue: true}}) {{ totalCount }}
      early: reviews(where: {{overdue: false}}) {{ totalCount }}
      reviews {{ nodes {{ structures {{ overdue dueAt }} }} }} }}"""

    found = await api.data(await make.person(Role.READER), query)
    shown = [one["structures"][0] for one in found["reviews"]["nodes"]]

    assert found["whatHurts"] == {"overdue": {"late": 2, "due": 2}}
    assert found["satisfaction"] == {"total": {"overdue": 2}}
    assert (found["late"], found["early"]) == ({"totalCount": 2}, {"totalCount": 4})
    ends = {True: beginning(today()), False: beginning(today() + day)}
    told_of = [(one["overdue"], one["dueAt"]) for one in shown]
    assert sorted(told_of) == sorted(
        [(late, ends[late].isoformat()) for late in (True,) * 2 + (False,) * 4]
    )


@pytest.mark.parametrize(
    ("published", "due"),
    [
        ("2026-03-25T12:00:00Z", "2026-03-30T22:00:00Z"),  # to summer between
        ("2026-03-25T23:00:00Z", "2026-03-31T22:00:00Z"),  # the 26th in Paris
        ("2026-10-21T12:00:00Z", "2026-10-26T23:00:00Z"),  # and to winter
    ],
)
def test_a_reply_is_due_at_the_end_of_a_day_in_paris(published: str, due: str) -> None:
    assert due_at(datetime.fromisoformat(published), 5) == datetime.fromisoformat(due)


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
        f"count negative axes {{ {CAUSE} }} offices {{ {CAUSE} }} words {{ text }}"
        f" documents {{ reports }} overdue {{ {LATE} offices {{ late }} }}",
    )

    nothing: dict[str, Any] = {"late": 0, "due": 0, "expected": 0.0, "excess": 0.0}
    nothing |= {"significant": None, "oldest": None, "share": None, "offices": []}
    lists: dict[str, Any] = {name: [] for name in ("axes", "offices", "words", "documents")}
    assert found == {"count": 0, "negative": 0, "overdue": nothing, **lists}
