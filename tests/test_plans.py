"""No hot list reads more than it gives, however many there are: PostgreSQL tells how it went."""

from dataclasses import dataclass
from typing import Any

import pytest

from models import ids
from models.account import Account, Role
from models.network import Network
from models.office import Office
from resolvers.page import DEFAULT_SIZE
from settings import Settings
from tests import factories as make
from tests.client import Client, asking
from tests.crowd import crowd, large
from tests.plans import Ear, Plan, explained
from tests.servers import Databases

QUERY = {
    "reviews": """query ($where: ReviewFilter, $orderBy: ReviewOrder, $first: Int, $after: String,
      $last: Int) { them: reviews(where: $where, orderBy: $orderBy, first: $first, after: $after,
      last: $last) { nodes { id title description sentiment publishedAt structures { id answered
      repliedAt network { code } office { name } reply { id body publishedAt } } }
      pageInfo { endCursor } } }""",
    "documentReports": """query ($where: DocumentReportFilter, $first: Int, $after: String,
      $last: Int) { them: documentReports(where: $where, first: $first, after: $after, last: $last)
      { nodes { id state title network { code } office { name } } pageInfo { endCursor } } }""",
    "submissions": """query ($where: SubmissionFilter, $first: Int, $after: String, $last: Int) {
      them: submissions(where: $where, first: $first, after: $after, last: $last)
      { nodes { id state title submittedAt } pageInfo { endCursor } } }""",
}
TIMES = 6
"""PostgreSQL may make a plan for all arguments once it has made five for those at hand."""
SEAT, DESK = 1, 3
"""An office with eighteen below it, and one of those: both are busy."""
OFFICE, OFFICES, DEPARTMENT, NETWORK, COUNTRY = "office offices department network country".split()
WIDE = (DEPARTMENT, NETWORK)
PLACED = (OFFICE, *WIDE)
ALL = (*PLACED, COUNTRY)


@dataclass(frozen=True, slots=True)
class Hot:
    """What is asked for often, and by whom."""

    field: str
    by: tuple[str, ...]
    asked: dict[str, Any]


def hot(field: str, by: tuple[str, ...], **where: Any) -> Hot:
    return Hot(field, by, {"where": where, "first": 50})


async def hot_ones() -> list[Hot]:
    """Those of the reference's filters and orders that go by an index to what they give."""
    seat = await Office.get(id=SEAT)
    there = {"networks": [(await Network.get(id=seat.network_id)).code]}
    department = {"departments": [seat.department_id]}
    desk = {"offices": [ids.encode("Office", DESK)]}
    oldest = {"orderBy": {"field": "PUBLISHED_AT", "direction": "ASC"}, "first": 50}
    someone = ids.encode("Account", (await Account.get(subject="crowd-7")).id)
    return [
        Hot("reviews", (*ALL, OFFICES), oldest),
        Hot("reviews", (*ALL, OFFICES), {"last": 50}),
        hot("reviews", (*ALL, OFFICES)),
        hot("reviews", (*ALL, OFFICES), publishedFrom="2026-10-01"),
        hot("reviews", (*ALL, OFFICES), publishedTo="2026-01-01"),
        hot("reviews", ALL, publishedFrom="2026-03-01", publishedTo="2026-03-31"),
        hot("reviews", ALL, **there),
        hot("reviews", ALL, **there, **department),
        hot("reviews", PLACED, **department),
        hot("reviews", ALL, **desk),
        hot("reviews", (*WIDE, COUNTRY), answered=True),
        hot("reviews", ALL, answered=False),
        hot("reviews", ALL, answered=False, **there, **department),
        hot("reviews", WIDE, answered=False, sentiments=["NEGATIVE"]),
        hot("reviews", WIDE, answered=False, sentiments=["NEGATIVE"], **department),
        hot("reviews", ALL, overdue=True),
        hot("reviews", ALL, overdue=False),
        *(hot("reviews", WIDE, sentiments=[one]) for one in ("NEGATIVE", "NEUTRAL", "POSITIVE")),
        hot("reviews", (COUNTRY,), assignedTo=someone),
        hot("reviews", (*WIDE, COUNTRY), assigned=False),
        Hot("documentReports", (COUNTRY,), {"last": 50}),
        hot("documentReports", (COUNTRY,)),
        hot("documentReports", (COUNTRY,), states=["SUBMITTED"]),
        hot("documentReports", (COUNTRY,), states=["REWRITTEN"]),
        hot("documentReports", (COUNTRY,), **there),
        hot("documentReports", (COUNTRY,), since="2026-10-01T00:00:00Z"),
        hot("documentReports", (COUNTRY,), until="2025-10-01T00:00:00Z"),
        Hot("submissions", (COUNTRY,), {"last": 50}),
        hot("submissions", ALL),
        *(
            hot("submissions", (COUNTRY,), states=[state])
            for state in ("SUBMITTED", "PUBLISHED", "REJECTED")
        ),
        hot("submissions", (COUNTRY,), states=["SUBMITTED"], suspect=True),
        hot("submissions", (COUNTRY,), sources=["crowd"], sourceIds=["7", "8"]),
    ]


async def people() -> dict[str, str]:
    seat = await Office.get(id=SEAT)
    network = (await Network.get(id=seat.network_id)).code
    manager, department = Role.DEPARTMENT_MANAGER, seat.department_id
    return {
        OFFICE: await make.person(Role.OFFICE_MANAGER, office=await Office.get(id=DESK)),
        OFFICES: await make.person(Role.OFFICE_MANAGER, office=seat),
        DEPARTMENT: await make.person(manager, network=network, department=department),
        NETWORK: await make.person(Role.NETWORK_MANAGER, network=network),
        COUNTRY: await make.person(Role.MODERATOR),
    }


def too_much(plan: Plan, tables: set[str]) -> list[str]:
    """What a statement read and did not give: more than thrice that, or a whole table.

    One that gives less than a small page may read thrice such a page.
    """
    return [
        f"{scan.how} of {scan.table} by {scan.index or 'nothing'}: {scan.rows:.0f}"
        for scan in plan.scans
        if scan.table in tables
        if scan.how == "Seq Scan" or scan.rows > 3 * max(plan.rows, DEFAULT_SIZE)
    ]


async def asked(api: Client, ear: Ear, who: str, one: Hot) -> list[Plan]:
    """The plans of a page and of the one after it: the first ones, and one made for all."""
    for _ in range(TIMES):
        told = await api.data(who, QUERY[one.field], **one.asked)
        after = told["them"]["pageInfo"]["endCursor"]
        if after and "first" in one.asked:
            await api.data(who, QUERY[one.field], **one.asked, after=after)
    return ear.heard()


@pytest.mark.filled(by=crowd)
@pytest.mark.parametrize("databases", ["postgres"], indirect=True)
async def test_no_hot_list_reads_more_than_thrice_what_it_gives(
    config: Settings, databases: Databases
) -> None:
    await explained(config, databases._home)
    ear, wrong, seen = Ear(databases._home), {}, 0
    async with asking(config) as api:
        tables = await large() - {"office"}
        known, ones = await people(), await hot_ones()
        for one in ones:
            for by in one.by:
                ear.heard()
                plans = await asked(api, ear, known[by], one)
                seen += any(scan.table in tables for plan in plans for scan in plan.scans)
                if found := {bad for plan in plans for bad in too_much(plan, tables)}:
                    wrong[f"{one.field} {one.asked} of {by}"] = found

    assert wrong == {}
    assert seen == sum(len(one.by) for one in ones)
