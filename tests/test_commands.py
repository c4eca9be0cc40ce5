import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from auth.credentials import VIEWER_TTL
from auth.tokens import Keys
from jobs.__main__ import COMMANDS, main
from jobs.command import CODES
from models.account import Account, Role
from models.sql import Sql, connection, database, fetch
from settings import Settings
from tests import factories as make
from tests.servers import Databases, as_owner, free_port

ROOT = Path(__file__).parent.parent
SQLITE = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
Environ = dict[str, str]


def run(environ: Environ, *arguments: str) -> tuple[int, str, str]:
    """Exit code, output and messages of a command."""
    command = [sys.executable, "-m", *arguments]
    ended = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=60
    )
    return ended.returncode, ended.stdout, ended.stderr


@pytest.fixture
def empty(tmp_path: Path) -> Environ:
    """The environment of a machine on which nothing was done yet."""
    return {
        "RELAIS_DATABASE_URL": f"sqlite://{tmp_path}/relais.sqlite3",
        "RELAIS_TOKEN_KEY_FILE": f"{tmp_path}/keys/keys.json",
        "RELAIS_IMPORT_DIR": f"{tmp_path}/imports",
    }


@pytest.fixture
def environ(config: Settings, tmp_path: Path) -> Environ:
    """The environment of a machine with a database that holds the reference data."""
    return {
        "RELAIS_DATABASE_URL": config.database_url,
        "RELAIS_TOKEN_KEY_FILE": str(config.token_key_file),
        "RELAIS_IMPORT_DIR": f"{tmp_path}/imports",
    }


def unreachable(environ: Environ) -> Environ:
    """The same, with a database that does not answer."""
    return environ | {"RELAIS_DATABASE_URL": "postgres://u:hush@127.0.0.1:1/relais"}


# --- Help and misuse -------------------------------------------------------------------------


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)], ids=str)
def test_help_says_how_a_command_may_end(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "300")

    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert (ended.value.code, CODES in capsys.readouterr().out) == (0, True)


@pytest.mark.parametrize(
    "misuse",
    [
        "",
        "nonsense",
        "account",
        "account x --role king",
        f"account {'x' * 65} --role analyst",
        "token x --minutes soon",
        "token x --minutes 0",
        "token x --minutes 721",
        "key --algorithm none",
        "import-procedures",
        "import-reviews",
    ],
)
def test_a_command_that_makes_no_sense_ends_with_2(
    misuse: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code: object = main(misuse.split())
    except SystemExit as ended:
        code = ended.code
    written = capsys.readouterr()

    assert (code, written.out, bool(written.err)) == (2, "", True)


def test_a_migration_that_there_is_not_is_refused_in_a_sentence(empty: Environ) -> None:
    code, output, said = run(empty, "jobs", "migrate", "--back-to", "nowhere")

    assert (code, output, said.count("\n"), "nowhere" in said) == (2, "", 1, True)


def test_settings_are_listed_whatever_they_are() -> None:
    code, output, _ = run({"RELAIS_PORT": "x"}, "jobs", "settings")

    assert code == 0
    assert re.findall(r"^RELAIS_(\w+) \(", output, re.MULTILINE) == [
        name.upper() for name in Settings.model_fields
    ]


@SQLITE
@pytest.mark.parametrize("command", ["migrate", "token x", "account x --role analyst", "demo"])
def test_a_database_that_does_not_answer_is_said_in_a_sentence(
    environ: Environ, command: str
) -> None:
    code, output, said = run(unreachable(environ), "jobs", *command.split())

    assert (code, output, said.count("\n")) == (4, "", 1)
    assert said.startswith("RELAIS_DATABASE_URL: the database does not answer (")
    assert "hush" not in said


@pytest.mark.parametrize("command", ["invite a@caf.fr --role analyst", "demo", "audit-verify"])
def test_a_database_without_tables_is_said_in_a_sentence(empty: Environ, command: str) -> None:
    problem = "has not all tables of this release: run `python -m jobs migrate`"

    told = run(empty, "jobs", *command.split())

    assert told == (3, "", f"RELAIS_DATABASE_URL: the database {problem}.\n")


def test_a_way_to_the_database_that_there_is_not_is_said_in_a_sentence(empty: Environ) -> None:
    environ = empty | {"RELAIS_DATABASE_URL": "postgres://u:hush@127.0.0.1:1/relais?ssl=nonsense"}

    code, output, said = run(environ, "jobs", "migrate")

    assert (code, output, said.count("\n"), "hush" in said) == (4, "", 1, False)


def test_a_file_that_is_no_database_is_said_in_a_sentence(empty: Environ, tmp_path: Path) -> None:
    (tmp_path / "relais.sqlite3").write_bytes(b"rubbish " * 1000)

    assert run(empty, "jobs", "migrate") == (
        4,
        "",
        "RELAIS_DATABASE_URL: the database does not answer (file is not a database).\n",
    )


# --- Keys ------------------------------------------------------------------------------------


def test_a_key_is_made_once(empty: Environ) -> None:
    path = Path(empty["RELAIS_TOKEN_KEY_FILE"])

    made = run(empty, "jobs", "key", "--algorithm", "Ed25519")
    before = path.read_bytes()
    again = run(empty, "jobs", "key")
    if_missing = run(empty, "jobs", "key", "--if-missing")

    assert made == (0, "", f"{path} made, readable by its owner only\n")
    assert again == (3, "", f"{path} exists: move it away first. Nothing was changed.\n")
    assert if_missing == (0, "", "")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (before, 0o600)


def test_a_place_where_no_key_can_be_made_is_named(empty: Environ, tmp_path: Path) -> None:
    (tmp_path / "keys").touch()
    path = empty["RELAIS_TOKEN_KEY_FILE"]

    said = f"RELAIS_TOKEN_KEY_FILE: {path} can't be written (File exists).\n"
    assert run(empty, "jobs", "key") == (2, "", said)


# --- Migrations ------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgres"])
async def unmigrated(request: pytest.FixtureRequest) -> Settings:
    """Settings of a database without any table."""
    databases: Databases = request.getfixturevalue(request.param)
    return databases.settings(await databases._new(None), "postgres")


def environ_of(config: Settings) -> Environ:
    return {
        "RELAIS_DATABASE_URL": config.database_url,
        "RELAIS_TOKEN_KEY_FILE": str(config.token_key_file),
    }


async def applied(config: Settings) -> list[str]:
    """The migrations that were applied, in order."""
    async with database(config.tortoise()):
        rows = await fetch(Sql("SELECT name FROM tortoise_migrations ORDER BY id"))
    return [row[0] for row in rows]


async def test_the_database_goes_forward_and_back(unmigrated: Settings) -> None:
    every = sorted(path.stem for path in (ROOT / "models/migrations").glob("[0-9]*.py"))
    environ, states = environ_of(unmigrated), []
    for arguments in ([], ["--back-to", every[0]], ["--back-to", "zero"], []):
        code, output, said = run(environ, "jobs", "migrate", *arguments)
        assert (code, output) == (0, ""), said
        states.append(await applied(unmigrated))

    assert states == [every, every[:1], [], every]


async def test_the_service_does_not_start_without_its_tables(unmigrated: Settings) -> None:
    problem = "has not all tables of this release: run `python -m jobs migrate`"
    said = f"RELAIS_DATABASE_URL: the database {problem}.\n"
    assert run(environ_of(unmigrated), "app") == (2, "", said)


async def test_the_service_does_not_start_on_a_later_release(
    config: Settings, environ: Environ
) -> None:
    async with database(as_owner(config).tortoise()):
        await connection().execute_script(
            "INSERT INTO tortoise_migrations (app, name, applied_at)"
            " VALUES ('models', '9999_later', '2026-01-01')"
        )

    problem = "is of a later release: start that one, or migrate back with it"
    said = f"RELAIS_DATABASE_URL: the database {problem}.\n"
    assert run(environ, "app") == (2, "", said)


# --- People ----------------------------------------------------------------------------------


@SQLITE
@pytest.mark.parametrize(
    ("scope", "said"),
    [
        ("--role office_agent", "The role office_agent is for this scope: network and office."),
        ("--role analyst --department 69", "The role analyst is for this scope: none or network."),
        ("--role network_manager --network x", "There is no network of code 'x'"),
        ("--role department_manager --network caf --department 0", "There is no department"),
        ("--role office_agent --office x", "There is no office of directory id or pivot code 'x'"),
        ("--role office_agent --network police --office OFFICE", "The office is not of that"),
    ],
)
async def test_a_scope_that_does_not_suit_the_role_is_refused(
    config: Settings, environ: Environ, scope: str, said: str
) -> None:
    async with database(config.tortoise()):
        office = await make.office()

    arguments = scope.replace("OFFICE", office.directory_id).split()
    code, output, told = run(environ, "jobs", "account", "somebody", *arguments)

    assert (code, output, told.count("\n"), said in told) == (3, "", 1, True)
    async with database(config.tortoise()):
        assert not await Account.exists()


async def test_an_account_is_made_and_its_token_printed_alone(
    environ: Environ, config: Settings
) -> None:
    arguments = ("--role", "network_manager", "--network", "caf", "--label", "Caf, réponses")

    made = run(environ, "jobs", "account", "caf", *arguments)
    again = run(environ, "jobs", "account", "caf", *arguments)
    code, token, said = run(environ, "jobs", "token", "caf", "--minutes", "5")

    assert made == again
    assert made[0] == code == 0
    assert (Keys(config.token_key_file).subject(token.rstrip("\n")), said) == ("caf", "")
    async with database(config.tortoise(system=True)):
        (account,) = await Account.all().prefetch_related("grants")
    assert (account.label, [grant.role for grant in account.grants]) == (
        "Caf, réponses",
        [Role.NETWORK_MANAGER],
    )


@SQLITE
def test_nobody_gets_a_token_without_an_account(environ: Environ) -> None:
    said = "There is no active account of name 'nobody'.\n"

    assert run(environ, "jobs", "token", "nobody") == (3, "", said)


# --- Imports and the worker ------------------------------------------------------------------


def experience(number: int) -> dict[str, object]:
    """An experience that can be imported."""
    return {
        "id_experience": number,
        "titre": "Attente",
        "description": "Trop longue.",
        "date_de_publication": "2026-01-05",
        "ressenti_usager": "Négatif",
        "intitule_typologie_1": "Gendarmerie nationale",
        "intitule_structure_1": "Gendarmerie de Lyon",
        "pays": "France",
    }


@SQLITE
@pytest.mark.parametrize(
    ("name", "content"),
    [("a.json", b"{"), ("a.json", b"\xff"), ("a.csv", b""), ("a.txt", b"x"), ("none.json", None)],
)
def test_a_file_that_cannot_be_imported_is_refused(
    environ: Environ, tmp_path: Path, name: str, content: bytes | None
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)

    code, output, said = run(environ, "jobs", "import-reviews", str(path))

    assert (code, output, said.count("\n"), str(path) in said) == (3, "", 1, True)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@SQLITE
def test_the_worker_imports_what_was_dropped_and_puts_it_away(
    environ: Environ, tmp_path: Path
) -> None:
    folder = tmp_path / "imports"
    (folder / "reviews").mkdir(parents=True)
    good, mixed = [experience(1)], [experience(2), experience(2)]
    for name, text in (("good", json.dumps(good)), ("mixed", json.dumps(mixed)), ("bad", "[")):
        (folder / "reviews" / f"{name}.json").write_text(text)
    (folder / "reviews" / ".hidden").touch()

    code, output, _ = run(environ, "jobs", "work", "--once")

    assert (code, output) == (3, "")
    assert files(folder) == [
        "reviews/.hidden",
        "reviews/done/good.json",
        "reviews/failed/bad.json",
        "reviews/failed/mixed.json",
        "reviews/failed/mixed.json.rejects.csv",
    ]
    assert run(environ, "jobs", "work", "--once")[0] == 0


@SQLITE
def test_while_the_database_is_away_dropped_files_wait(environ: Environ, tmp_path: Path) -> None:
    folder = tmp_path / "imports"
    (folder / "reviews").mkdir(parents=True)
    (folder / "reviews" / "good.json").write_text(json.dumps([experience(1)]))

    away = run(unreachable(environ), "jobs", "work", "--once")[0]
    waiting = files(folder)
    back = run(environ, "jobs", "work", "--once")[0]

    assert (away, waiting) == (4, ["reviews/good.json"])
    assert (back, files(folder)) == (0, ["reviews/done/good.json"])


def test_a_folder_that_the_worker_cannot_make_is_named(empty: Environ, tmp_path: Path) -> None:
    (tmp_path / "imports").touch()

    said = f"RELAIS_IMPORT_DIR: {tmp_path}/imports can't be made (Not a directory).\n"
    assert run(empty, "jobs", "work", "--once") == (2, "", said)


@SQLITE
def test_the_worker_stops_when_told(environ: Environ) -> None:
    with started(environ, "jobs", "work") as worker:
        assert worker.stderr
        assert json.loads(worker.stderr.readline())["event"].startswith("watching ")
        worker.send_signal(signal.SIGTERM)

        assert worker.wait(timeout=20) == 0


# --- The service -----------------------------------------------------------------------------


@contextmanager
def started(environ: Environ, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A program that runs, and is stopped at the end whatever happens."""
    command = [sys.executable, "-m", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env=environ, stderr=subprocess.PIPE, text=True
    ) as program:
        try:
            yield program
        finally:
            program.kill()


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    return number


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def status(port: int, path: str) -> int | None:
    """The status of the answer at `path`; None when nobody listens."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}{path}").status_code
    except httpx.TransportError:
        return None


def half_sent(port: int, token: str, body: bytes) -> socket.socket:
    """A connection on which the service waits for `body`."""
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    head = (
        f"POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n"
        "content-type: application/json\r\nexpect: 100-continue\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    client.sendall(head.encode())
    assert client.recv(1024).startswith(b"HTTP/1.1 100")
    return client


async def test_the_service_serves_and_when_told_to_stop_answers_first(
    environ: Environ, config: Settings, port: int
) -> None:
    async with database(config.tortoise(system=True)):
        await make.person(Role.ANALYST, network="caf", name="analyst")
    token = Keys(config.token_key_file).issue("analyst", 60)
    body = b'{"query": "{ viewer { label } }"}'
    environ |= {"RELAIS_PORT": str(port), "RELAIS_LOG_LEVEL": "debug"}
    with started(environ, "app") as service:
        until(lambda: status(port, "/readyz") == 200)
        with half_sent(port, token, body) as client:
            service.send_signal(signal.SIGTERM)
            until(lambda: status(port, "/healthz") is None)
            client.sendall(body)
            answer = b"".join(iter(lambda: client.recv(65536), b""))
        assert service.wait(timeout=20) == 0
        assert service.stderr
        log = service.stderr.read()

    assert answer.startswith(b"HTTP/1.1 200")
    assert b'{"data":{"viewer":{"label":"analyst"}},' in answer
    assert [word for word in (token, "Traceback", "ERROR") if word in log] == []


@pytest.mark.parametrize("databases", ["postgres"], indirect=True)
def test_several_processes_serve_and_stop(environ: Environ, port: int) -> None:
    with started(environ | {"RELAIS_PORT": str(port), "RELAIS_WORKERS": "2"}, "app") as service:
        until(lambda: status(port, "/readyz") == 200)
        service.send_signal(signal.SIGTERM)

        assert service.wait(timeout=20) == 0


async def test_a_revoked_token_opens_nothing_within_two_seconds_on_every_process(
    environ: Environ, port: int
) -> None:
    other = free_port()
    rights = ("--rights", "read_verbatims,administer", "--network", "caf")
    _, secret, _ = run(environ, "jobs", "machine", "create", "Back-office", *rights)
    _, boss, _ = run(environ, "jobs", "machine", "create", "Administration", *rights)

    def answered(at: int, token: str, query: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {token.strip()}"}
        body = {"query": query}
        return httpx.post(f"http://127.0.0.1:{at}/graphql", json=body, headers=headers)

    with (
        started(environ | {"RELAIS_PORT": str(port)}, "app"),
        started(environ | {"RELAIS_PORT": str(other)}, "app"),
    ):
        until(lambda: status(port, "/readyz") == status(other, "/readyz") == 200)
        mine = "{ accounts { nodes { label tokens { id } } } }"
        accounts = answered(port, boss, mine).json()["data"]["accounts"]["nodes"]
        (token,) = next(one["tokens"] for one in accounts if one["label"] == "Back-office")
        before = {answered(at, secret, mine).status_code for at in (port, other)}

        revoke = (
            f'mutation {{ accessTokenRevoke(id: "{token["id"]}") {{ userErrors {{ code }} }} }}'
        )
        done = answered(port, boss, revoke).json()["data"]["accessTokenRevoke"]
        revoked_at, opened_at = time.monotonic(), [0.0]
        for at in (port, other):
            while True:
                asked_at = time.monotonic()
                if answered(at, secret, mine).status_code == 401:
                    break
                opened_at.append(asked_at)
                assert asked_at < revoked_at + 30

    assert (before, done) == ({200}, {"userErrors": []})
    assert max(opened_at) < revoked_at + VIEWER_TTL == revoked_at + 2.0


@SQLITE
@pytest.mark.parametrize("trusted", ['["127.0.0.0/8"]', '["10.0.0.1"]', ""])
def test_callers_are_told_apart_by_a_proxy_that_is_trusted_and_no_other(
    environ: Environ, port: int, trusted: str
) -> None:
    def guess(number: int, caller: str) -> int:
        headers = {"authorization": f"Bearer guess-{number}", "x-forwarded-for": caller}
        at = f"http://127.0.0.1:{port}/graphql"
        return httpx.post(at, json={"query": "{ viewer { label } }"}, headers=headers).status_code

    proxied = environ | {"RELAIS_PORT": str(port), "RELAIS_TRUSTED_PROXIES": trusted}
    with started(proxied, "app"):
        until(lambda: status(port, "/readyz") == 200)
        while guess(0, "192.0.2.1, 198.51.100.7") != 429:
            pass
        another = guess(1, "192.0.2.1, 198.51.100.8")

    assert another == (401 if "127" in trusted else 429)


@SQLITE
def test_the_service_starts_before_its_database(environ: Environ, port: int) -> None:
    with started(unreachable(environ) | {"RELAIS_PORT": str(port)}, "app") as service:
        until(lambda: status(port, "/healthz") == 200)
        assert status(port, "/readyz") == 503
        service.send_signal(signal.SIGTERM)

        assert service.wait(timeout=20) == 0
        assert service.stderr
        assert "hush" not in service.stderr.read()
