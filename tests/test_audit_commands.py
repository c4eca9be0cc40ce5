"""The audit trail from the command line: it tells what was done to it."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from models.account import Account, AccountKind
from models.audit import AuditEntry, AuditHead, Deed, Doer, Place
from models.network import Network
from models.sql import connection, database
from settings import Settings
from tests.servers import as_owner
from tests.test_commands import Environ, run
from tests.test_commands import environ as environ  # noqa: PLC0414  (a fixture)

WRITTEN = 5


@pytest.fixture
async def trail(config: Settings) -> Settings:
    """A database with a few entries, which its owner may change."""
    async with database(config.tortoise(system=True)):
        caf = await Network.get(code="caf")
        for number in range(WRITTEN):
            place = Place(caf.id) if number % 2 else Place()
            await AuditEntry.add(Deed("test", f"subject-{number}", place), Doer(None, "test"))
    return config


async def tampered(config: Settings, *statements: str) -> None:
    """What somebody does who owns the database, behind the back of the service."""
    postgres = config.dialect == "postgres"
    asleep = (
        ["ALTER TABLE audit_entry DISABLE TRIGGER audit_is_kept"]
        if postgres
        else [f"DROP TRIGGER audit_is_kept_{event}" for event in ("update", "delete")]
    )
    async with database(as_owner(config).tortoise(system=True)):
        for statement in (*asleep, *statements):
            await connection().execute_query(statement)


@pytest.mark.usefixtures("trail")
async def test_a_whole_trail_is_told_by_its_anchor(environ: Environ) -> None:
    code, anchor, said = run(environ, "jobs", "audit-verify")
    again = run(environ, "jobs", "audit-verify", "--anchor", anchor.strip())

    assert (code, said) == (0, "5 entries are whole; keep this anchor elsewhere:\n")
    assert re.fullmatch(r"5:[0-9a-f]{64}\n", anchor)
    assert again == (0, anchor, "0 entries are whole; keep this anchor elsewhere:\n")


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["UPDATE audit_entry SET actor_label = 'x' WHERE id = 3"], "Entry 3 was changed"),
        (["UPDATE audit_entry SET network_id = NULL WHERE id = 2"], "Entry 2 was changed"),
        (["UPDATE audit_entry SET at = '2020-01-01 00:00:00+00:00' WHERE id = 1"], "Entry 1 was"),
        (["UPDATE audit_entry SET seal = 'x' WHERE id = 5"], "Entry 5 was changed"),
        (["DELETE FROM audit_entry WHERE id = 3"], "Entry 3 is missing"),
        (["DELETE FROM audit_entry WHERE id = 1"], "Entry 1 is missing"),
        (["DELETE FROM audit_entry WHERE id = 5"], "The last entries are missing"),
        (["DELETE FROM audit_entry"], "The last entries are missing"),
        (
            [
                "UPDATE audit_entry SET id = 9 WHERE id = 2",
                "UPDATE audit_entry SET id = 2 WHERE id = 4",
                "UPDATE audit_entry SET id = 4 WHERE id = 9",
            ],
            "Entry 2 was changed",
        ),
        (
            ["DELETE FROM audit_entry WHERE id = 3", "UPDATE audit_entry SET id = 3 WHERE id = 5"],
            "Entry 3 was changed",
        ),
        (["UPDATE audit_head SET seal = 'x'"], "The last entries are missing"),
    ],
)
async def test_what_was_changed_removed_or_put_elsewhere_is_found(
    trail: Settings, environ: Environ, statements: list[str], said: str
) -> None:
    await tampered(trail, *statements)

    code, output, told = run(environ, "jobs", "audit-verify")

    assert (code, output) == (3, "")
    assert said in told


async def test_a_trail_that_was_cut_short_and_its_head_with_it_is_told_by_an_anchor(
    trail: Settings, environ: Environ
) -> None:
    _, anchor, _ = run(environ, "jobs", "audit-verify")
    async with database(trail.tortoise(system=True)):
        kept = await AuditEntry.get(id=3)
    cut = f"UPDATE audit_head SET entries = 3, seal = '{kept.seal}'"
    await tampered(trail, "DELETE FROM audit_entry WHERE id > 3", cut)

    without = run(environ, "jobs", "audit-verify")
    code, _, said = run(environ, "jobs", "audit-verify", "--anchor", anchor.strip())

    assert without[0] == 0
    assert (code, said) == (3, "Entry 5 does not bear the seal of the anchor any more.\n")


@pytest.mark.parametrize("role", ["service", "owner"])
@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET actor_label = 'x'", "DELETE FROM audit_entry"]
)
async def test_the_database_itself_keeps_entries_as_they_are(
    trail: Settings, role: str, statement: str
) -> None:
    config = trail if role == "service" else as_owner(trail)
    async with database(config.tortoise(system=True)):
        with pytest.raises(Exception, match=r"never changed|permission denied"):
            await connection().execute_query(statement)

        kept = await AuditEntry.filter(actor_label="test").count()

    assert kept == WRITTEN


@pytest.mark.usefixtures("trail")
async def test_the_trail_is_exported_line_by_line(environ: Environ, tmp_path: Path) -> None:
    out = tmp_path / "trail.jsonl"

    whole = run(environ, "jobs", "audit-export", "--out", str(out))
    code, shown, _ = run(environ, "jobs", "audit-export", "--network", "caf", "--after", "2")

    lines = [orjson.loads(line) for line in out.read_bytes().splitlines()]
    assert whole == (0, "", "")
    assert [line["number"] for line in lines] == [1, 2, 3, 4, 5]
    assert all(len(line["seal"]) == 64 for line in lines)
    (one,) = [orjson.loads(line) for line in shown.splitlines()]
    expected: dict[str, Any] = {"number": 4, "network": "caf", "subject": "subject-3"}
    assert (code, {name: one[name] for name in expected}) == (0, expected)


async def test_what_commands_do_is_in_the_trail(config: Settings, environ: Environ) -> None:
    caf = ("--role", "network_manager", "--network", "caf")
    run(environ, "jobs", "account", "caf", *caf)
    run(environ, "jobs", "token", "caf")
    run(environ, "jobs", "invite", "Head@Caf.fr", *caf)
    rights = ("--rights", "read_verbatims,reply", "--network", "caf")
    _, secret, said = run(environ, "jobs", "machine", "create", "Back-office", *rights)
    name = said.split()[0]
    _, second, _ = run(environ, "jobs", "machine", "rotate", name, "--overlap-minutes", "0")
    _, listed, _ = run(environ, "jobs", "machine", "list")
    revoked = run(environ, "jobs", "machine", "revoke", second[:13])
    shut = run(environ, "jobs", "machine", "revoke", name)

    async with database(config.tortoise(system=True)):
        entries = await AuditEntry.all().order_by("id")
        machine = await Account.get(kind=AccountKind.MACHINE).prefetch_related("tokens", "grants")
        head = await AuditHead.get(id=1)
    assert [entry.action for entry in entries] == [
        "grant.given",
        "token.signed",
        "grant.given",
        "machine.created",
        "machine.rotated",
        "token.revoked",
        "account.deactivated",
    ]
    assert head.entries == len(entries)
    assert all(entry.actor_label.startswith("command: ") for entry in entries)
    assert all(entry.network_id == machine.grants[0].network_id for entry in entries)
    assert secret.startswith("relais_")
    assert secret.strip() not in listed
    assert f"{name}  Back-office\n    read_verbatims reply over caf\n" in listed
    assert listed.count("relais_") == 2
    assert (revoked[0], shut[0]) == (0, 0)
    assert machine.deactivated_at is not None


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("create x --rights fly --network caf", 2, "rights are read_aggregates,"),
        ("create x --rights reply --network nowhere", 3, "There is no network of code 'nowhere'"),
        ("create x --rights reply --department 69", 3, "The role service is for this scope"),
        ("create x --rights reply --days 0", 2, "between 1 and 366 is expected"),
        ("rotate nobody", 3, "There is no machine of name 'nobody'"),
        ("revoke relais_nobody", 3, "There is no live token that begins like this"),
    ],
)
def test_a_machine_that_cannot_be_is_refused_in_a_sentence(
    environ: Environ, arguments: str, code: int, said: str
) -> None:
    ended, output, told = run(environ, "jobs", "machine", *arguments.split())

    assert (ended, output) == (code, "")
    assert said in told
