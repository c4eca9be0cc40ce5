"""Row level security: what a query that forgot the gate finds."""

from typing import Any

import pytest

from auth import scope
from auth.accounts import held_by
from jobs.rollup import fold_all
from models.account import Account, Role
from models.attachment import Attachment, MediaType
from models.audit import Place
from models.comment import Comment
from models.contact import ContactRequest
from models.export import Conditions, Export, ExportFormat, ExportKind
from models.flag import ReviewFlag
from models.improvement import Improvement
from models.network import Network
from models.reply import ReplyText
from models.review import ReviewStructure, Sentiment
from models.routing import Transfer, move_down
from models.saved_filter import SavedFilter
from models.sql import Sql, database, fetch
from models.submission import RejectReason
from models.tag import BusinessTag, put_tags
from models.wall import behind
from settings import Settings
from tests import factories as make

pytestmark = pytest.mark.parametrize("databases", ["postgres"], indirect=True)
WALLED = (
    "review",
    "review_structure",
    "reply",
    "late_edit",
    "contact_request",
    "account",
    "access_grant",
    "audit_entry",
    "export",
)


async def counted() -> dict[str, Any]:
    """How many rows of each table are found by a query that asks for all."""
    return {table: (await fetch(Sql(f"SELECT count(*) FROM {table}")))[0][0] for table in WALLED}


async def test_a_query_that_forgot_the_gate_finds_what_the_viewer_may_see_and_no_more(
    config: Settings,
) -> None:
    async with database(config.tortoise(system=True)):
        writer = await Account.create(subject="writer", label="x")
        mine, shared, foreign = [await make.office() for _ in range(3)]
        await make.review(mine, replied=1)
        await make.review(mine, shared, replied=1)
        await make.review(foreign, replied=1)
        for structure in await ReviewStructure.all().prefetch_related("replies"):
            await ContactRequest.ask("06", [structure])
            await structure.replies[0].set_aside(ReplyText("x"), by=writer.id, read=1)
        agent = await make.person(Role.OFFICE_AGENT, office=mine)
        await make.person(Role.NETWORK_MANAGER, network="police")
        known = await Account.get(subject=agent)
        for account in (known, await Account.machine("Autre")):
            await Export.ask(account.id, ExportKind.REVIEWS, ExportFormat.CSV, Conditions())
        viewer = await held_by(known)
    async with database(config.tortoise()):
        without = await counted()
        async with behind(scope.reach(viewer)):
            within = await counted()
        after = await counted()

    assert without == after == dict.fromkeys(WALLED, 0)
    assert within == {
        "review": 2,
        "review_structure": 3,
        "reply": 3,
        "late_edit": 3,
        "contact_request": 2,
        "account": 1,
        "access_grant": 1,
        "audit_entry": 0,
        "export": 1,
    }


async def test_the_wall_binds_whoever_owns_the_tables_too(config: Settings) -> None:
    walled = "SELECT relname, relforcerowsecurity FROM pg_class WHERE relrowsecurity"
    policies = "SELECT DISTINCT tablename FROM pg_policies"
    async with database(config.tortoise(system=True)):
        found = {row[0]: row[1] for row in await fetch(Sql(walled))}
        told = {row[0] for row in await fetch(Sql(policies))}

    assert {*WALLED, "tombstone"} <= told <= found.keys()
    assert [table for table, forced in found.items() if not forced] == []


async def test_behind_the_wall_too_a_report_before_triage_is_for_few(config: Settings) -> None:
    tables = ("document_report", "document", "report_version", "report_original", "attachment")
    async with database(config.tortoise(system=True)):
        office, foreign = await make.office(), await make.office()
        agent = await make.person(Role.OFFICE_AGENT, office=office)
        people = {
            "agent": agent,
            "team": await make.person(Role.MODERATOR),
            "stranger": await make.person(Role.NETWORK_MANAGER, network="police"),
        }
        await make.report(office=office)
        await make.report(office=foreign, by=agent)
        for place in (office, foreign):
            file = Attachment.new("0" * 64, MediaType.PDF, 1, by=0)
            file.uploaded_by_id = None
            await file.save()
            report = await make.report(office=place, title=place.name, attachment_id=file.id)
            await make.accepted(report)
        viewers = {
            name: await held_by(await Account.get(subject=who)) for name, who in people.items()
        }
    found = {}
    async with database(config.tortoise()):
        for name, viewer in viewers.items():
            async with behind(scope.reach(viewer)):
                rows = [(await fetch(Sql(f"SELECT count(*) FROM {one}")))[0][0] for one in tables]
            found[name] = rows

    assert found == {"agent": [2, 1, 3, 0, 1], "team": [4, 2, 6, 0, 2], "stranger": [0] * 5}


async def test_figures_are_behind_the_wall_but_for_those_of_whole_networks(
    config: Settings,
) -> None:
    async with database(config.tortoise(system=True)):
        mine, foreign = await make.office(), await make.office()
        await make.review(mine)
        await make.review(foreign)
        await make.review(await make.office("police"))
        await fold_all()
        await make.review(mine)
        await make.review(foreign)
        reader = await make.person(Role.READER, office=mine)
        machine = await make.person(Role.SERVICE, office=mine, rights="intake")
        people = [await held_by(await Account.get(subject=who)) for who in (reader, machine)]
    text = (
        "SELECT 'cell', level, network_id, office_id FROM rollup UNION ALL"
        " SELECT 'delta', 0, network_id, office_id FROM rollup_delta ORDER BY 1, 2"
    )
    seen = []
    async with database(config.tortoise()):
        seen.append(await fetch(Sql(text)))
        for viewer in people:
            async with behind(scope.reach(viewer)):
                seen.append(await fetch(Sql(text)))

    nobody, reads, neither = [[tuple(row) for row in rows] for rows in seen]
    caf, own = mine.network_id, mine.id
    cells = [("cell", 1, caf, 0), ("cell", 3, caf, own), ("cell", 4, caf, 0), ("cell", 5, caf, own)]
    assert reads == [*cells, ("delta", 0, caf, own)]
    assert nobody == neither == []


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET seal = ''", "DELETE FROM reply", "DELETE FROM rollup"]
)
async def test_a_change_that_forgot_the_gate_changes_nothing(
    config: Settings, statement: str
) -> None:
    async with database(config.tortoise(system=True)):
        await make.review(await make.office(), replied=1)
    async with database(config.tortoise()):
        try:
            await fetch(Sql(statement))
        except Exception as error:  # noqa: BLE001
            assert "permission denied" in str(error)  # noqa: PT017
    async with database(config.tortoise(system=True)):
        assert (await counted())["reply"] == 1


BESIDE = (
    "transfer",
    "structure_move",
    "structure_tag",
    "improvement",
    "review_flag",
    "review_comment",
    "mention",
    "saved_filter",
)


async def test_what_is_kept_beside_reviews_is_walled_in_with_them(config: Settings) -> None:
    async with database(config.tortoise(system=True)):
        mine, foreign = [await make.office() for _ in range(2)]
        people = [await make.person(Role.OFFICE_AGENT, office=one) for one in (mine, foreign)]
        accounts = [await Account.get(subject=one) for one in people]
        viewer = await held_by(accounts[0])
        tag = await BusinessTag.add(await Network.get(code="caf"), "Attente")
        for office, account in zip((mine, foreign), accounts, strict=True):
            review = await make.review(office)
            structure = await ReviewStructure.get(review=review)
            away = Place((await Network.get(code="police")).id)
            by = account.id
            moved = await Transfer.request(structure, away, "x", by=by, expected_version=1)
            await moved.cancel(by=by, expected_version=1)
            lower = await make.office(parent=office)
            await move_down(structure, lower, "", by=by, expected_version=1)
            await ReviewStructure.filter(id=structure.id).update(office_id=office.id)
            await put_tags(structure, {tag.id: Sentiment.NEUTRAL}, expected_version=2)
            await Improvement.flag(structure, "x", by=by)
            await ReviewFlag.raise_for(review, RejectReason.INSULT, "", by=by)
            await Comment.add(review.id, "x", [by], by=by)
            await SavedFilter.keep("x", {}, by=by)
    async with database(config.tortoise()):
        without = [(await fetch(Sql(f"SELECT count(*) FROM {one}")))[0][0] for one in BESIDE]
        async with behind(scope.reach(viewer)):
            within = [(await fetch(Sql(f"SELECT count(*) FROM {one}")))[0][0] for one in BESIDE]

    assert dict(zip(BESIDE, without, strict=True)) == dict.fromkeys(BESIDE, 0)
    assert dict(zip(BESIDE, within, strict=True)) == dict.fromkeys(BESIDE, 1)
