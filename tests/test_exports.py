"""What is taken out in bulk: asked for, written by the worker, and fetched."""

import asyncio
import csv
import hashlib
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet
import pytest

import app
from jobs import exports
from jobs.exports import PARTIAL, TRIES, hand, purge, write
from jobs.reviews import load
from jobs.rollup import fold_all
from jobs.work import at_work
from models import ids
from models.account import Account, Grant, Role
from models.audit import AuditEntry, Deed, Doer, Place
from models.event import Event
from models.export import (
    A_DAY,
    AT_ONCE,
    WRITE,
    Export,
    ExportFault,
    ExportFormat,
    ExportKind,
    ExportState,
)
from models.office import Office
from models.redaction import Span
from models.reply import Reply
from models.review import Review, ReviewStructure, Sentiment
from models.sql import database
from models.task import Lease, Task
from models.wall import system
from resolvers import exporting
from settings import Settings
from tests import factories as make
from tests.client import Client
from tests.servers import Databases

SHOWN = "id state fault rows total size sha256 url version steps"
START = f"""mutation ($kind: ExportKind!, $format: ExportFormat!, $where: ExportFilter,
  $key: String) {{ done: exportStart(kind: $kind, format: $format, where: $where,
  idempotencyKey: $key) {{ export {{ {SHOWN} }} userErrors {{ code field }} }} }}"""
CANCEL = f"""mutation ($id: ID!, $v: Int!) {{ done: exportCancel(id: $id, expectedVersion: $v) {{
  export {{ {SHOWN} }} userErrors {{ code field }} }} }}"""
LISTED = f"{{ exports {{ totalCount nodes {{ {SHOWN} }} }} }}"
ONE = f"query ($id: ID!) {{ node(id: $id) {{ ... on Export {{ {SHOWN} }} }} }}"


@pytest.fixture
def config(config: Settings, tmp_path: Path) -> Settings:
    """The settings of a service that keeps its exports in a folder of the test."""
    return config.model_copy(update={"export_dir": tmp_path / "exports"})


@asynccontextmanager
async def idle(*_: object) -> AsyncIterator[None]:
    """Nobody at work: the tests here write exports themselves, when it is time."""
    yield


@pytest.fixture(autouse=True)
def by_hand(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the worker is a process of its own, but for one test."""
    if "at_work" not in request.keywords:
        monkeypatch.setattr(app, "at_work", idle)


@pytest.fixture
async def office() -> Office:
    return await make.office(name="Caf du Rhône")


async def manager(office: Office) -> str:
    return await make.person(Role.OFFICE_MANAGER, office=office)


async def start(
    api: Client, who: str, kind: str = "REVIEWS", form: str = "JSONL", **more: Any
) -> Any:
    """The export that was asked for, which must not be refused."""
    done = (await api.data(who, START, kind=kind, format=form, **more))["done"]
    assert done["userErrors"] == []
    return done["export"]


async def refused(api: Client, who: str, query: str = START, **variables: Any) -> list[Any]:
    done = (await api.data(who, query, **variables))["done"]
    assert done["export"] is None
    return [(error["code"], error["field"]) for error in done["userErrors"]]


def key(export: Any) -> int:
    return ids.key_of("Export", export["id"])


async def made(api: Client, config: Settings, who: str, *asked: str, **more: Any) -> Any:
    """An export that was asked for and written, as its owner sees it."""
    export = await start(api, who, *asked, **more)
    await write(key(export), config)
    return (await api.data(who, ONE, id=export["id"]))["node"]


async def fetch(api: Client, who: str, export: Any, **headers: str) -> Any:
    path = f"/exports/{export['id']}"
    return await api.http.get(path, headers={**api.headers(who), **headers})


async def lines(api: Client, who: str, export: Any) -> list[Any]:
    answer = await fetch(api, who, export)
    assert answer.status_code == 200
    return [orjson.loads(line) for line in answer.content.splitlines()]


async def happened(kind: str, office: Office) -> None:
    """Something that happened at an office."""
    deed = Deed(kind, "x", Place(office.network_id, office.department_id, office.id))
    async with system():
        await Event.add(await AuditEntry.add(deed, Doer(None, "test")), [deed])


async def test_reviews_in_scope_are_asked_for_written_and_fetched(
    api: Client, config: Settings, office: Office
) -> None:
    shared, foreign = await make.office("police"), await make.office()
    mine = await make.review(office, shared, title="=1+1", replied=1)
    await make.review(foreign, title="Ailleurs")
    who = await manager(office)

    queued = await start(api, who)
    await write(key(queued), config)
    ready = (await api.data(who, ONE, id=queued["id"]))["node"]
    answer = await fetch(api, who, ready)

    assert (queued["state"], queued["url"], queued["version"]) == ("QUEUED", None, 1)
    assert ready == {
        "id": queued["id"],
        "state": "READY",
        "fault": None,
        "rows": 1,
        "total": 1,
        "size": str(len(answer.content)),
        "sha256": hashlib.sha256(answer.content).hexdigest(),
        "url": f"/exports/{queued['id']}",
        "version": 3,
        "steps": ["CANCEL", "EXPIRE"],
    }
    (row,) = map(orjson.loads, answer.content.splitlines())
    told = {name: row[name] for name in ("id", "title", "sentiment", "reply1", "network2")}
    assert told == {
        "id": ids.encode("Review", mine.id),
        "title": "=1+1",
        "sentiment": "NEGATIVE",
        "reply1": "Merci.",
        "network2": "police",
    }
    assert answer.headers["etag"] == f'"{ready["sha256"]}"'
    assert "attachment" in answer.headers["content-disposition"]
    assert [one.action for one in await AuditEntry.all().order_by("id")][-3:] == [
        "export.started",
        "export.finished",
        "export.fetched",
    ]


@pytest.mark.at_work
async def test_the_worker_writes_what_was_asked_for(
    api: Client, config: Settings, office: Office
) -> None:
    await make.review(office)
    who = await manager(office)
    async with AsyncExitStack() as stack:
        if config.dialect == "postgres":  # where a worker is a process of its own
            await stack.enter_async_context(at_work(config, api.keys))
        export = await start(api, who)
        async with asyncio.timeout(20):
            while (await api.data(who, ONE, id=export["id"]))["node"]["state"] != "READY":
                await asyncio.sleep(0.05)
        while await Task.filter(kind=WRITE).exists():  # it is put away
            await asyncio.sleep(0.05)

        assert len(await lines(api, who, export)) == 1


@pytest.mark.parametrize("form", ["JSONL", "CSV", "PARQUET"])
@pytest.mark.parametrize("kind", [kind.name for kind in ExportKind])
async def test_every_kind_is_written_in_every_format(
    api: Client, config: Settings, office: Office, kind: str, form: str
) -> None:
    await make.review(office, replied=1)
    await make.review(office, title="Sans réponse", day=40)
    for _ in range(2):
        await happened("review.published", office)
        await make.accepted(await make.report(office=office))
    who = await manager(office)

    answer = await fetch(api, who, await made(api, config, who, kind, form))

    rows = 1 if kind == "REPLIES" else 2
    if form == "PARQUET":
        found = pyarrow.parquet.read_table(io.BytesIO(answer.content)).num_rows
    elif form == "CSV":
        text = io.StringIO(answer.content.decode("utf-8-sig"), newline="")
        found = len(list(csv.DictReader(text, delimiter=";")))
    else:
        found = len(answer.content.splitlines())
    assert found == rows


async def test_conditions_narrow_what_is_taken_out(
    api: Client, config: Settings, office: Office
) -> None:
    below = await make.office(parent=office)
    for day, where in enumerate((office, below, office)):
        await make.review(where, day=day, title=f"Jour {day}")
    who = await manager(office)
    global_id = ids.encode("Office", below.id)

    by_office = await made(api, config, who, where={"offices": [global_id]})
    by_day = await made(api, config, who, where={"since": "2026-01-02", "until": "2026-01-02"})
    elsewhere = START, {"kind": "REVIEWS", "format": "CSV", "where": {"departments": ["01"]}}

    assert [row["title"] for row in await lines(api, who, by_office)] == ["Jour 1"]
    assert [row["title"] for row in await lines(api, who, by_day)] == ["Jour 1"]
    assert await refused(api, who, elsewhere[0], **elsewhere[1]) == [("EXPORT_EMPTY", ["where"])]


async def test_only_grants_that_let_one_take_out_count(
    api: Client, config: Settings, office: Office
) -> None:
    other = await make.office()
    for where in (office, other):
        await make.review(where, title=where.name)
    who = await make.person(Role.READER, network="caf")
    asked = {"kind": "REVIEWS", "format": "JSONL"}
    before = await refused(api, who, **asked)
    await make.person(Role.OFFICE_MANAGER, office=office, name=who)
    await asyncio.sleep(2.1)  # what is remembered of grants

    after = await lines(api, who, await made(api, config, who))

    assert before == [("EXPORT_EMPTY", ["where"])]
    assert [row["title"] for row in after] == ["Caf du Rhône"]


async def test_reports_are_taken_out_as_those_read_them_whom_they_concern(
    api: Client, config: Settings, office: Office
) -> None:
    team = (await Account.machine("Équipe nationale")).id
    report = await make.report(office=office, passage="Écrire à Mme Dupont.", suggestion="Non.")
    spans = {"passage": [Span(9, 19)]}
    await report.accept(spans, without_attachment=False, by=team, expected_version=1)
    await make.report(office=office, passage="Encore à trier.")
    await make.accepted(await make.report(office=await make.office()))
    who = await manager(office)
    export = await made(api, config, who, "REPORTS")
    (row,) = await lines(api, who, export)
    await happened("review.changed", office)
    before = await fetch(api, who, export)
    await happened("report.withdrawn", office)
    after = await fetch(api, who, export)

    told = {name: row[name] for name in ("id", "state", "passage", "network", "officeId")}
    assert told == {
        "id": ids.encode("DocumentReport", report.id),
        "state": "ACCEPTED",
        "passage": "Écrire à […].",
        "network": "caf",
        "officeId": ids.encode("Office", office.id),
    }
    assert "Dupont" not in str(row)
    assert (before.status_code, after.status_code) == (200, 410)


async def test_who_moderates_and_takes_out_takes_no_reports_out_that_they_may_not_read(
    api: Client, office: Office
) -> None:
    await make.accepted(await make.report(office=office))
    who = await make.person(Role.SERVICE, rights="moderate export")

    assert await refused(api, who, kind="REPORTS", format="CSV") == [("EXPORT_EMPTY", ["where"])]


FIGURES = """{ satisfaction(period: {from: "2026-01-16", to: "2026-02-28"}, by: MONTH,
  groupBy: [NETWORK, DEPARTMENT, OFFICE]) { cells { from to network { code }
  department { code } office { id name } count positive neutral negative answered
  rate { value low high } net { value low high } score { value low high }
  replyRate { value low high } delay { meanDays medianDays p75Days p90Days p95Days } } } }"""


def flattened(cell: Any) -> dict[str, Any]:
    """A cell of `satisfaction` as a row of an export has it."""
    office, department = cell["office"], cell["department"]
    flat = {
        "from": cell["from"],
        "to": cell["to"],
        "network": cell["network"]["code"],
        "department": department and department["code"],
        "officeId": office and office["id"],
        "office": office and office["name"],
        **{name: cell[name] for name in ("count", "positive", "neutral", "negative", "answered")},
        **cell["delay"],
    }
    for name in ("rate", "net", "score", "replyRate"):
        ends = cell[name] or dict.fromkeys(("value", "low", "high"))
        flat |= {name: ends["value"], f"{name}Low": ends["low"], f"{name}High": ends["high"]}
    return flat


@pytest.mark.parametrize("folded", [False, True])
async def test_figures_are_taken_out_as_satisfaction_tells_them(
    api: Client, config: Settings, office: Office, folded: bool
) -> None:
    elsewhere = await make.office("police")
    for day, sentiment in enumerate((1, 0, -1, 1) * 15):
        replied = day + 2 if day % 3 else None
        among = (office, elsewhere, await make.office()) if day % 20 == 0 else (office,)
        await make.review(*among, sentiment=Sentiment(sentiment), day=day, replied=replied)
    if folded:
        await fold_all()
    who = await make.person(
        Role.SERVICE, network="caf", rights="read_aggregates read_verbatims export"
    )
    where = {"since": "2026-01-16", "until": "2026-02-28"}
    export = await made(api, config, who, "STATISTICS", where=where)
    found = await lines(api, who, export)
    cells = (await api.data(who, FIGURES))["satisfaction"]["cells"]

    def order(row: Any) -> tuple[str, str]:
        return row["from"], row["officeId"]

    assert sorted(found, key=order) == sorted(map(flattened, cells), key=order)
    assert (export["rows"], export["total"]) == (len(cells), len(cells))
    assert {row["from"] for row in found} == {"2026-01-16", "2026-02-01"}
    await happened("review.erased", office)
    assert (await fetch(api, who, export)).status_code == 200


async def test_no_figures_are_taken_out_where_one_may_not_count(
    api: Client, office: Office
) -> None:
    await make.review(office)
    asked = {"kind": "STATISTICS", "format": "CSV"}
    reads = await make.person(Role.SERVICE, network="caf", rights="read_verbatims export")
    counts = await make.person(Role.SERVICE, network="police", rights="read_aggregates export")
    long_ago = {"since": "0001-01-02", "until": "1999-12-31"}
    country = await make.person(Role.SERVICE, rights="read_aggregates export")

    for who, where in ((reads, {}), (counts, {}), (country, long_ago)):
        assert await refused(api, who, **asked, where=where) == [("EXPORT_EMPTY", ["where"])]


async def test_an_export_is_nobody_elses(api: Client, config: Settings, office: Office) -> None:
    await make.review(office)
    who, other = await manager(office), await manager(office)
    export = await made(api, config, who)

    answer = await fetch(api, other, export)

    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (
        404,
        "NOT_FOUND",
    )
    assert (await api.data(other, LISTED))["exports"] == {"totalCount": 0, "nodes": []}
    assert (await api.data(other, ONE, id=export["id"]))["node"] is None
    assert await refused(api, other, CANCEL, id=export["id"], v=3) == [("NOT_FOUND", ["id"])]
    assert (await api.http.get(f"/exports/{export['id']}")).status_code == 401


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        (ids.encode("Export", 999), 404, "NOT_FOUND"),
        (ids.encode("Review", 1), 400, "BAD_ID"),
        ("%00", 400, "BAD_ID"),
        ("..%2F..%2Fetc%2Fpasswd", 404, "NO_SUCH_PATH"),
        ("%F0%9F%92%A9", 400, "BAD_ID"),
    ],
)
async def test_what_is_no_export_of_ones_own_is_not_fetched(
    api: Client, office: Office, given: str, status: int, code: str
) -> None:
    who = await manager(office)

    answer = await api.http.get(f"/exports/{given}", headers=api.headers(who))

    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (status, code)


async def test_a_download_goes_on_where_it_stopped(
    api: Client, config: Settings, office: Office
) -> None:
    await make.review(office)
    who = await manager(office)
    export = await made(api, config, who)
    whole = await fetch(api, who, export)
    tag = whole.headers["etag"]

    rest = await fetch(api, who, export, **{"range": "bytes=100-", "if-range": tag})
    changed = await fetch(api, who, export, **{"range": "bytes=100-", "if-range": '"other"'})
    same = await fetch(api, who, export, **{"if-none-match": tag})
    beyond = await fetch(api, who, export, range="bytes=1000000-")

    assert (rest.status_code, rest.content) == (206, whole.content[100:])
    assert (changed.status_code, changed.content) == (200, whole.content)
    assert (same.status_code, same.content) == (304, b"")
    assert beyond.status_code == 416
    fetched = await AuditEntry.filter(action="export.fetched").count()
    assert fetched == 5


async def test_what_is_not_ready_is_not_fetched(
    api: Client, config: Settings, office: Office
) -> None:
    await make.review(office)
    who = await manager(office)
    export = await start(api, who)
    before = await fetch(api, who, export)
    await write(key(export), config)
    ready = (await api.data(who, ONE, id=export["id"]))["node"]
    await api.data(who, CANCEL, id=export["id"], v=ready["version"])
    cancelled = await fetch(api, who, export)

    assert [one.json()["errors"][0]["extensions"]["code"] for one in (before, cancelled)] == [
        "EXPORT_UNREADY"
    ] * 2


async def test_a_file_is_gone_when_its_time_is_over(
    api: Client, config: Settings, office: Office
) -> None:
    await make.review(office)
    who = await manager(office)
    export, kept = await made(api, config, who), await made(api, config, who)
    stray = config.export_dir / "77.csv.partial"
    stray.touch()
    now = datetime.now(UTC)
    await Export.filter(id=key(export)).update(expires_at=now - timedelta(seconds=1))
    over = await fetch(api, who, export)
    await purge(config)
    gone = await fetch(api, who, export)

    assert [one.json()["errors"][0]["extensions"]["code"] for one in (over, gone)] == [
        "EXPORT_EXPIRED"
    ] * 2
    assert [path.name for path in config.export_dir.iterdir()] == [f"{key(kept)}.jsonl"]
    assert (await api.data(who, ONE, id=export["id"]))["node"]["state"] == "EXPIRED"


async def test_rights_are_asked_again_at_each_download(
    api: Client, config: Settings, office: Office
) -> None:
    await make.review(office)
    who = await manager(office)
    export = await made(api, config, who)
    before = await fetch(api, who, export)
    await Grant.all().update(revoked_at=datetime.now(UTC))
    await make.person(Role.OFFICE_MANAGER, office=await make.office(), name=who)
    await asyncio.sleep(2.1)

    after = await fetch(api, who, export)

    assert before.status_code == 200
    assert (after.status_code, after.json()["errors"][0]["extensions"]["code"]) == (
        410,
        "EXPORT_OUTDATED",
    )


async def test_a_file_with_words_that_were_taken_out_since_is_not_fetched(
    api: Client, config: Settings, office: Office
) -> None:
    await make.review(office)
    who = await manager(office)
    export = await made(api, config, who)
    elsewhere = await make.office("police")
    await happened("review.changed", elsewhere)
    before = await fetch(api, who, export)
    await happened("review.changed", office)
    after = await fetch(api, who, export)

    assert (before.status_code, after.status_code) == (200, 410)


async def test_an_account_has_few_exports_at_once_and_a_day(api: Client, office: Office) -> None:
    await make.review(office)
    who = await manager(office)
    asked = {"kind": "REVIEWS", "format": "CSV"}
    answers = await asyncio.gather(*(api.data(who, START, **asked) for _ in range(AT_ONCE + 2)))
    codes = [error["code"] for one in answers for error in one["done"]["userErrors"]]
    await Export.all().update(state=ExportState.FAILED)
    account = await Account.get(subject=who)
    for _ in range(A_DAY - AT_ONCE):
        await Export.create(
            account=account,
            kind=ExportKind.REVIEWS,
            format=ExportFormat.CSV,
            conditions="{}",
            state=ExportState.FAILED,
            requested_at=datetime.now(UTC),
        )

    assert codes == ["EXPORT_QUOTA"] * 2
    assert await refused(api, who, **asked) == [("EXPORT_QUOTA", [])]


async def test_a_cancelled_export_stops_and_leaves_nothing(
    api: Client, config: Settings, office: Office
) -> None:
    await make.review(office)
    who = await manager(office)
    export = await start(api, who)

    stale = await refused(api, who, CANCEL, id=export["id"], v=2)
    done = (await api.data(who, CANCEL, id=export["id"], v=1))["done"]["export"]
    again = await refused(api, who, CANCEL, id=export["id"], v=2)
    await write(key(export), config)

    assert stale == [("STALE_VERSION", ["expectedVersion"])]
    assert (done["state"], done["steps"]) == ("CANCELLED", [])
    assert again == [("ILLEGAL_STEP", ["id"])]
    assert not config.export_dir.exists()


async def test_an_export_that_is_cancelled_while_it_is_written_stops_and_leaves_nothing(
    api: Client, config: Settings, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PAGE", 1)
    monkeypatch.setattr(exports, "TOLD", 0.01)
    for _ in range(60):
        await make.review(office)
    who = await manager(office)
    export = await start(api, who)
    writing = asyncio.create_task(write(key(export), config))
    while not (await Export.get(id=key(export))).rows:
        assert not writing.done()
        await asyncio.sleep(0)
    done = (await api.data(who, CANCEL, id=export["id"], v=2))["done"]["export"]
    await writing

    assert done["state"] == "CANCELLED"
    assert (await Export.get(id=key(export))).rows < 60
    assert list(config.export_dir.iterdir()) == []


async def test_a_fault_fails_the_export_after_some_tries(
    api: Client, config: Settings, office: Office
) -> None:
    await make.review(office)
    export = await start(api, await manager(office))
    await Export.all().update(conditions="nonsense")
    lease = Lease(0, "export", str(key(export)), {}, asked=1, attempts=TRIES - 1, by="x")

    with pytest.raises(ValueError, match="literal"):
        await hand(config)(lease)
    before = await Export.get(id=key(export))
    await hand(config)(replace(lease, attempts=TRIES))
    after = await Export.get(id=key(export))

    assert (before.state, before.fault) == (ExportState.RUNNING, None)
    assert (after.state, after.fault) == (ExportState.FAILED, ExportFault.INTERNAL)


async def test_a_full_disk_fails_the_export_and_nothing_else(
    api: Client, config: Settings, office: Office
) -> None:
    await make.review(office)
    who = await manager(office)
    export = await start(api, who)
    config.export_dir.mkdir()
    partial = config.export_dir / f"{key(export)}.jsonl{PARTIAL}"
    partial.symlink_to("/dev/full")

    await write(key(export), config)

    failed = (await api.data(who, ONE, id=export["id"]))["node"]
    assert (failed["state"], failed["fault"], failed["url"]) == ("FAILED", "DISK_FULL", None)
    assert list(config.export_dir.iterdir()) == []
    assert (await made(api, config, who))["state"] == "READY"


async def test_whoever_may_not_export_any_more_gets_nothing(
    api: Client, config: Settings, office: Office
) -> None:
    await make.review(office)
    who = await manager(office)
    export = await start(api, who)
    await Grant.all().update(revoked_at=datetime.now(UTC))

    await write(key(export), config)

    found = await Export.get(id=key(export))
    assert (found.state, found.fault) == (ExportState.FAILED, ExportFault.NOT_FOUND)


async def test_an_export_that_a_worker_died_over_is_written_once_more(
    api: Client, config: Settings, office: Office
) -> None:
    await make.review(office)
    who = await manager(office)
    export = await start(api, who)
    await Export.all().update(state=ExportState.RUNNING, rows=700)
    config.export_dir.mkdir()
    (config.export_dir / f"{key(export)}.jsonl{PARTIAL}").write_bytes(b"half a li")

    await write(key(export), config)

    found = (await api.data(who, ONE, id=export["id"]))["node"]
    assert (found["state"], found["rows"]) == ("READY", 1)
    assert len(await lines(api, who, export)) == 1


async def test_an_export_is_asked_for_once_under_a_key(api: Client, office: Office) -> None:
    await make.review(office)
    who = await manager(office)

    one, same = await start(api, who, key="k"), await start(api, who, key="k")

    assert one["id"] == same["id"]
    assert await Export.all().count() == 1


ODD = ["=cmd|' /C calc'!A0", "'=1", "a;b", 'dit "oui"', "ligne\nautre ligne", "-5", "@moi", "é'è"]


def vars_of(row: Any) -> dict[str, Any]:
    """The columns of a row."""
    return dict(row)


async def _all() -> list[Any]:
    """Every published fact that the open-data form tells, without what numbers them here."""
    found = []
    for review in await Review.all().order_by("source_id"):
        columns = vars_of(review)
        for name in ("id", "search", "source", "source_id", "version", "redacted_at"):
            columns.pop(name)
        parts = await ReviewStructure.filter(review=review).order_by("position")
        for part in parts:
            reply = await Reply.get_or_none(structure=part, state="published")
            told = (part.network_id, part.office_id, part.department_id, part.channels)
            columns[f"part{part.position}"] = (*told, part.answered, reply and reply.body)
        found.append(columns)
    return sorted(found, key=lambda one: str(one["title"]))


@pytest.fixture
async def emptied(databases: Databases) -> Settings:
    """Another database, with the reference data only."""
    return databases.settings(await databases.copy(make.nothing))


@pytest.mark.parametrize("form", ["CSV", "JSONL"])
async def test_open_data_imports_again_as_the_same_reviews(
    api: Client, config: Settings, emptied: Settings, tmp_path: Path, form: str
) -> None:
    office, police = await make.office(name="Caf du Rhône"), await make.office("police")
    for number, odd in enumerate(ODD):
        review = await make.review(
            *([office, police] if number % 2 else [office]),
            title=odd,
            text=odd * 2,
            sentiment=Sentiment(number % 3 - 1),
            day=number,
            replied=number + 1 if number % 3 else None,
            postal_code="69001",
            relation=Sentiment.POSITIVE,
            written_on=datetime(2026, 1, 1, tzinfo=UTC).date(),
        )
        if number < 4:  # from the platform, under its number
            await Review.filter(id=review.id).update(
                source="services-publics-plus", source_id=str(100 + number)
            )
    before = await _all()
    who = await make.person(Role.NETWORK_MANAGER, network="caf")
    answer = await fetch(api, who, await made(api, config, who, "OPEN_DATA", form))
    path = tmp_path / f"open.{form.lower()}"
    path.write_bytes(answer.content)

    async with database(emptied.tortoise(system=True), shared=False):
        for one in (office, police):
            await make.directory_file()
            await Office.create(**{**vars_of(one), "file": await make.directory_file()})
        summary = await load(path, tmp_path / "rejects.csv")
        after = await _all()

    assert (summary.new, summary.rejected) == (len(ODD), 0)
    assert after == before


async def test_an_export_is_what_there_was_at_one_moment(
    api: Client, config: Settings, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PAGE", 1)
    monkeypatch.setattr(exports, "TOLD", 0.01)
    for number in range(60):
        await make.review(office, title=str(number))
    who = await manager(office)
    export = await start(api, who)
    writing = asyncio.create_task(write(key(export), config))
    while not (await Export.get(id=key(export))).rows:
        assert not writing.done()
        await asyncio.sleep(0)
    told = (await api.data(who, ONE, id=export["id"]))["node"]
    await make.review(office, title="later")
    await Review.filter(title="59").delete()
    await writing

    assert (told["state"], told["total"]) == ("RUNNING", 60)
    assert [row["title"] for row in await lines(api, who, export)] == [str(n) for n in range(60)]
