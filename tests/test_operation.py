"""What whoever runs the service is told: logs, figures, traces, and nobody's words in them."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
import yaml
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from websockets.exceptions import ConnectionClosed

from jobs.standing import ABOUT
from models import ids
from models.account import Role
from models.sql import connection, database
from models.telemetry import exported
from settings import Settings
from tests import factories as make
from tests.client import Client, asking
from tests.follower import socket
from tests.provider import CLIENT, SECRET, Browser, TestProvider, providing
from tests.receivers import Receiver, receiving
from tests.servers import as_owner, free_port
from tests.test_moderation import APPROVE, SUBMIT, told
from tests.watched import Program, collector, program, sample, server

ROOT = Path(__file__).parent.parent
WATCH = ROOT / "docker" / "watch"
ALERTS: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((WATCH / "alerts.yaml").read_text())["groups"]
    for rule in group["rules"]
]
BOARD: dict[str, Any] = json.loads((WATCH / "dashboard.json").read_text())
POSTGRES = pytest.mark.parametrize("databases", ["postgres"], indirect=True)

WORD = "zibeline"
"""Stands in all that people write, are called and send: it must not be told."""

PHONE = "06 98 76 54 32"
COUNT = "{ reviews { totalCount } }"
WEBHOOK = """mutation ($input: WebhookInput!) { webhookCreate(input: $input) { secret
  userErrors { code } } }"""
BROKEN = f"{WORD} panne"
"""A comment at which the database breaks, quoting it."""


async def breaks_at_a_comment() -> None:
    """A fault of the database whose words are those of the user."""
    statement = (
        "ALTER TABLE review_comment ADD CHECK (body NOT LIKE '%panne%')"
        if connection().capabilities.dialect != "sqlite"
        else "CREATE TRIGGER broken BEFORE INSERT ON review_comment WHEN new.body LIKE '%panne%'"
        f" BEGIN SELECT RAISE(ABORT, '{BROKEN}'); END"
    )
    await connection().execute_query(statement)


@pytest.fixture
async def people(config: Settings) -> dict[str, str]:
    """Who is at work, each with a name that nobody is to be told; and a fault to come."""
    async with database(as_owner(config).tortoise(system=True)):
        await breaks_at_a_comment()
        office = await make.office(name=f"Caf de {WORD}")
        return {
            "office": ids.encode("Office", office.id),
            "platform": await make.person(Role.SERVICE, rights="intake", name=f"{WORD}-1"),
            "team": await make.person(Role.MODERATOR, name=f"{WORD}-2"),
            "boss": await make.person(Role.OFFICE_MANAGER, office=office, name=f"{WORD}-3"),
        }


@asynccontextmanager
async def worker(config: Settings, folder: Path, **environ: str) -> AsyncIterator[list[Program]]:
    """The worker; on SQLite it is the server."""
    if config.dialect == "sqlite":
        yield []
        return
    async with program(config, folder, "jobs", "work", **environ) as one:
        yield [one]


async def worked(api: Client, people: dict[str, str], receiver: Receiver) -> list[str]:
    """People write all they can; what of it is secret."""
    given: Any = {"url": f"{receiver.address}/{WORD}", "label": WORD}
    place = {"office": people["office"]}
    made = await api.data(people["boss"], WEBHOOK, input={**given, "place": place})
    said = told(title=f"Le {WORD}", description=f"{WORD} {PHONE}", contact=f"{WORD}@caf.fr {PHONE}")
    said["structures"] = [place]
    handed = [{"sourceId": f"{WORD}-9", "review": said}]
    await api.data(people["platform"], SUBMIT, source=WORD, reviews=handed)
    ((key,),) = [
        [one["id"] for one in (await api.data(people["team"], QUEUE))["submissions"]["nodes"]]
    ]
    (await api.data(people["team"], APPROVE, id=key, v=1))["done"]["review"]["id"]
    search = "query ($w: ReviewFilter) { reviews(where: $w) { nodes { id structures { id } } } }"
    (review,) = (await api.data(people["boss"], search, w={"text": WORD}))["reviews"]["nodes"]
    reply = """mutation Zibeline($id: ID!, $body: String!) { zibeline: reviewReply(id: $id,
      body: $body, idempotencyKey: "zibeline") { reply { body } userErrors { code } } }"""
    at = review["structures"][0]["id"]
    assert not (await api.data(people["boss"], reply, id=at, body=f"Cher {WORD}"))["zibeline"][
        "userErrors"
    ]
    comment = (
        "mutation ($id: ID!, $b: String!) { commentAdd(id: $id, body: $b) { comment { id } } }"
    )
    await api.data(people["boss"], comment, id=review["id"], b=f"Vu avec {WORD}")
    broken = await api.ask(people["boss"], comment, id=review["id"], b=BROKEN)
    assert broken["errors"][0]["extensions"]["code"] == "INTERNAL"
    return [made["webhookCreate"]["secret"].removeprefix("whsec_")]


async def took_out(api: Client, people: dict[str, str]) -> list[str]:
    """People take out what they may, and ask for what they may not; the files of it."""
    start = """mutation ($kind: ExportKind!, $key: String!) { exportStart(kind: $kind,
      format: JSONL, idempotencyKey: $key) { export { id } userErrors { code } } }"""
    state = "query ($id: ID!) { node(id: $id) { ... on Export { state } } }"
    files = []
    for kind in ("REVIEWS", "EVENTS"):
        made = await api.data(people["boss"], start, kind=kind, key=f"{WORD}-{kind}")
        key = made["exportStart"]["export"]["id"]
        async with asyncio.timeout(30):
            while (await api.data(people["boss"], state, id=key))["node"]["state"] != "READY":
                await asyncio.sleep(0.1)
        fetched = await api.http.get(f"/exports/{key}", headers=api.headers(people["boss"]))
        files.append(fetched.raise_for_status().text)
        for who, path in (("team", key), ("boss", f"{key}{WORD}")):
            headers = {**api.headers(people[who]), "range": WORD, "if-none-match": f'"{WORD}"'}
            assert (await api.http.get(f"/exports/{path}", headers=headers)).status_code >= 400
    return files


def by_browser(provider: TestProvider, folder: Path) -> dict[str, str]:
    """What makes a server one at which people sign in."""
    (folder / "secret").write_text(SECRET)
    provider.mark = WORD
    provider.person = {"sub": f"{WORD}-4", "email": f"{WORD}-4@caf.fr", "given_name": WORD}
    port = free_port()
    return {
        "RELAIS_PORT": str(port),
        "RELAIS_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "RELAIS_OIDC_ISSUER": provider.issuer,
        "RELAIS_OIDC_CLIENT_ID": CLIENT,
        "RELAIS_OIDC_CLIENT_SECRET_FILE": str(folder / "secret"),
    }


async def signed_in(browser: Browser, provider: TestProvider) -> list[str]:
    """People sign in, fail to and sign out; the secrets that went to and fro."""
    secrets = [SECRET]

    async def back(**bent: str) -> httpx.Response:
        away = await browser.ask("GET", f"/auth/login?next=/{WORD}")
        asked = dict(parse_qsl(urlsplit(away.headers["location"]).query))
        secrets.extend([*browser.cookies.values(), asked["state"], asked["nonce"]])
        async with httpx.AsyncClient() as http:
            found = await http.get(away.headers["location"])
        query = dict(parse_qsl(urlsplit(found.headers["location"]).query)) | bent
        return await browser.ask("GET", "/auth/callback", params=query)

    bad = [{"state": WORD}, {"code": WORD}, {"error": WORD, "error_description": WORD}]
    answers = [await back(**bent) for bent in bad]
    provider.claims = {"nonce": WORD}
    answers.append(await back())
    provider.claims = {}
    answers.append(await back())
    assert [one.status_code for one in answers] == [400, 400, 403, 400, 303]
    assert WORD in (await browser.graphql("{ viewer { label } }")).text
    assert WORD in (await browser.ask("GET", "/account")).text
    secrets.extend([*browser.cookies.values(), *provider.given])
    browser.cookies["x"] = WORD
    assert (await browser.ask("POST", "/auth/logout")).status_code == 303
    return secrets


QUEUE = "{ submissions { nodes { id } } }"


async def mistaken(api: Client, people: dict[str, str]) -> list[str]:
    """People send what can't be right; the tokens that they sent."""
    good = api.headers(people["boss"])
    bad = [f"{WORD}.{WORD}.{WORD}", api.keys.issue(f"{WORD}-0", 60)]
    for token in bad:
        await api.http.post("/graphql", headers={"authorization": f"Bearer {token}"})
    for query in (f"{{ {WORD} }}", f'{{ review(id: "{WORD}") {{ id }} }}', f"{{ # {WORD}\n"):
        await api.http.post("/graphql", json={"query": query}, headers=good)
    by_name = "query ($zibeline: Int!) { reviews(first: $zibeline) { totalCount } }"
    for variables in ({WORD: WORD}, {WORD: 10**9}):
        asked = {"query": by_name, "variables": variables}
        await api.http.post("/graphql", json=asked, headers=good)
    for path in (
        f"/{WORD}",
        f"/exports/{WORD}",
        f"/graphql?query={WORD}",
        f"/figures.csv?x={WORD}",
    ):
        await api.http.get(path, headers={**good, "x-request-id": WORD, "user-agent": WORD})
    await api.http.request(WORD.upper(), "/graphql", headers=good)
    for token in (bad[0], WORD):
        async with socket(str(api.http.base_url).rstrip("/")) as connection_:
            with pytest.raises(ConnectionClosed):
                await connection_.begin(authorization=f"Bearer {token}")
    return [*bad, good["authorization"].removeprefix("Bearer ")]


async def test_nothing_that_people_write_or_are_called_is_told(
    config: Settings, people: dict[str, str], tmp_path: Path
) -> None:
    async with receiving() as receiver, collector() as (endpoint, sent), providing() as provider:
        told_ = {"RELAIS_LOG_LEVEL": "debug", "RELAIS_OTLP_ENDPOINT": endpoint}
        signs_in = by_browser(provider, tmp_path)
        receiver.statuses = [500]
        async with (
            server(config, tmp_path, **told_, **signs_in) as (api, one),
            worker(config, tmp_path, **told_) as others,
        ):
            secrets = await worked(api, people, receiver)
            secrets += await mistaken(api, people)
            secrets += await signed_in(Browser(signs_in["RELAIS_PUBLIC_URL"]), provider)
            files = await took_out(api, people)
            await receiver.got(1)
            for each in (one, *others):
                await each.scrape()
                each.process.terminate()
                await each.process.wait()

    programs = (one, *others)
    everything = "\n".join(text for each in programs for text in (each.told(), *each.scraped))
    everything += b"\n".join(sent).decode(errors="replace")
    assert "reviewReply" in everything
    assert "INSERT INTO" in everything
    assert len(one.lines("request")) > 15
    faults = [line for line in one.lines("request") if line["status"] == 500]
    assert [line["operation"] for line in faults] == ["commentAdd"]
    leaks = [WORD, PHONE, PHONE.replace(" ", ""), *secrets]
    assert [leak for leak in leaks if leak.lower() in everything.lower()] == []
    assert WORD in files[0]
    assert [file for file in files if f"{WORD}@caf.fr" in file] == []
    told_on = [files[1], *(body.decode() for body in receiver.bodies)]
    assert "reply.published" in files[1]
    assert [text for text in told_on if WORD in text] == []


async def test_a_request_leaves_a_line_that_says_who_asked_what(
    config: Settings, people: dict[str, str], tmp_path: Path
) -> None:
    request = "0123ABCD-0123-4567-89ab-0123456789ab"
    async with server(config, tmp_path) as (api, one):
        headers = {**api.headers(people["boss"]), "x-request-id": request}
        answer = await api.http.post("/graphql", json={"query": COUNT}, headers=headers)
        (line,) = one.lines("request")

    assert answer.headers["x-request-id"] == request
    assert 0 < line.pop("seconds") < 5
    assert line.pop("at") > "2026"
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "relais.requests",
        "request": request,
        "method": "POST",
        "route": "/graphql",
        "status": 200,
        "operation": "reviews",
        "kind": "query",
        "viewer": 3,
        "credential": "signed",
    }


@pytest.mark.parametrize("given", ["Jean.Dupont-75", "a" * 33, f"{1:032x}\u00e9", f"{1:035x}-"])
async def test_an_id_of_another_form_is_replaced(api: Client, given: str) -> None:
    headers = {"x-request-id": given.encode()}

    answer = await api.http.get("/healthz", headers=headers)  # type: ignore[arg-type]  # as bytes

    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])


# --- Figures ---------------------------------------------------------------------------------


def named(text: str) -> set[str]:
    """The series that a scrape holds."""
    return {re.split("[{ ]", line)[0] for line in text.splitlines() if not line.startswith("#")}


def asked_for(expression: str) -> set[str]:
    """The series that an expression of Prometheus names."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", "", expression)
    return {name for name in re.findall(r"[a-z][a-z_]+", bare) if name.count("_") > 1}


def matched(expression: str) -> set[tuple[str, str, str]]:
    """The labels that an expression picks by equality: series, label and value."""
    picked = re.findall(r"(\w+)\{([^}]*)\}", expression)
    return {
        (name, label, value)
        for name, labels in picked
        for label, value in re.findall(r'(\w+)="([^"]*)"', labels)
        if name != "up"
    }


EXPRESSIONS = [rule["expr"] for rule in ALERTS] + [
    target["expr"] for panel in BOARD["panels"] for target in panel["targets"]
]


@POSTGRES
async def test_alerts_and_dashboard_ask_for_figures_that_there_are(
    config: Settings, people: dict[str, str], tmp_path: Path, valkey: str
) -> None:
    more = {"RELAIS_CACHE_URL": valkey, "RELAIS_REPLICA_URLS": json.dumps([config.database_url])}
    async with (
        receiving() as receiver,
        server(config, tmp_path, **more) as (api, one),
        worker(config, tmp_path) as (other,),
        socket(str(api.http.base_url).rstrip("/")) as connection_,
    ):
        await worked(api, people, receiver)
        await receiver.got(1)
        await connection_.begin(**api.headers(people["boss"]))
        scraped = await one.scrape() + await other.scrape()

    known = named(scraped)
    assert len(EXPRESSIONS) > 40
    assert [(e, n) for e in EXPRESSIONS for n in asked_for(e) if n not in known] == []
    assert [
        pick
        for e in EXPRESSIONS
        for pick in matched(e)
        if pick[0] != "up"
        and not re.search(rf'^{pick[0]}{{.*{pick[1]}="{pick[2]}"', scraped, re.MULTILINE)
    ] == []
    assert set(ABOUT) <= known


@pytest.mark.parametrize("fault", ["sum(rate(relais_nothing_total[5m]))", 'relais_x_y{a="b"} > 1'])
def test_the_test_sees_a_figure_that_there_is_not(fault: str) -> None:
    assert asked_for(fault) | {pick[0] for pick in matched(fault)} != set()


def test_what_to_do_of_each_alert_is_written_down() -> None:
    guide = (ROOT / "docs" / "operation.md").read_text()

    assert re.findall(r"^### (\w+)$", guide, re.MULTILINE) == [rule["alert"] for rule in ALERTS]
    assert {rule["labels"]["severity"] for rule in ALERTS} == {"page", "ticket"}


def test_prometheus_asks_where_the_containers_answer() -> None:
    compose = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())["services"]
    scrapes = yaml.safe_load((WATCH / "prometheus.yaml").read_text())["scrape_configs"]
    targets = {target for its in scrapes[0]["static_configs"] for target in its["targets"]}

    answered = set()
    for name in ("web", "worker"):
        environ = compose[name]["environment"]
        first = int(environ["RELAIS_METRICS_PORT"])
        assert environ["RELAIS_METRICS_HOST"] == "0.0.0.0"  # noqa: S104
        count = int(environ.get("RELAIS_WORKERS", 1))
        answered |= {f"{name}:{port}" for port in range(first, first + count)}
    assert targets == answered


async def test_callers_make_no_label_up(
    config: Settings, people: dict[str, str], tmp_path: Path
) -> None:
    async with server(config, tmp_path) as (api, one):
        await api.data(people["boss"], COUNT)
        before = named_lines(await one.scrape())
        for n in range(50):
            query = f"query Made{n} {{ made{n}: reviews {{ totalCount }} }}"
            await api.data(people["boss"], query)
            await api.http.get(f"/made/{n}", headers={"x-made": str(n)})
        await api.http.request("PROPFIND", "/made")
        after = named_lines(await one.scrape())

    assert {line for line in after if "PROPFIND" in line} == set()
    assert {line for line in after - before if "made" in line.lower()} == set()
    assert len({line for line in after - before if "bucket" not in line}) < 15


def named_lines(text: str) -> set[str]:
    """Each series with its labels."""
    return {line.rpartition(" ")[0] for line in text.splitlines() if not line.startswith("#")}


@pytest.mark.parametrize(
    ("query", "called"),
    [
        (COUNT, "reviews"),
        ("query Zibeline { a: reviews { totalCount } b: reviews { totalCount } }", "reviews"),
        ("{ viewer { label } reviews { totalCount } }", "several"),
        ("{ ...A } fragment A on Query { ... { viewer { label } } __typename }", "viewer"),
        ("{ __schema { queryType { name } } }", "introspection"),
        ("{ __typename }", "__typename"),
    ],
)
async def test_an_operation_goes_by_its_field_at_the_root(
    config: Settings, people: dict[str, str], query: str, called: str
) -> None:
    spans = InMemorySpanExporter()
    with exported(spans):
        async with asking(config) as api:
            await api.data(people["boss"], query)

    names = [span.name for span in spans.get_finished_spans()]
    assert f"query {called}" in names
    assert "POST /graphql" in names


async def test_a_trace_shows_the_request_the_operation_and_its_statements(
    config: Settings, people: dict[str, str]
) -> None:
    spans = InMemorySpanExporter()
    with exported(spans):
        async with asking(config) as api:
            await api.data(people["boss"], COUNT)
    found = {span.context.span_id: span for span in spans.get_finished_spans() if span.context}
    (operation,) = [span for span in found.values() if span.name == "query reviews"]
    below = [
        str((span.attributes or {})["db.query.text"])
        for span in found.values()
        if span.parent and operation.context and span.parent.span_id == operation.context.span_id
    ]

    assert operation.parent
    assert found[operation.parent.span_id].name == "POST /graphql"
    assert any("FROM review" in text for text in below)


async def test_while_the_database_is_away_that_is_all_that_is_told_of_it(
    tmp_path: Path, sqlite: Any
) -> None:
    nowhere = "postgres://u:hush@127.0.0.1:9/relais"
    config = Settings(database_url=nowhere, token_key_file=sqlite.keys)
    async with server(config, tmp_path) as (api, one):
        scraped, ready = await one.scrape(), await api.http.get("/readyz")

    assert sample(scraped, "relais_database_up") == 0
    assert named(scraped) & (set(ABOUT) - {"relais_database_up"}) <= {"relais_pool_limit"}
    assert ready.json() == {"status": "not ready", "reason": "the database does not answer"}
    assert "hush" not in one.log.read_text()


@POSTGRES
async def test_each_process_has_figures_of_its_own(config: Settings, tmp_path: Path) -> None:
    async with server(config, tmp_path, RELAIS_WORKERS="2") as (_, one):
        first, port = one.metrics, int(re.findall(r":(\d+)/", one.metrics)[0])
        one.metrics = first.replace(str(port), str(port + 1))
        async with asyncio.timeout(30):
            while True:
                try:
                    await one.scrape()
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.05)

    started = {sample(text, "process_start_time_seconds") for text in one.scraped}
    assert None not in started
    assert len(one.scraped) == 2


async def test_figures_are_not_had_where_requests_are(api: Client) -> None:
    assert (await api.http.get("/metrics")).status_code == 404
