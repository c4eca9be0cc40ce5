"""Document reports: brought in, triaged, gathered on their documents, rewritten."""

import asyncio
from typing import Any

import orjson
import pytest

from models import ids
from models.account import Role
from models.audit import AuditEntry
from models.difference import DiffOp, difference
from models.document import Document, form_number, matched_by
from models.document import address as address_of
from models.errors import BadInput
from models.event import Event
from models.readability import readability
from models.report import (
    DocumentReport,
    ReportOriginal,
    ReportReason,
    ReportState,
    ReportVersion,
)
from models.sql import Sql, fetch
from tests import factories as make
from tests.client import Client
from tests.test_moderation import change, codes, moderator, platform

ANSWER = "report { id state version steps title passage note } userErrors { code field }"
SUBMIT = """mutation ($source: String!, $reports: [ReportSubmission!]!) {
  done: reportsSubmit(source: $source, reports: $reports) {
    results { sourceId status reportId code field } userErrors { code field } } }"""
ENTER = f"""mutation ($report: ReportInput!, $mode: EntryMode!) {{
  done: reportEnter(report: $report, mode: $mode) {{ {ANSWER} }} }}"""
ACCEPT = f"""mutation ($id: ID!, $v: Int!, $redactions: [ReportRedaction!]) {{
  done: reportAccept(id: $id, expectedVersion: $v, redactions: $redactions) {{ {ANSWER} }} }}"""
REJECT = f"""mutation ($id: ID!, $v: Int!) {{
  done: reportReject(id: $id, expectedVersion: $v, reason: INSULT, note: "Non.") {{ {ANSWER} }}
}}"""
REWRITE = f"""mutation ($id: ID!, $v: Int!, $after: String!, $before: String) {{
  done: reportRewrite(id: $id, expectedVersion: $v, after: $after, before: $before) {{ {ANSWER} }}
}}"""
DECLINE = f"""mutation ($id: ID!, $v: Int!, $reason: String!) {{
  done: reportDecline(id: $id, expectedVersion: $v, reason: $reason) {{ {ANSWER} }} }}"""
ORIGINAL = """mutation ($id: ID!) { done: reportOriginal(id: $id) { received
  userErrors { code } } }"""
LIST = """query ($where: DocumentReportFilter) { documentReports(where: $where) { totalCount
  nodes { id title passage suggestion state } } }"""
DOCUMENTS = """{ documents { totalCount nodes { title formNumber reports
  byState { state reports } byReason { reason reports } } } }"""


def step(name: str) -> str:
    return f"""mutation ($id: ID!, $v: Int!) {{
      done: {name}(id: $id, expectedVersion: $v) {{ {ANSWER} }} }}"""


ACKNOWLEDGE, BEGIN, WITHDRAW = map(
    step, ("reportAcknowledge", "reportBeginRewriting", "reportWithdraw")
)


def said(**rest: Any) -> dict[str, Any]:
    """What a user says of a document, as a client gives it."""
    told = {"title": "Déclaration", "passage": "Nonobstant l'article L. 1.", "reason": "JARGON"}
    place = {} if "office" in rest else {"network": "caf"}
    return told | place | rest


def key(one: DocumentReport) -> str:
    return ids.encode("DocumentReport", one.id)


async def seen(api: Client, who: str, **where: Any) -> int:
    found = await api.data(who, LIST, where=where)
    return int(found["documentReports"]["totalCount"])


# --- Intake -----------------------------------------------------------------------------------


async def test_before_triage_only_moderators_and_whoever_brought_it_in_see_a_report(
    api: Client,
) -> None:
    machine, team, other = await platform(), await moderator(), await platform()
    manager = await make.person(Role.NETWORK_MANAGER, network="caf")
    given = [{"sourceId": "1", "report": said()}]

    done = await change(api, machine, SUBMIT, source="spp", reports=given)

    (result,) = done["results"]
    who = {"machine": machine, "team": team, "other": other, "manager": manager}
    node = "query ($id: ID!) { node(id: $id) { id } }"
    assert (result["status"], result["code"]) == ("accepted", None)
    assert {name: await seen(api, one) for name, one in who.items()} == {
        "machine": 1,
        "team": 1,
        "other": 0,
        "manager": 0,
    }
    assert await api.data(manager, node, id=result["reportId"]) == {"node": None}
    history = "query ($id: ID!) { reportHistory(id: $id) { step } }"
    assert await api.data(manager, history, id=result["reportId"]) == {"reportHistory": []}
    assert (await api.data(manager, DOCUMENTS))["documents"]["totalCount"] == 0


async def test_each_of_many_reports_is_accepted_or_refused_by_itself(api: Client) -> None:
    machine = await make.person(Role.SERVICE, network="caf", rights="intake")
    office, police = await make.office(), await make.office("police")
    mine, theirs = (ids.encode("Office", one.id) for one in (office, police))
    file = ids.encode("Attachment", 99)
    given = [
        ("1", said()),
        ("1", said()),
        ("1", said(title="Autre")),
        ("2", said(office=mine)),
        ("3", said(office=theirs)),
        ("4", said(title=" \u00a0")),
        ("5", said(title="x" * 501)),
        ("6", said(passage="\x00 \n")),
        ("7", said(passage="x" * 10_001)),
        ("8", said(suggestion="x" * 10_001)),
        ("9", said(url="javascript:alert(1)")),
        ("10", said(url="https://a@caf.fr/x")),
        ("11", said(procedure="nope")),
        ("12", said(department="999")),
        ("13", said(attachment=file)),
        ("14", said(attachment=mine)),
        ("", said()),
        ("15", said(network="nowhere")),
        ("16", said(formNumber="x" * 65)),
    ]
    reports = [{"sourceId": number, "report": report} for number, report in given]

    done = await change(api, machine, SUBMIT, source="spp", reports=reports)

    assert done["userErrors"] == []
    assert [(one["status"], one["code"]) for one in done["results"]] == [
        ("accepted", None),
        ("unchanged", None),
        (None, "SOURCE_ID_TAKEN"),
        ("accepted", None),
        (None, "NOT_FOUND"),
        *[(None, "BAD_INPUT")] * 9,
        (None, "NOT_FOUND"),
        (None, "BAD_ID"),
        *[(None, "BAD_INPUT")] * 3,
    ]
    assert done["results"][8]["field"] == ["reports", "8", "report", "passage"]
    assert await DocumentReport.all().count() == 2


@pytest.mark.parametrize("count", [0, 251])
async def test_too_many_reports_at_once_are_refused(api: Client, count: int) -> None:
    reports = [{"sourceId": str(n), "report": said()} for n in range(count)]

    done = await change(api, await platform(), SUBMIT, source="spp", reports=reports)

    assert codes(done) == ["BAD_INPUT"]


async def test_the_same_handed_over_many_times_at_once_is_one_report(api: Client) -> None:
    machine, given = await platform(), [{"sourceId": "1", "report": said()}]

    done = await asyncio.gather(
        *(change(api, machine, SUBMIT, source="spp", reports=given) for _ in range(8))
    )

    assert sorted(one["results"][0]["status"] for one in done) == ["accepted"] + ["unchanged"] * 7
    assert await DocumentReport.all().count() == 1


async def test_an_office_writes_down_what_it_is_told_of_a_document(api: Client) -> None:
    office, elsewhere = await make.office(), await make.office()
    agent = await make.person(Role.OFFICE_AGENT, office=office)
    mine, theirs = (said(office=ids.encode("Office", one.id)) for one in (office, elsewhere))

    done = await change(api, agent, ENTER, report=mine, mode="COUNTER")
    foreign = await change(api, agent, ENTER, report=theirs, mode="COUNTER")
    online = await change(api, agent, ENTER, report=mine, mode="ONLINE")

    assert (done["report"]["state"], done["report"]["version"]) == ("SUBMITTED", 1)
    assert (codes(foreign), codes(online)) == (["NOT_FOUND"], ["BAD_INPUT"])


# --- Triage -----------------------------------------------------------------------------------


async def test_words_taken_out_of_a_report_vanish_everywhere(api: Client) -> None:
    office, team = await make.office(), await moderator()
    agent = await make.person(Role.OFFICE_AGENT, office=office)
    report = await make.report(
        office=office,
        title="Lettre de Mme Dupont",
        passage="Mme Dupont exige sine die.",
        suggestion="Que Mme Dupont explique.",
        url="https://caf.fr/dupont",
    )
    passages = [
        {"field": "TITLE", "start": 10, "end": 20},
        {"field": "PASSAGE", "start": 0, "end": 10},
        {"field": "SUGGESTION", "start": 4, "end": 14},
        {"field": "URL", "start": 0, "end": 1},
    ]

    done = await change(api, team, ACCEPT, id=key(report), v=1, redactions=passages)
    found = await api.data(agent, LIST)
    received = await change(api, team, ORIGINAL, id=key(report))

    shown = {"title": "Lettre de […]", "passage": "[…] exige sine die."}
    (node,) = found["documentReports"]["nodes"]
    assert codes(done) == []
    assert {name: node[name] for name in shown} == shown
    assert (await DocumentReport.get()).suspects == 0
    for table in ("document", "document_report", "report_version", "event", "audit_entry"):
        rows = await fetch(Sql(f"SELECT * FROM {table}"))
        assert rows
        assert "dupont" not in str([tuple(row) for row in rows]).lower()
    assert orjson.loads(received["received"])["passage"] == "Mme Dupont exige sine die."
    last = await AuditEntry.all().order_by("-id").first()
    assert last
    assert (last.action, last.subject) == ("report.original_read", key(report))


async def test_the_rules_propose_what_to_look_at_in_a_report(api: Client) -> None:
    await make.report(passage="Mme Dupont, 06 12 34 56 78.")
    await make.report()
    query = """{ documentReports(where: {suspect: true}) { nodes {
      findings { field kind start end } } } }"""

    data = await api.data(await moderator(), query)

    (node,) = data["documentReports"]["nodes"]
    assert node["findings"] == [
        {"field": "passage", "kind": "PERSON_NAME", "start": 0, "end": 10},
        {"field": "passage", "kind": "PHONE", "start": 12, "end": 26},
    ]


async def test_a_rejected_report_stays_with_moderators(api: Client) -> None:
    team, report = await moderator(), await make.report()
    manager = await make.person(Role.NETWORK_MANAGER, network="caf")

    done = await change(api, team, REJECT, id=key(report), v=1)
    after = await change(api, team, ACCEPT, id=key(report), v=2)

    assert (done["report"]["state"], codes(after)) == ("REJECTED", ["ILLEGAL_STEP"])
    assert (await seen(api, manager), await Document.exists()) == (0, False)
    assert not await Event.exists()


async def test_of_two_moderators_at_once_one_triages(api: Client) -> None:
    team, report = await moderator(), await make.report()

    both = await asyncio.gather(
        change(api, team, ACCEPT, id=key(report), v=1),
        change(api, team, REJECT, id=key(report), v=1),
    )

    assert sorted(map(codes, both)) == [[], ["STALE_VERSION"]]


@pytest.mark.parametrize("span", [(0, 0), (-1, 2), (5, 4), (0, 99)])
async def test_words_that_are_not_in_a_report_are_not_taken_out(
    api: Client, span: tuple[int, int]
) -> None:
    report = await make.report(passage="Sine die.")
    passage = {"field": "PASSAGE", "start": span[0], "end": span[1]}

    done = await change(api, await moderator(), ACCEPT, id=key(report), v=1, redactions=[passage])

    assert codes(done) == ["BAD_INPUT"]
    assert (await DocumentReport.get()).state is ReportState.SUBMITTED
    assert not await Document.exists()


@pytest.mark.parametrize("who", [Role.NETWORK_MANAGER, Role.ADMINISTRATOR, Role.SERVICE])
async def test_nobody_else_triages(api: Client, who: Role) -> None:
    network = None if who is Role.ADMINISTRATOR else "caf"
    rights = "moderate intake reply" if who is Role.SERVICE else ""
    person, report = await make.person(who, network=network, rights=rights), await make.report()

    done = [await change(api, person, query, id=key(report), v=1) for query in (ACCEPT, REJECT)] + [
        await change(api, person, ORIGINAL, id=key(report))
    ]

    assert [codes(one) for one in done] == [["NOT_FOUND"]] * 3


# --- Rewriting --------------------------------------------------------------------------------


async def test_a_report_is_acknowledged_and_its_document_rewritten(api: Client) -> None:
    office = await make.office()
    agent = await make.person(Role.OFFICE_AGENT, office=office)
    report = await make.accepted(await make.report(office=office, passage="Payez sine die."))
    me = key(report)

    early = await change(api, agent, REWRITE, id=me, v=2, after="Payez vite.")
    steps = [
        await change(api, agent, ACKNOWLEDGE, id=me, v=2),
        await change(api, agent, BEGIN, id=me, v=3),
        await change(api, agent, REWRITE, id=me, v=4, after="Payez sans date limite."),
    ]
    stale = await change(api, agent, DECLINE, id=me, v=4, reason="Non.")
    query = """query ($id: ID!) { node(id: $id) { ... on DocumentReport {
      before after diff { op text } readabilityBefore viewerCan { rewrite triage } } }
      reportHistory(id: $id) { version step state by } }"""
    data = await api.data(agent, query, id=me)

    assert codes(early) == ["ILLEGAL_STEP"]
    states = [one["report"]["state"] for one in steps]
    assert states == ["ACKNOWLEDGED", "BEING_REWRITTEN", "REWRITTEN"]
    assert codes(stale) == ["STALE_VERSION"]
    assert data["node"] == {
        "before": "Payez sine die.",
        "after": "Payez sans date limite.",
        "diff": [
            {"op": "EQUAL", "text": "Payez "},
            {"op": "DELETE", "text": "sine die."},
            {"op": "INSERT", "text": "sans date limite."},
        ],
        "readabilityBefore": None,
        "viewerCan": {"rewrite": True, "triage": False},
    }
    history = [(one["version"], one["step"], one["state"]) for one in data["reportHistory"]]
    assert history == [
        (1, "bring", "SUBMITTED"),
        (2, "accept", "ACCEPTED"),
        (3, "acknowledge", "ACKNOWLEDGED"),
        (4, "begin_rewriting", "BEING_REWRITTEN"),
        (5, "rewrite", "REWRITTEN"),
    ]
    assert all(one["by"] for one in data["reportHistory"])
    events = await Event.all().order_by("id")
    assert [one.type for one in events] == [
        "report.acknowledged",
        "report.rewriting",
        "report.rewritten",
    ]
    facts = {"document": ids.encode("Document", report.document_id or 0), "version": 5}
    assert (events[2].office_id, orjson.loads(events[2].facts)) == (office.id, facts)


@pytest.mark.parametrize("reason", ["", " \n", "x" * 1001, "\x07"])
async def test_a_report_is_declined_with_a_reason_only(api: Client, reason: str) -> None:
    agent = await make.person(Role.NETWORK_MANAGER, network="caf")
    report = await make.accepted(await make.report())

    bad = await change(api, agent, DECLINE, id=key(report), v=2, reason=reason)
    good = await change(api, agent, DECLINE, id=key(report), v=2, reason="La loi l'exige.")

    assert bad["userErrors"] == [{"code": "BAD_INPUT", "field": ["reason"]}]
    assert (good["report"]["state"], good["report"]["note"]) == ("DECLINED", "La loi l'exige.")


async def test_who_only_reads_does_not_rewrite_and_others_see_nothing(api: Client) -> None:
    report = await make.accepted(await make.report(office=await make.office()))
    reader = await make.person(Role.READER, network="caf")
    elsewhere = await make.person(Role.OFFICE_AGENT, office=await make.office())
    police = await make.person(Role.NETWORK_MANAGER, network="police")

    done = [
        await change(api, who, ACKNOWLEDGE, id=key(report), v=2)
        for who in (reader, elsewhere, police)
    ]

    assert [codes(one) for one in done] == [["NOT_FOUND"]] * 3
    assert [await seen(api, who) for who in (reader, elsewhere, police)] == [1, 0, 0]


@pytest.mark.parametrize("triaged", [False, True])
async def test_what_its_author_takes_back_leaves_no_text(api: Client, triaged: bool) -> None:
    machine = await platform()
    report = await make.report(
        by=machine, title="Secret", passage="Secret.", url="https://x.fr/secret"
    )
    manager = await make.person(Role.NETWORK_MANAGER, network="caf")
    if triaged:
        await make.accepted(report)
        await change(api, manager, DECLINE, id=key(report), v=2, reason="Secret.")
        await report.refresh_from_db()

    foreign = await change(api, await platform(), WITHDRAW, id=key(report), v=report.version)
    done = await change(api, machine, WITHDRAW, id=key(report), v=report.version)

    assert codes(foreign) == ["NOT_FOUND"]
    assert (done["report"]["state"], done["report"]["passage"]) == ("WITHDRAWN", "")
    assert (await seen(api, manager), await Document.exists()) == (0, False)
    assert not await ReportOriginal.exists()
    for table in ("document_report", "event", "audit_entry"):
        rows = await fetch(Sql(f"SELECT * FROM {table}"))
        assert "secret" not in str([tuple(row) for row in rows]).lower()
    events = [one.type for one in await Event.all()]
    assert events == (["report.declined", "report.withdrawn"] if triaged else [])


# --- Documents --------------------------------------------------------------------------------


async def test_reports_of_the_same_document_gather_on_it(api: Client) -> None:
    office, elsewhere = await make.office(), await make.office()
    agent = await make.person(Role.OFFICE_AGENT, office=office)
    manager = await make.person(Role.NETWORK_MANAGER, network="caf")
    for place, form, reason in (
        (office, "Cerfa n° 12345*02", ReportReason.JARGON),
        (office, "12345", ReportReason.JARGON),
        (elsewhere, "CERFA 12345-03", ReportReason.TONE),
        (elsewhere, "", ReportReason.TONE),
    ):
        await make.accepted(await make.report(office=place, form=form, reason=reason))
    await make.report(office=office, form="12345")  # waits for triage: counts nowhere

    mine = (await api.data(agent, DOCUMENTS))["documents"]
    all_of_them = (await api.data(manager, DOCUMENTS))["documents"]
    police = await make.person(Role.NETWORK_MANAGER, network="police")

    assert mine["nodes"] == [
        {
            "title": "Déclaration de ressources",
            "formNumber": "12345",
            "reports": 2,
            "byState": [{"state": "ACCEPTED", "reports": 2}],
            "byReason": [{"reason": "JARGON", "reports": 2}],
        }
    ]
    assert [one["reports"] for one in all_of_them["nodes"]] == [3, 1]
    assert (await api.data(police, DOCUMENTS))["documents"]["totalCount"] == 0


async def test_reports_are_found_by_what_they_say_of_themselves(api: Client) -> None:
    office, reader = await make.office(), await make.person(Role.READER)
    procedure = await make.procedure(code="apl")
    one = await make.accepted(await make.report(office=office, procedure_id=procedure.id))
    await make.accepted(await make.report("police", title="Autre", reason=ReportReason.TONE))

    found = [
        await seen(api, reader, **where)
        for where in (
            {},
            {"states": ["ACCEPTED"]},
            {"states": ["REJECTED"]},
            {"reasons": ["TONE"]},
            {"networks": ["police"]},
            {"departments": ["69"]},
            {"offices": [ids.encode("Office", office.id)]},
            {"document": ids.encode("Document", one.document_id or 0)},
            {"procedures": ["apl"]},
            {"since": "2100-01-01T00:00:00Z"},
            {"until": "2100-01-01T00:00:00Z"},
        )
    ]

    assert found == [2, 2, 0, 1, 1, 1, 1, 1, 1, 0, 2]


async def test_pages_of_documents_go_by_their_number_of_reports(api: Client) -> None:
    for number in range(4):
        for _ in range(4 - number):
            await make.accepted(await make.report(title=f"Lettre {number}"))
    reader, found, after = await make.person(Role.READER), [], None
    query = """query ($after: String) { documents(first: 2, after: $after) {
      nodes { title reports } pageInfo { endCursor } } }"""

    for _ in range(2):
        page = (await api.data(reader, query, after=after))["documents"]
        found += [(one["title"], one["reports"]) for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]

    assert found == [(f"Lettre {number}", 4 - number) for number in range(4)]


@pytest.mark.parametrize(
    ("received", "form"),
    [
        ("Cerfa n° 12345*02", "12345"),
        ("cerfa 12345-02", "12345"),
        ("12345", "12345"),
        ("2042-K-PRO", "2042KPRO"),
        ("S 1234", "S1234"),
        (" ", None),
    ],
)
def test_a_form_number_is_one_however_it_is_written(received: str, form: str | None) -> None:
    assert form_number(received) == form


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("A", "12345", "https://x.fr"), ("B", "12345", None)),
        (("A", None, "https://www.CAF.fr/a/#b"), ("B", None, "http://caf.fr/a")),
        (("Déclaration, 2026", None, None), ("declaration 2026 !", None, None)),
    ],
)
def test_documents_match_by_form_else_address_else_title(one: Any, other: Any) -> None:
    first, second = (
        matched_by(title, form, address_of(url) if url else None)
        for title, form, url in (one, other)
    )
    assert first == second


@pytest.mark.parametrize("url", ["ftp://x.fr", "https://", "https://[", "x", "https://a b.fr"])
def test_an_address_that_leads_nowhere_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        address_of(url)


# --- What is written in place of what ---------------------------------------------------------


def test_a_difference_holds_both_texts_whole() -> None:
    before, after = "Le délai est\nfixé sine die. ", "Le  délai n'est pas fixé."

    pieces = difference(before, after)

    assert "".join(one.text for one in pieces if one.op is not DiffOp.INSERT) == before
    assert "".join(one.text for one in pieces if one.op is not DiffOp.DELETE) == after


def test_a_hint_at_readability_is_given_over_100_words_only() -> None:
    easy = "Le chat dort. Il fait beau. " * 20
    hard = (
        "Nonobstant l'applicabilité rétroactive des dispositions réglementaires susmentionnées, "
        "l'administration territorialement compétente procédera à la régularisation. " * 12
    )

    assert readability("mot " * 100) is None
    assert (readability(easy), readability(hard)) == (100, 0)


async def test_every_step_is_kept(api: Client) -> None:
    agent = await make.person(Role.NETWORK_MANAGER, network="caf")
    report = await make.accepted(await make.report())
    await change(api, agent, ACKNOWLEDGE, id=key(report), v=2)

    assert await ReportVersion.all().count() == 3
