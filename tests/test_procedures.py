"""Procedures: imported from a list, read by all, named by reviews."""

from pathlib import Path
from typing import Any

import pytest

from jobs import procedures
from jobs.demonstration import PROCEDURES
from jobs.files import Unusable
from jobs.procedures import Summary
from models import ids
from models.account import Role
from models.audit import AuditEntry
from models.procedure import Procedure, ProcedureNetwork
from models.review import Review
from models.sql import Sql, connection, fetch
from models.submission import Submission
from tests import factories as make
from tests.client import Client
from tests.test_moderation import APPROVE, SUBMIT, change, codes, key, moderator, platform, told

HEAD = "code;name;networks;url"
LIST = """query ($where: ProcedureFilter) { procedures(where: $where) { totalCount
  nodes { code name url closedAt networks { code } } } }"""
INBOX = """query ($where: ReviewFilter) { reviews(where: $where) { totalCount
  nodes { title procedure { code networks { code } } } } }"""


@pytest.fixture
def listed(tmp_path: Path) -> Any:
    """Import rows, under the usual names of columns."""

    async def load(*rows: str, head: str = HEAD, **more: Any) -> Summary:
        path = tmp_path / "list.csv"
        path.write_bytes("\r\n".join((head, *rows)).encode("utf-8-sig"))
        return await procedures.load(path, tmp_path / "rejects.csv", **more)

    return load


def rejects(folder: Path) -> list[str]:
    """The rejected rows, each with its line."""
    return (folder / "rejects.csv").read_text().splitlines()[1:]


# --- The list ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("world")
async def test_a_list_is_imported_and_the_second_time_nothing_changes(listed: Any) -> None:
    rows = ("apl;Demande d'APL;caf;https://caf.fr", "plainte;Plainte;police, gendarmerie;")

    first = await listed(*rows)
    await listed("apl;Aide au logement;cpam,msa;https://caf.fr")
    third = await listed("apl;Aide au logement;msa,cpam;https://caf.fr", rows[1])

    assert first == Summary(new=2)
    assert third == Summary(unchanged=2)
    found = await Procedure.all().order_by("code").values_list("code", "name", "url")
    assert found == [("apl", "Aide au logement", "https://caf.fr"), ("plainte", "Plainte", None)]
    assert await ProcedureNetwork.all().count() == 4
    entry = await AuditEntry.all().order_by("id").first()
    assert entry
    assert (entry.action, entry.subject) == ("procedures.imported", "list.csv")


@pytest.mark.usefixtures("world")
async def test_what_is_missing_is_closed_only_when_asked_for_and_opens_again(
    listed: Any, tmp_path: Path
) -> None:
    await listed("a;A;caf;", "b;B;caf;", "c;C;caf;")

    kept = await listed("a;A;caf;")
    closed = await listed("a;A;caf;", "b;;caf;", "c;C", close_missing=True)
    gone = await listed("a;A;caf;", close_missing=True)
    again = await listed("b;B;caf;")

    assert kept == Summary(unchanged=1)
    assert closed == Summary(unchanged=1, rejected=2)
    assert gone == Summary(unchanged=1, closed=2)
    assert again == Summary(changed=1)
    assert sorted(one.code for one in await Procedure.filter(closed_at=None)) == ["a", "b"]
    assert not (tmp_path / "rejects.csv").exists()


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a b;A;caf;", "code: 1 to 64 letters"),
        (f"{'x' * 65};A;caf;", "code: 1 to 64 letters"),
        (";A;caf;", "code: 1 to 64 letters"),
        ("good;A;caf;", "code: the same as an earlier"),
        ("a; \u00a0;caf;", "name: 1 to 255"),
        (f"a;{'x' * 256};caf;", "name: 1 to 255"),
        ("a;A;;", "networks: at least one"),
        ("a;A;caf,nowhere;", "networks: there is no network of the code 'nowhere'"),
        ("a;A;caf;javascript:alert(1)", "url: an address"),
        ("a;A;caf", "more or fewer fields"),
    ],
)
async def test_a_row_that_is_wrong_is_told_by_its_line(
    listed: Any, tmp_path: Path, row: str, reason: str
) -> None:
    summary = await listed("good;Bonne;caf;", row, "last;Bonne;caf;")

    (told,) = rejects(tmp_path)
    assert summary == Summary(new=2, rejected=1)
    assert told.startswith("3,")
    assert reason in told


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("head", ["code;name;networks;link", "", "x;y;z;t"])
async def test_a_list_without_its_columns_is_refused_whole(listed: Any, head: str) -> None:
    with pytest.raises(Unusable, match="line 1"):
        await listed("a;A;caf;", head=head)

    assert not await Procedure.exists()


@pytest.mark.usefixtures("world")
async def test_the_list_of_the_demo_is_imported_whole(tmp_path: Path) -> None:
    summary = await procedures.load(PROCEDURES, tmp_path / "rejects.csv")

    assert summary == Summary(new=11)


# --- In the API -------------------------------------------------------------------------------


async def test_everyone_finds_procedures_by_name_network_and_code(api: Client) -> None:
    person = await make.person(Role.ANALYST, network="caf")
    await make.procedure("caf", name="Demande d'APL", code="apl")
    await make.procedure("police", "gendarmerie", name="Dépôt de plainte", code="plainte")
    await make.procedure("caf", name="Prime", code="old", closed_at=make.START)

    async def found(**where: Any) -> list[str]:
        nodes = (await api.data(person, LIST, where=where))["procedures"]["nodes"]
        return [one["code"] for one in nodes]

    whole = await api.data(person, LIST, where={"codes": ["plainte"]})
    assert await found() == ["apl", "plainte"]
    assert await found(includeClosed=True) == ["apl", "plainte", "old"]
    assert await found(text="depot plai") == ["plainte"]
    assert await found(networks=["police", "caf"]) == ["apl", "plainte"]
    assert whole["procedures"] == {
        "totalCount": 1,
        "nodes": [
            {
                "code": "plainte",
                "name": "Dépôt de plainte",
                "url": None,
                "closedAt": None,
                "networks": [{"code": "gendarmerie"}, {"code": "police"}],
            }
        ],
    }


async def test_reviews_name_a_procedure_and_are_found_by_it(api: Client) -> None:
    office, person = await make.office(), await make.person(Role.READER)
    apl = await make.procedure("caf", code="apl")
    rsa = await make.procedure("caf", "cpam", code="rsa")
    for title, procedure in (("a", apl), ("b", rsa), ("c", None)):
        await make.review(office, title=title, procedure=procedure)

    one = await api.data(person, INBOX, where={"procedures": ["rsa"]})
    both = await api.data(person, INBOX, where={"procedures": ["rsa", "apl", "apl"]})

    networks = [{"code": "caf"}, {"code": "cpam"}]
    assert one["reviews"] == {
        "totalCount": 1,
        "nodes": [{"title": "b", "procedure": {"code": "rsa", "networks": networks}}],
    }
    assert both["reviews"]["totalCount"] == 2
    node = "query ($id: ID!) { node(id: $id) { ... on Procedure { code networks { code } } } }"
    found = await api.data(person, node, id=ids.encode("Procedure", rsa.id))
    assert found == {"node": {"code": "rsa", "networks": networks}}


async def test_the_networks_of_many_procedures_are_read_at_once(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, person = await make.office(), await make.person(Role.READER)
    for _ in range(30):
        await make.review(office, procedure=await make.procedure("caf", "cpam"))
    statements = []

    async def counted(query: Sql) -> Any:
        statements.append(query.text)
        return await fetch(query)

    monkeypatch.setattr("resolvers.rows.fetch", counted)
    inbox = "{ reviews(first: 30) { nodes { procedure { networks { code } } } } }"
    data = await api.data(person, inbox)

    assert [len(one["procedure"]["networks"]) for one in data["reviews"]["nodes"]] == [2] * 30
    assert len([one for one in statements if "procedure_network" in one]) == 1


@pytest.mark.parametrize("code", ["nope", "", "\x00", "é", "x" * 9999])
async def test_a_procedure_that_there_is_not_is_refused(api: Client, code: str) -> None:
    person = await make.person(Role.READER)
    given = {"sourceId": "1", "review": told(procedure=code)}

    asked = [
        await api.ask(person, INBOX, where={"procedures": [code]}),
        await api.ask(person, LIST, where={"codes": [code]}),
    ]
    done = await change(api, await platform(), SUBMIT, source="spp", reviews=[given])

    for answer in asked:
        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "BAD_INPUT"
    assert [(one["code"], one["field"]) for one in done["results"]] == [
        ("BAD_INPUT", ["reviews", "0", "review", "procedure"])
    ]


async def test_a_submission_carries_its_procedure_into_what_is_published(api: Client) -> None:
    machine, team = await platform(), await moderator()
    procedure = await make.procedure("caf", code="apl")
    given = [{"sourceId": "1", "review": told(procedure="apl")}]

    done = await change(api, machine, SUBMIT, source="spp", reviews=given)
    again = await change(api, machine, SUBMIT, source="spp", reviews=given)
    other = [{"sourceId": "1", "review": told()}]
    otherwise = await change(api, machine, SUBMIT, source="spp", reviews=other)
    queue = await api.data(machine, "{ submissions { nodes { procedure { code } } } }")
    waiting = await Submission.get()
    approved = await change(api, team, APPROVE, id=key(waiting), v=1)

    statuses = [one["results"][0]["status"] for one in (done, again)]
    assert statuses == ["accepted", "unchanged"]
    assert otherwise["results"][0]["code"] == "SOURCE_ID_TAKEN"
    assert queue == {"submissions": {"nodes": [{"procedure": {"code": "apl"}}]}}
    assert codes(approved) == []
    assert (await Review.get()).procedure_id == procedure.id


@pytest.mark.usefixtures("world")
async def test_the_filter_has_an_index() -> None:
    sql = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE name = 'review_procedure'",
        "postgres": "SELECT indexdef FROM pg_indexes WHERE indexname = 'review_procedure'",
    }[connection().capabilities.dialect]

    ((definition,),) = await fetch(Sql(sql))
    assert "procedure_id IS NOT NULL" in definition
