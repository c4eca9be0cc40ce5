"""The figures as CSV: those of the field, in scope, refused alike, run by no spreadsheet."""

import csv
import io
from typing import Any

import httpx
import pytest

from models import ids
from models.account import Role
from models.review import ReviewStructure
from schema.figures import COLUMNS, QUERY, TAKEN
from tests import factories as make
from tests.client import Client
from tests.test_statistics import told

JANUARY = {"from": "2026-01-01", "to": "2026-01-31"}


async def fetched(api: Client, person: str, **given: Any) -> httpx.Response:
    return await api.http.get("/figures.csv", params=JANUARY | given, headers=api.headers(person))


def read(answer: httpx.Response) -> list[dict[str, str]]:
    """The lines of a CSV that nothing is wrong with."""
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))


def at(cell: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        cell = None if cell is None else cell[name]
    return cell


def text(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(
    ("group_by", "by"),
    [
        ("", ""),
        ("NETWORK,DEPARTMENT", "MONTH"),
        ("OFFICE,CHANNEL", ""),
        ("AXIS", "DAY"),
        ("REGION,PROCEDURE", "QUARTER"),
    ],
)
async def test_the_csv_tells_what_the_field_tells(api: Client, group_by: str, by: str) -> None:
    own = await make.office(name="Caf du Rhône")
    await told(own, 30, 2, 9, replied=3, relation=1)
    await told(own, 20, 1, 19, day=-20)
    await told(await make.office("police", "75"), 3, 1, procedure=await make.procedure())
    analyst = await make.person(Role.ANALYST)
    where = {"networks": ["caf", "police"], "departments": ["69", "75"]}

    lines = read(
        await fetched(
            api, analyst, groupBy=group_by, by=by, networks="caf,police", departments="69,75"
        )
    )
    asked = {"groupBy": [*filter(None, group_by.split(","))], "by": by or None, "where": where}
    field = (await api.data(analyst, QUERY, period=JANUARY, **asked))["satisfaction"]["cells"]

    assert lines
    assert lines == [{".".join(path): text(at(cell, path)) for path in COLUMNS} for cell in field]


async def test_each_condition_is_taken(api: Client) -> None:
    own = await make.office()
    procedure = await make.procedure()
    await told(own, 3, procedure=procedure)
    await told(await make.office("police", "75"), 2)
    await ReviewStructure.exclude(office=own).update(channels=2)
    analyst = await make.person(Role.ANALYST)

    for name, value in {
        "networks": "caf",
        "offices": ids.encode("Office", own.id),
        "departments": "69",
        "regions": "84",
        "procedures": procedure.code,
        "channels": "COUNTER",
    }.items():
        (line,) = read(await fetched(api, analyst, **{name: value}))
        assert (name, line["count"]) == (name, "3")


async def test_it_is_a_file_that_spreadsheets_open_and_do_not_run(api: Client) -> None:
    await told(await make.office(name='=cmd|"/C calc"!A1'), 1)

    answer = await fetched(api, await make.person(Role.ANALYST), groupBy="OFFICE")

    assert answer.content.startswith(b"\xef\xbb\xbffrom;to;network.code;")
    assert answer.content.count(b"\r\n") == 2
    assert read(answer)[0]["office.name"] == '\'=cmd|"/C calc"!A1'
    assert {name: answer.headers[name] for name in ("content-type", "content-disposition")} == {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": 'attachment; filename="figures.csv"',
    }
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_csv_is_of_what_one_may_count(api: Client) -> None:
    own = await make.office()
    await told(own, 1)
    await told(await make.office("police"), 2)
    agent = await make.person(Role.OFFICE_AGENT, office=own)
    reader = await make.person(Role.ANALYST, network="caf")

    answers = [await fetched(api, who, groupBy="NETWORK") for who in (agent, reader)]
    counts = [
        [(line["network.code"], line["count"]) for line in read(answer)] for answer in answers
    ]

    assert counts == [[("caf", "1")], [("caf", "1")]]


@pytest.mark.parametrize(("brought", "code"), [("", "UNAUTHENTICATED"), ("x", "TOKEN_INVALID")])
async def test_without_a_token_there_is_no_csv(api: Client, brought: str, code: str) -> None:
    headers = {"authorization": f"Bearer {brought}"} if brought else {}
    answer = await api.http.get("/figures.csv", params=JANUARY, headers=headers)

    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == code
    assert "www-authenticate" in answer.headers


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"from": "2026-02-01"}, "BAD_PERIOD"),
        ({"from": "1812-01-01"}, "BAD_PERIOD"),
        ({"from": "2001-01-01"}, "BAD_PERIOD"),
        ({"from": "yesterday"}, "BAD_VARIABLES"),
        ({"from": ""}, "BAD_VARIABLES"),
        ({"groupBy": "MOOD"}, "BAD_VARIABLES"),
        ({"groupBy": "NETWORK,NETWORK"}, "BAD_INPUT"),
        ({"groupBy": "OFFICE", "by": "DAY", "networks": "x"}, "BAD_INPUT"),
        ({"by": "HOUR"}, "BAD_VARIABLES"),
        ({"networks": "caf\0"}, "BAD_INPUT"),
        ({"networks": " "}, "BAD_INPUT"),
        ({"networks": "caf," * 200}, "BAD_INPUT"),
        ({"offices": "caf"}, "BAD_ID"),
        ({"departments": "é" * 9000}, "BAD_INPUT"),
        ({"channels": "PIGEON"}, "BAD_VARIABLES"),
        ({"network": "caf"}, "BAD_INPUT"),
        ({"by": ["DAY", "DAY"]}, "BAD_INPUT"),
    ],
)
async def test_what_the_field_refuses_is_refused_by_the_same_code(
    api: Client, given: dict[str, Any], code: str
) -> None:
    answer = await fetched(api, await make.person(Role.ANALYST), **given)

    assert (answer.status_code, answer.headers["content-type"]) == (
        400,
        "application/json; charset=utf-8",
    )
    assert [one["extensions"]["code"] for one in answer.json()["errors"]] == [code]


async def test_a_parameter_that_is_not_taken_is_named_with_those_that_are(api: Client) -> None:
    answer = await fetched(api, await make.person(Role.ANALYST), mood="good")

    assert answer.json() == {
        "errors": [
            {
                "message": f"The parameters are {', '.join(TAKEN)}, each of them once at most.",
                "extensions": {"code": "BAD_INPUT", "field": ["mood"]},
            }
        ]
    }
