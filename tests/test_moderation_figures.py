"""Figures of moderation, by closed months, and the attacker who asks for all of them."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count, groupby
from typing import Any

import pytest

from auth import scope
from auth.accounts import held_by
from auth.tokens import Keys
from jobs import months
from jobs.work import hands
from models.account import Account, Role
from models.moderation_figure import ModerationFigure
from models.network import Network
from models.report import DocumentReport, ReportReason, ReportState
from models.review import Sentiment
from models.sql import Sql, database, fetch
from models.submission import (
    Concerned,
    EntryMode,
    RejectReason,
    Submission,
    SubmissionState,
    Told,
)
from models.wall import behind
from settings import Settings
from tests import factories as make
from tests.client import Client, asking, beside
from tests.test_disclosure import widths

_numbers = count(1)
JULY = datetime(2026, 7, 15, 12, tzinfo=UTC)
ALL = """query ($kind: ModerationKind!, $year: Int!) {
  moderationFigures(kind: $kind, year: $year) {
    month network { code } accepted received { value suppressed } keptBack { value suppressed }
    outcomes { outcome value suppressed }
  }
}"""
WAITING, PUBLISHED, REJECTED, WITHDRAWN = SubmissionState


async def submitted(
    network: str,
    number: int,
    state: SubmissionState = WAITING,
    reason: RejectReason | None = None,
    at: datetime = JULY,
) -> None:
    """So many reviews that came in for a network, and what became of them."""
    place = Concerned((await Network.get(code=network)).id, None, None, None, 1)
    police = Concerned((await Network.get(code="police")).id, None, None, None, 1)
    parts = (place, police)
    told = Told.of("x", "x", sentiment=Sentiment.NEGATIVE, structures=parts)
    by = (await Account.machine("Plateforme")).id
    made = [
        Submission.new("test", f"f{next(_numbers)}", EntryMode.ONLINE, told, by=by)
        for _ in range(number)
    ]
    for one in made:
        one.submitted_at, one.state, one.reason = at, state, reason
    await Submission.bulk_create(made)


async def reported(network: str, number: int, state: ReportState, at: datetime = JULY) -> None:
    """So many reports of documents, likewise; those rejected are insults."""
    network_id = (await Network.get(code=network)).id
    rejected = RejectReason.INSULT if state is ReportState.REJECTED else None
    columns: dict[str, Any] = {
        "source": "test",
        "entry": EntryMode.ONLINE,
        "title": "x",
        "passage": "x",
        "suggestion": "",
        "reason": ReportReason.JARGON,
        "findings": "{}",
        "suspects": 0,
        "fingerprint": "",
    }
    await DocumentReport.bulk_create(
        DocumentReport(
            source_id=f"f{next(_numbers)}",
            network_id=network_id,
            state=state,
            reject_reason=rejected,
            submitted_at=at,
            **columns,
        )
        for _ in range(number)
    )


@asynccontextmanager
async def closed(config: Settings, *came: Awaitable[None]) -> AsyncIterator[Client]:
    """A client of the service after so much came in, and the months that were over were closed."""
    async with database(config.tortoise(system=True)):
        for one in came:
            await one
        await months.close(config)
    async with asking(config) as client:
        yield client


async def asked(
    api: Client, person: str, kind: str = "SUBMISSIONS", year: int = 2026
) -> list[dict[str, Any]]:
    data = await api.data(person, ALL, kind=kind, year=year)
    found: list[dict[str, Any]] = data["moderationFigures"]
    return found


async def july(api: Client, person: str, kind: str = "SUBMISSIONS") -> list[dict[str, Any]]:
    """The rows of the month in which things come in."""
    return [row for row in await asked(api, person, kind) if row["month"] == "2026-07-01"]


def brief(row: dict[str, Any]) -> dict[str, Any]:
    """A row without what is suppressed."""
    counts = {"received": row["received"], "keptBack": row["keptBack"]}
    counts |= {one["outcome"]: one for one in row["outcomes"]}
    assert all((one["value"] is None) is one["suppressed"] for one in counts.values())
    shown = {name: one["value"] for name, one in counts.items() if not one["suppressed"]}
    return {"accepted": row["accepted"], **shown}


def solved(rows: Sequence[dict[str, Any]]) -> list[float]:
    """How wide the interval is of each number that a month hides, by all that it tells."""
    told = []
    for row in rows:
        kept, received = row["keptBack"]["value"], row["received"]["value"]
        given = kept if received is None else received - row["accepted"]
        told.append([given, *(one["value"] for one in row["outcomes"])])
    return widths(told)


async def test_each_figure_is_right_or_suppressed_and_none_tells_of_few(config: Settings) -> None:
    counts = {"INSULT": 3, "DUPLICATE": 50, "ADVERTISING": 30}
    came = [
        submitted(network, number * times, REJECTED, RejectReason[reason])
        for times, network in enumerate(("caf", "police", "gendarmerie"), 1)
        for reason, number in counts.items()
    ]
    async with closed(config, *came, submitted("caf", 4, PUBLISHED)) as api:
        rows = await july(api, await make.person(Role.ANALYST))
        networks = await Network.all().count()

    expected: dict[str, dict[str, int]] = {
        network: {name: number * times for name, number in counts.items()}
        | {"accepted": 4 * (times == 1), "keptBack": 83 * times, "received": 83 * times}
        for times, network in enumerate(("caf", "police", "gendarmerie"), 1)
    }
    expected["caf"]["received"] = 87
    whole = {name: 6 * number for name, number in counts.items()}
    expected[""] = whole | {"accepted": 4, "keptBack": 498, "received": 502}
    told = {row["network"]["code"] if row["network"] else "": brief(row) for row in rows}
    assert rows[0]["network"] is None
    assert len(told) == len(rows) == 1 + networks
    for network, shown in told.items():
        assert shown.items() <= expected.get(network, {"accepted": 0}).items()
        assert all(number >= 11 for name, number in shown.items() if name != "accepted")
    assert "keptBack" in told[""]


async def test_the_attacker_who_asks_for_everything_finds_no_few(config: Settings) -> None:
    chance = random.Random(5)
    sizes = (0, 1, 2, 5, 9, 11, 12, 25, 60)
    came = []
    for network in ("caf", "police", "gendarmerie"):
        for month in (8, 9):
            at = JULY.replace(month=month)
            came += [
                *(
                    submitted(network, chance.choice(sizes), REJECTED, reason, at)
                    for reason in list(RejectReason)[:4]
                ),
                *(
                    submitted(network, chance.choice(sizes), state, at=at)
                    for state in (WAITING, PUBLISHED, WITHDRAWN)
                ),
                *(
                    reported(network, chance.choice(sizes), state, at)
                    for state in (ReportState.SUBMITTED, ReportState.ACCEPTED, ReportState.REJECTED)
                ),
            ]
    async with closed(config, *came) as api:
        analyst = await make.person(Role.ANALYST)
        found = [await asked(api, analyst, kind) for kind in ("SUBMISSIONS", "DOCUMENT_REPORTS")]

    hidden = [
        width
        for rows in found
        for _, month in groupby(rows, key=lambda row: str(row["month"]))
        for width in solved([*month])
    ]
    assert hidden
    assert min(hidden) >= 10 - 1e-6


async def test_what_happens_after_closing_changes_nothing(config: Settings) -> None:
    async with closed(config, submitted("caf", 11, PUBLISHED), submitted("caf", 60)) as api:
        analyst = await make.person(Role.ANALYST)
        before = await asked(api, analyst)
        async with beside(config):
            await Submission.filter(state=PUBLISHED).update(state=WITHDRAWN)
            await submitted("caf", 20, PUBLISHED)
            await months.close(config)
            for month in (202607, 202608):
                await ModerationFigure.close(month, 11)
        after = await asked(api, analyst)

    assert before[0]["accepted"] == 11
    assert after == before


async def test_a_month_that_is_open_tells_nothing(config: Settings) -> None:
    async with closed(config, submitted("caf", 60, at=datetime.now(UTC))) as api:
        analyst = await make.person(Role.ANALYST)
        found = [await asked(api, analyst, year=year) for year in (2026, 2027)]

    assert found == [[], []]


async def test_a_report_counts_by_what_became_of_it(config: Settings) -> None:
    networks = ("caf", "police", "gendarmerie")
    came = [
        reported(network, number, state)
        for network in networks
        for number, state in enumerate(ReportState, 20)
    ]
    async with closed(config, *came) as api:
        rows = await july(api, await make.person(Role.ANALYST), "DOCUMENT_REPORTS")

    expected = {"accepted": 21 + 23 + 24 + 25 + 26, "received": 188, "keptBack": 69}
    expected |= {"WAITING": 20, "WITHDRAWN": 27, "INSULT": 22}
    told = [brief(row) for row in rows if row["network"] and row["network"]["code"] in networks]
    assert all(one.items() <= expected.items() for one in told)
    assert {name for one in told for name in one} >= {"received", "keptBack", "INSULT"}
    assert (rows[0]["accepted"], rows[0]["received"]["value"]) == (3 * 119, 3 * 188)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-31T21:59:59Z", [202601]),
        ("2026-03-31T22:00:00Z", [202601, 202602]),
        ("2027-02-15T12:00:00Z", [202601 + month for month in range(12)]),
    ],
)
@pytest.mark.usefixtures("world")
async def test_a_month_of_paris_may_be_closed_once_another_has_passed(
    now: str, expected: list[int]
) -> None:
    await submitted("caf", 12, at=datetime(2025, 12, 31, 23, tzinfo=UTC))

    assert await ModerationFigure.due(datetime.fromisoformat(now)) == expected


@pytest.mark.usefixtures("world")
async def test_months_begin_at_midnight_in_paris() -> None:
    last, first = "2026-03-31T21:59:59.999999Z", "2026-03-31T22:00:00Z"
    await submitted("caf", 12, PUBLISHED, at=datetime.fromisoformat(last))
    await submitted("caf", 30, PUBLISHED, at=datetime.fromisoformat(first))

    for month in (202603, 202604):
        await ModerationFigure.close(month, 11)

    found = ModerationFigure.filter(network_id=None, kind="submissions").order_by("month")
    assert await found.values_list("month", "accepted") == [(202603, 12), (202604, 30)]


@pytest.mark.usefixtures("world")
async def test_two_workers_close_a_month_once() -> None:
    await submitted("caf", 12)

    closed = await asyncio.gather(*(ModerationFigure.close(202607, 11) for _ in range(5)))

    assert sorted(closed) == [False, False, False, False, True]
    assert await ModerationFigure.filter(month=202607, network_id=None).count() == 2


@pytest.mark.usefixtures("world")
async def test_the_worker_closes_months_and_hides_what_the_setting_says(config: Settings) -> None:
    for network in ("caf", "police", "gendarmerie"):
        for state in (WAITING, WITHDRAWN):
            await submitted(network, 29, state)
    higher = config.model_copy(update={"disclosure_k": 30})
    async with hands(higher, Keys(config.token_key_file)) as worker:
        await worker.drain()

    july = ModerationFigure.filter(month=202607, kind="submissions")
    assert (await july.get(network_id=None)).kept_back == 174
    assert not await july.filter(waiting__lt=30).exists()
    assert not await ModerationFigure.due(JULY.replace(month=9))


async def test_figures_are_of_whole_networks_that_one_may_count(config: Settings) -> None:
    async with closed(config, submitted("caf", 12)) as api:
        office = await make.office()
        people = {
            "ministry": await make.person(Role.ANALYST),
            "network": await make.person(Role.ANALYST, network="caf"),
            "department": await make.person(
                Role.DEPARTMENT_MANAGER, network="caf", department="69"
            ),
            "office": await make.person(Role.OFFICE_MANAGER, office=office),
            "machine": await make.person(Role.SERVICE, network="caf", rights="read_verbatims"),
        }
        found = {name: await july(api, who) for name, who in people.items()}
        networks = await Network.all().count()

    assert found["ministry"][0]["network"] is None
    assert [row["network"] for row in found.pop("network")] == [{"code": "caf"}]
    assert {name: len(rows) for name, rows in found.items()} == {
        "ministry": 1 + networks,
        "department": 0,
        "office": 0,
        "machine": 0,
    }


@pytest.mark.parametrize("databases", ["postgres"], indirect=True)
async def test_figures_of_moderation_are_behind_the_wall(config: Settings) -> None:
    text = "SELECT DISTINCT network_id FROM moderation_figure"
    async with database(config.tortoise(system=True)):
        await submitted("caf", 12)
        await months.close(config)
        caf = (await Network.get(code="caf")).id
        everyone = len(await fetch(Sql(text)))
        people = [
            await make.person(Role.ANALYST, network="caf"),
            await make.person(Role.ANALYST),
            await make.person(Role.OFFICE_AGENT, office=await make.office()),
        ]
        viewers = [await held_by(await Account.get(subject=who)) for who in people]
    found = []
    async with database(config.tortoise()):
        found.append(await fetch(Sql(text)))
        for viewer in viewers:
            async with behind(scope.reach(viewer)):
                found.append(await fetch(Sql(text)))

    nobody, network, country, office = [[row[0] for row in rows] for rows in found]
    assert (nobody, network, len(country), office) == ([], [caf], everyone, [])


@pytest.mark.parametrize("year", [1999, 2100, -1, 2**31 - 1])
async def test_a_year_beyond_the_calendar_is_refused(api: Client, year: int) -> None:
    answer = await api.ask(await make.person(Role.ANALYST), ALL, kind="SUBMISSIONS", year=year)

    assert answer["errors"][0]["extensions"]["code"] == "BAD_PERIOD"
