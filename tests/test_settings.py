import subprocess
import sys
from pathlib import Path

import pytest

from settings import Settings, WrongSettings, settings

ROOT = Path(__file__).parent.parent
SEE = "; `python -m jobs settings` says what it is."
DATABASE = "must be sqlite://PATH or postgres://USER:PASSWORD@HOST:PORT/NAME"
UNREADABLE = "can't be read as a URL: write `/`, `@`, `:`, `[` and `%` in a password as %XX"
OPTIONS = "takes no options but `host` (a socket's folder) and `ssl`"
CACHE = "must be redis://HOST:PORT/NUMBER or rediss://HOST:PORT/NUMBER"
NUMBER = "input should be a valid integer, unable to parse string as an integer"
LEVELS = "input should be 'debug', 'info', 'warning' or 'error'"
FILE = "must name a file that can be read: /no/such can't"
WRONG = [
    ("DATABASE_URL", "mysql://u:hush@db/relais", DATABASE),
    ("DATABASE_URL", "hush", DATABASE),
    ("DATABASE_URL", "sqlite://", DATABASE),
    ("DATABASE_URL", "postgres://u:hush@db", DATABASE),
    ("DATABASE_URL", "postgres://u:hu/sh@db/relais", UNREADABLE),
    ("DATABASE_URL", "postgres://u:hu[sh@db/relais", UNREADABLE),
    ("DATABASE_URL", "postgres://u:hush@db:99999/relais", UNREADABLE),
    ("DATABASE_URL", "postgres://u:hush@db/relais?sslmode=require", OPTIONS),
    ("DATABASE_URL", "sqlite://var/x?mode=ro", DATABASE),
    ("DATABASE_PASSWORD_FILE", "/no/such", FILE),
    ("DATABASE_POOL_SIZE", "many", NUMBER),
    ("DATABASE_TIMEOUT", "0", "input should be greater than 0"),
    ("CACHE_URL", "valkey:6379", CACHE),
    ("CACHE_URL", "http://:hush@valkey", CACHE),
    ("CACHE_URL", "redis://", CACHE),
    ("CACHE_URL", "redis://:hush@valkey/one", CACHE),
    ("CACHE_URL", "redis://:hu/sh@valkey", UNREADABLE),
    ("PORT", "http", NUMBER),
    ("PORT", "70000", "input should be less than or equal to 65535"),
    ("WORKERS", "0", "input should be greater than or equal to 1"),
    ("DISCLOSURE_K", "10", "input should be greater than or equal to 11"),
    ("LOG_LEVEL", "loud", LEVELS),
]


def refusal(capsys: pytest.CaptureFixture[str]) -> str:
    """What is said when the settings of the environment are wrong; the exit code must be 2."""
    settings.cache_clear()
    with pytest.raises(WrongSettings) as stopped:
        settings().tortoise()
    settings.cache_clear()
    assert stopped.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(("name", "value", "said"), WRONG)
def test_a_wrong_setting_is_named_in_one_sentence_that_keeps_secrets(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    said: str,
) -> None:
    monkeypatch.setenv(f"RELAIS_{name}", value)

    assert refusal(capsys) == f"RELAIS_{name}: {said}{SEE}\n"


def test_more_processes_than_sqlite_bears_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RELAIS_WORKERS", "2")

    assert refusal(capsys) == (
        "RELAIS_WORKERS is more than 1, but SQLite serves one process: "
        "set it to 1, or RELAIS_DATABASE_URL to a PostgreSQL.\n"
    )


def test_a_folder_that_cannot_be_made_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("RELAIS_DATABASE_URL", f"sqlite://{tmp_path}/file/folder/relais.sqlite3")

    said = f"RELAIS_DATABASE_URL: {tmp_path}/file/folder can't be made (Not a directory).\n"
    assert refusal(capsys) == said


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("RELAIS_DATABSE_URL", "did you mean RELAIS_DATABASE_URL?"),
        ("relais_prot", "did you mean RELAIS_PORT?"),
        ("RELAIS_XYZZY", "`python -m jobs settings` lists them."),
    ],
)
def test_a_name_that_is_no_setting_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, hint: str
) -> None:
    monkeypatch.setenv(name, "hush")

    assert refusal(capsys) == f"{name} is not a setting: {hint}\n"


@pytest.mark.parametrize("program", [["app"], ["jobs", "migrate"], ["jobs", "work", "--once"]])
def test_a_wrong_setting_stops_every_program_with_code_2(program: list[str]) -> None:
    environ = {"RELAIS_DATABASE_URL": "mysql://u:hush@db/relais"}
    said = f"RELAIS_DATABASE_URL: {DATABASE}{SEE}\n"
    command = [sys.executable, "-m", *program]
    ended = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=30
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", said)


def test_an_empty_setting_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.setenv(f"RELAIS_{name.upper()}", "")

    assert Settings() == Settings.model_construct()


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_the_password_may_stand_in_a_file_or_in_the_url(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("from the file\n")
    url = "postgres://u:p%40ss%2Fword@db:1/relais"

    in_url = Settings(database_url=url)
    in_file = Settings(database_url=url, database_password_file=file)

    found = [one.tortoise()["connections"]["postgres"] for one in (in_url, in_file)]
    assert [one["credentials"]["password"] for one in found] == ["p@ss/word", "from the file"]


def test_settings_shown_by_accident_keep_secrets() -> None:
    config = Settings(database_url="postgres://u:hush@db/relais", cache_url="redis://:hush@valkey")

    assert "hush" not in f"{config!r} {config}"


def test_nothing_is_made_by_reading_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    Settings()

    assert list(tmp_path.iterdir()) == []
