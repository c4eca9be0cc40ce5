"""What is erased is nowhere any more, and does not come back."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest
from tortoise.transactions import in_transaction

import app
from jobs.purge import purge
from jobs.reviews import load
from jobs.rollup import fold_all
from jobs.subject import concerning
from models import ids, rollup
from models.account import Account, Role
from models.audit import AuditEntry
from models.comment import Comment
from models.document import Document
from models.erasure import EraseReason, erase_review
from models.event import Event
from models.flag import ReviewFlag
from models.idempotency import Idempotency
from models.improvement import Improvement
from models.office import Office
from models.reply import Reply, ReplyText
from models.report import DocumentReport
from models.review import Review, ReviewStructure
from models.sql import Sql, connection, database, fetch
from models.submission import RejectReason, Submission
from models.tombstone import Marks, Tombstone, Trace
from models.wall import lifted
from models.webhook import Delivery, DeliveryState
from settings import Settings
from tests import factories as make
from tests.client import Client
from tests.servers import as_owner
from tests.test_commands import run
from tests.test_exports import fetch as fetched
from tests.test_exports import idle, made, manager
from tests.test_import_reviews import experience
from tests.test_moderation import (
    APPROVE,
    SUBMIT,
    UNPUBLISH,
    WITHDRAW,
    change,
    codes,
    key,
    moderator,
    platform,
    told,
)

ERASE = """mutation ($id: ID!, $v: Int!, $key: String) {{
  done: {}Erase(id: $id, reason: AUTHOR_REQUEST, expectedVersion: $v, idempotencyKey: $key) {{
    erasedId userErrors {{ code field }} }} }}"""
REVIEW, SUBMISSION, REPORT = map(ERASE.format, ("review", "submission", "report"))
CANARY = "Zanzibarique"
LONG = (
    f"{CANARY} a crié au guichet numéro trois, et il m'a fallu revenir quatre fois avant que "
    "l'on m'écoute."
)
PLAIN = LONG.replace("é", "e")


@pytest.fixture
def config(config: Settings, tmp_path: Path) -> Settings:
    """The settings of a service that keeps its files in folders of the test."""
    folders = {name: tmp_path / name for name in ("export_dir", "attachment_dir")}
    return config.model_copy(update=folders)


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the worker is a process of its own."""
    monkeypatch.setattr(app, "at_work", idle)


async def published(api: Client, office: Office, **rest: Any) -> Submission:
    """A review that came through moderation, with all that can be said of it, full of canaries."""
    machine, team = await platform(), await moderator()
    given = told(office, title=CANARY, description=LONG, contact=f"{CANARY}@example.fr", **rest)
    done = await change(
        api, machine, SUBMIT, source="spp", reviews=[{"sourceId": "77", "review": given}]
    )
    await change(api, team, APPROVE, id=done["results"][0]["submissionId"], v=1)
    found = await Submission.get(source_id="77")
    part = await ReviewStructure.get(review_id=found.review_id)
    review = await Review.get(id=found.review_id)
    by = found.submitted_by_id or 0
    reply = await Reply.draft(part, ReplyText(f"{CANARY}, pardon."), by=by)
    await reply.publish(by=by, expected_version=1, validated=False, accepted=True)
    await reply.set_aside(ReplyText(CANARY), by=by, read=1)
    await Comment.add(review.id, f"De {CANARY}.", [by], by=by)
    await Improvement.flag(part, f"Pour {CANARY}", by=by)
    await ReviewFlag.raise_for(review, RejectReason.INSULT, CANARY, by=by)
    return found


async def everything(but: str = "") -> str:
    """All rows of all tables, but for those of one."""
    sqlite = connection().capabilities.dialect == "sqlite"
    text = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'review_search_%'"
        if sqlite
        else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    )
    tables = [row[0] for row in await fetch(Sql(text)) if row[0] != but]
    rows = [await fetch(Sql(f'SELECT * FROM "{table}"')) for table in tables]
    assert len(tables) > 40
    return "\n".join(str(tuple(row)) for found in rows for row in found)


# --- Reviews ----------------------------------------------------------------------------------


async def test_what_is_erased_is_in_no_table_any_more(api: Client) -> None:
    office = await make.office()
    found = await published(api, office)
    assert (await everything()).lower().count(CANARY.lower()) > 10
    review = ids.encode("Review", found.review_id or 0)

    done = await change(api, await moderator(), REVIEW, id=review, v=1)

    assert done == {"erasedId": review, "userErrors": []}
    assert CANARY.lower() not in (await everything()).lower()
    assert not await ReviewFlag.exists()


async def test_those_whom_it_concerned_are_told_and_the_trail_says_why(api: Client) -> None:
    office, police = await make.office(), await make.office("police")
    review = await make.review(office, police)

    await change(api, await moderator(), REVIEW, id=ids.encode("Review", review.id), v=1)

    told = await Event.all().order_by("office_id").values_list("type", "office_id", "item")
    item = ids.encode("Review", review.id)
    assert told == [("review.erased", one.id, item) for one in (office, police)]
    first = (await AuditEntry.all().order_by("id").first()) or AuditEntry()
    assert (first.action, first.subject) == ("erasure.done", item)
    assert orjson.loads(first.facts) == {"reason": "author_request"}


async def test_who_had_it_before_it_moved_is_told_too(api: Client) -> None:
    office = await make.office()
    below = await make.office(parent=office)
    agent, review = await make.person(Role.OFFICE_AGENT, office=office), await make.review(office)
    part = await ReviewStructure.get(review=review)
    move = """mutation ($id: ID!, $to: ID!) { done: structureMove(id: $id, to: $to, reason: "x",
      expectedVersion: 1) { userErrors { code } } }"""
    places = {"id": ids.encode("ReviewStructure", part.id), "to": ids.encode("Office", below.id)}
    assert codes(await change(api, agent, move, **places)) == []
    await Event.all().delete()  # as when they are too old to be kept

    await change(api, await moderator(), REVIEW, id=ids.encode("Review", review.id), v=1)

    told = await Event.filter(type="review.erased").values_list("office_id", flat=True)
    assert set(told) == {office.id, below.id}


@pytest.mark.parametrize("before", [None, UNPUBLISH, WITHDRAW])
async def test_whatever_became_of_a_submission_it_can_be_erased(
    api: Client, before: str | None
) -> None:
    office, team = await make.office(), await moderator()
    found = await published(api, office)
    machine = (await Account.get(id=found.submitted_by_id)).subject
    if before:
        who = team if before == UNPUBLISH else machine
        assert codes(await change(api, who, before, id=key(found), v=2)) == []

    done = await change(api, team, SUBMISSION, id=key(found), v=3 if before else 2)

    assert done == {"erasedId": key(found), "userErrors": []}
    assert CANARY.lower() not in (await everything()).lower()
    assert not await Submission.exists()
    assert await Event.filter(type="review.erased").count() == int(before != WITHDRAW)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "sourceId"),
        ({"description": f"  {LONG.upper()} !! "}, "sourceId"),
        ({"sourceId": "78"}, "description"),
        (
            {"sourceId": "79", "title": CANARY.lower(), "description": LONG.replace("é", "e")},
            "description",
        ),
        ({"sourceId": "80", "description": "Autre chose."}, None),
    ],
)
async def test_it_does_not_come_back(
    api: Client, changes: dict[str, Any], expected: str | None
) -> None:
    office = await make.office()
    found = await published(api, office)
    machine = (await Account.get(id=found.submitted_by_id)).subject
    await change(api, await moderator(), SUBMISSION, id=key(found), v=2)
    source_id = changes.get("sourceId", "77")
    words = {name: value for name, value in changes.items() if name != "sourceId"}
    given = told(office, **{"title": CANARY, "description": LONG, **words})

    done = await change(
        api, machine, SUBMIT, source="spp", reviews=[{"sourceId": source_id, "review": given}]
    )

    (result,) = done["results"]
    assert result["code"] == ("ERASED" if expected else None)
    assert (result["field"] or [None])[-1] == expected


async def test_an_office_does_not_bring_it_back_either(api: Client) -> None:
    office = await make.office()
    found = await published(api, office)
    await change(api, await moderator(), SUBMISSION, id=key(found), v=2)
    agent = await make.person(Role.OFFICE_AGENT, office=office)
    enter = """mutation ($review: ReviewInput!) { done: reviewEnter(review: $review, mode: PAPER) {
      submission { id } userErrors { code field } } }"""

    done = await change(api, agent, enter, review=told(office, title=CANARY, description=LONG))

    assert done["userErrors"] == [{"code": "ERASED", "field": ["description"]}]


async def test_short_words_that_many_write_are_not_refused_to_others(api: Client) -> None:
    office, machine, team = await make.office(), await platform(), await moderator()
    first = {"sourceId": "1", "review": told(office)}
    done = await change(api, machine, SUBMIT, source="spp", reviews=[first])
    await change(api, team, SUBMISSION, id=done["results"][0]["submissionId"], v=1)

    again = await change(api, machine, SUBMIT, source="spp", reviews=[{**first, "sourceId": "2"}])

    assert again["results"][0]["status"] == "accepted"


async def test_a_key_that_signs_no_more_still_knows_what_was_erased() -> None:
    trace = Trace.at("review", "spp", "1")
    old, new = Marks([b"old"]), Marks([b"new", b"old"])

    assert set(old.of(trace)) <= set(new.of(trace))
    assert Marks([b"new"]).of(trace) == new.of(trace)[:1]
    assert "spp" not in old.of(trace)[0]


@pytest.mark.usefixtures("world")
async def test_an_import_does_not_bring_it_back(tmp_path: Path) -> None:
    path = tmp_path / "experiences.json"
    rows = [experience(1), experience(2, description=LONG)]
    path.write_bytes(orjson.dumps(rows))
    marks = Marks([b"key"])
    await load(path, tmp_path / "rejects.csv", marks)
    async with in_transaction():
        for number in "12":
            source = "services-publics-plus"
            await erase_review(source, number, marks, EraseReason.LEGAL_ORDER)
    path.write_bytes(orjson.dumps([*rows, experience(3, description=LONG), experience(4)]))

    summary = await load(path, tmp_path / "rejects.csv", marks)

    assert (summary.new, summary.erased, summary.rejected) == (1, 3, 0)
    assert [one.source_id for one in await Review.all()] == ["4"]


async def test_figures_stay_those_of_a_recount(api: Client) -> None:
    office = await make.office()
    for _ in range(3):
        await make.review(office, replied=2)
    gone = await make.review(office, replied=1)
    await change(api, await moderator(), REVIEW, id=ids.encode("Review", gone.id), v=1)

    await fold_all()

    async with lifted():
        assert [await rollup.wrong(month) for month in await rollup.months()] == [0]
        assert (await fetch(Sql("SELECT sum(n) FROM rollup WHERE level = 5")))[0][0] == 3


async def test_what_waits_to_be_sent_of_it_does_not_hold_up_that_it_was_erased(
    api: Client,
) -> None:
    office = await make.office()
    review, endpoint = await make.review(office), await make.webhook(office)
    item = ids.encode("Review", review.id)
    await endpoint.owe([(1, "review.published", item), (2, "review.published", "other")])

    await change(api, await moderator(), REVIEW, id=item, v=1)

    states = dict(await Delivery.all().values_list("item", "state"))
    assert states == {item: DeliveryState.DEAD, "other": DeliveryState.PENDING}


async def test_stored_answers_forget_it(api: Client) -> None:
    office, machine, team = await make.office(), await platform(), await moderator()
    keyed = SUBMIT.replace("reviews: $reviews)", 'reviews: $reviews, idempotencyKey: "k")')
    for number in "12":
        given = [{"sourceId": number, "review": told(office)}]
        done = await change(
            api, machine, keyed.replace('"k"', f'"k{number}"'), source="spp", reviews=given
        )
    await change(api, team, SUBMISSION, id=done["results"][0]["submissionId"], v=1)

    assert [one.key for one in await Idempotency.all()] == ["k1"]


async def test_asked_twice_under_one_key_it_is_erased_once(api: Client) -> None:
    review, team = await make.review(await make.office()), await moderator()
    me = ids.encode("Review", review.id)

    both = [await change(api, team, REVIEW, id=me, v=1, key="k") for _ in range(2)]
    other = await change(api, team, REVIEW, id=me, v=1)

    assert both == [{"erasedId": me, "userErrors": []}] * 2
    assert codes(other) == ["NOT_FOUND"]
    assert await Event.all().count() == 1


async def test_who_read_an_older_version_erases_nothing(api: Client) -> None:
    review, team = await make.review(await make.office()), await moderator()

    done = await change(api, team, REVIEW, id=ids.encode("Review", review.id), v=2)

    assert codes(done) == ["STALE_VERSION"]
    assert await Review.exists()
    assert not await Tombstone.exists()


async def test_of_two_who_erase_and_publish_at_once_none_is_at_fault(api: Client) -> None:
    team, waiting = await moderator(), await make.submission(await make.office())

    both = await asyncio.gather(
        change(api, team, APPROVE, id=key(waiting), v=1),
        change(api, team, SUBMISSION, id=key(waiting), v=1),
    )

    erased = both[1]["erasedId"] is not None
    assert sorted(map(codes, both)) == [[], ["NOT_FOUND" if erased else "STALE_VERSION"]]
    assert await Review.exists() is not erased


# --- Exports, files, logs ---------------------------------------------------------------------


async def test_the_file_of_an_export_goes_with_the_next_purge(
    api: Client, config: Settings
) -> None:
    office, other = await make.office(), await make.office()
    await make.review(other)
    review = await make.review(office, text=LONG)
    who, stays = await manager(office), await manager(other)
    export, kept = await made(api, config, who), await made(api, config, stays)
    assert CANARY in (await fetched(api, who, export)).text

    await change(api, await moderator(), REVIEW, id=ids.encode("Review", review.id), v=1)
    refused = await fetched(api, who, export)
    await purge(config)

    assert refused.json()["errors"][0]["extensions"]["code"] == "EXPORT_OUTDATED"
    assert [one.stem for one in config.export_dir.iterdir()] == [str(key_of(kept))]


async def test_an_export_of_reports_is_not_fetched_once_one_of_them_is_erased(
    api: Client, config: Settings
) -> None:
    """Even one of which no event is kept any more."""
    office, other = await make.office(), await make.office()
    report = await make.accepted(await make.report(office=office, passage=LONG))
    await make.accepted(await make.report(office=other))
    who, stays = await manager(office), await manager(other)
    export, kept = [await made(api, config, one, "REPORTS") for one in (who, stays)]
    assert CANARY in (await fetched(api, who, export)).text

    await change(api, await moderator(), REPORT, id=ids.encode("DocumentReport", report.id), v=2)
    refused = await fetched(api, who, export)
    await purge(config)

    assert refused.json()["errors"][0]["extensions"]["code"] == "EXPORT_OUTDATED"
    assert [one.stem for one in config.export_dir.iterdir()] == [str(key_of(kept))]


def key_of(export: dict[str, Any]) -> int:
    return ids.key_of("Export", export["id"], "id")


async def test_its_bytes_are_in_no_file_of_the_database_and_no_log(
    api: Client, config: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "relais")
    office = await make.office()
    for number in range(200):
        await make.review(office, text=f"Attente numéro {number}. " * 20)
    found = await published(api, office)
    await change(api, await moderator(), SUBMISSION, id=key(found), v=2)

    await purge(config)

    if config.dialect == "postgres":
        await _vacuum(config)
    files = await _files(config)
    assert len(files) >= 1
    words = (CANARY[:8].encode(), CANARY[:8].lower().encode())  # search keeps stems
    assert [path for path in files if any(one in path.read_bytes() for one in words)] == []
    assert CANARY.lower() not in caplog.text.lower()


async def _vacuum(config: Settings) -> None:
    """What whoever runs PostgreSQL does to have the room back, and the bytes gone."""
    owner = as_owner(config)
    db = await asyncpg.connect(**_address(owner))
    await db.execute("VACUUM FULL")
    await db.execute("CHECKPOINT")
    await db.close()


def _address(config: Settings) -> dict[str, Any]:
    credentials = config.tortoise()["connections"]["postgres"]["credentials"]
    return {name: credentials[name] for name in ("host", "user", "database")}


async def _files(config: Settings) -> list[Path]:
    """The files in which the database keeps its tables."""
    if config.dialect == "sqlite":
        path = Path(config.database_url.removeprefix("sqlite://"))
        return [one for one in path.parent.iterdir() if one.name.startswith(path.name)]
    db = await asyncpg.connect(**_address(as_owner(config)))
    oid, folder = await db.fetchrow(
        "SELECT oid, current_setting('data_directory') FROM pg_database"
        " WHERE datname = current_database()"
    )
    await db.close()
    return [one for one in (Path(folder) / "base" / str(oid)).iterdir() if one.is_file()]


# --- Document reports -------------------------------------------------------------------------


async def test_a_report_is_erased_with_its_document_and_does_not_come_back(api: Client) -> None:
    office, team = await make.office(), await moderator()
    report = await make.report(office=office, title=f"Avis {CANARY}", passage=LONG)
    await make.accepted(report)
    me = ids.encode("DocumentReport", report.id)
    machine = (await Account.get(id=report.submitted_by_id)).subject
    await make.person(Role.SERVICE, name=machine, rights="intake")

    done = await change(api, team, REPORT, id=me, v=2)

    assert done == {"erasedId": me, "userErrors": []}
    assert CANARY.lower() not in (await everything()).lower()
    assert not await DocumentReport.exists()
    assert not await Document.exists()


async def test_nobody_is_told_that_a_report_was_erased_which_only_the_team_could_read(
    api: Client,
) -> None:
    report, team = await make.report(office=await make.office()), await moderator()

    await change(api, team, REPORT, id=ids.encode("DocumentReport", report.id), v=1)

    assert not await DocumentReport.exists()
    assert not await Event.filter(type="report.erased").exists()


async def test_a_document_stays_while_another_report_is_of_it(api: Client) -> None:
    office, team = await make.office(), await moderator()
    first, second = [await make.accepted(await make.report(office=office)) for _ in range(2)]

    await change(api, team, REPORT, id=ids.encode("DocumentReport", first.id), v=2)

    assert await Document.all().count() == 1
    assert await DocumentReport.all().values_list("id", flat=True) == [second.id]


# --- All that is kept of it -------------------------------------------------------------------


async def test_a_person_is_told_all_that_is_kept_of_what_they_told(api: Client) -> None:
    found = await published(api, await make.office())

    async with lifted():
        rows = await concerning("review", "spp", "77")

    assert set(rows) >= {
        "submission",
        "review",
        "review_original",
        "review_structure",
        "reply",
        "reply_version",
        "late_edit",
        "contact_request",
        "review_comment",
        "mention",
        "improvement",
        "review_flag",
        "event",
        "audit_entry",
    }
    assert rows["review"][0]["id"] == found.review_id
    assert rows["contact_request"][0]["contact"] == f"{CANARY}@example.fr"


@pytest.mark.usefixtures("world")
async def test_nothing_of_others_is_told_with_it() -> None:
    office = await make.office()
    mine, _ = await make.review(office, replied=1), await make.review(office, replied=1)

    rows = await concerning("review", "test", mine.source_id)

    assert {table: len(found) for table, found in rows.items()} == {
        "review": 1,
        "review_structure": 1,
        "reply": 1,
    }


# --- From the command line --------------------------------------------------------------------


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_whoever_runs_the_service_erases_and_tells_by_command(config: Settings) -> None:
    async with database(config.tortoise(system=True)):
        review = await make.review(await make.office(), text=CANARY)
    names = {"DATABASE_URL": config.database_url, "TOKEN_KEY_FILE": str(config.token_key_file)}
    environ = {f"RELAIS_{name}": value for name, value in names.items()}
    named = ("test", review.source_id)
    why = ("--reason", "legal_order")

    told = await asyncio.to_thread(run, environ, "jobs", "subject-export", *named)
    done = await asyncio.to_thread(run, environ, "jobs", "erase", *named, *why)
    again = await asyncio.to_thread(run, environ, "jobs", "erase", *named, *why)

    assert orjson.loads(told[1])["review"][0]["description"] == CANARY
    assert [done[0], again[0]] == [0, 3]
    async with database(config.tortoise(system=True)):
        actions = [one.action for one in await AuditEntry.all().order_by("id")]
        assert actions == ["subject.exported", "erasure.done", "review.erased"]
        assert [one.type for one in await Event.all()] == ["review.erased"]
        assert not await Review.exists()


@pytest.mark.parametrize("databases", ["postgres"], indirect=True)
async def test_behind_the_wall_nobody_finds_tombstones(config: Settings) -> None:
    async with database(config.tortoise(system=True)):
        await Tombstone.lay(Marks([b"key"]), [Trace.at("review", "spp", "1")])
        assert await Tombstone.all().count() == 1
    async with database(config.tortoise()):
        assert await Tombstone.all().count() == 0
