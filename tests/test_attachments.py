"""Files that come with reports: taken whole or not at all, given to whoever reads the report."""

import asyncio
import errno
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest

from jobs.attachments import remove_unused
from models import attachment as files
from models import ids
from models.account import Role
from models.attachment import KEPT, MAX_SIZE, Attachment, Folder
from models.report import DocumentReport
from settings import Settings
from tests import factories as make
from tests.client import Client, asking
from tests.test_moderation import change, codes, moderator, platform
from tests.test_reports import ENTER, SUBMIT, key, said

PDF = b"%PDF-1.7\n" + b"x" * 2000 + b"\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 50 + b"IEND\xae\x42\x60\x82"
JPEG = b"\xff\xd8\xff\xe0" + b"x" * 50 + b"\xff\xd9"
ACCEPT = """mutation ($id: ID!, $without: Boolean!) {
  done: reportAccept(id: $id, expectedVersion: 1, withoutAttachment: $without) {
    report { attachment { url mediaType size sha256 } } userErrors { code } } }"""


@pytest.fixture
async def config(config: Settings, tmp_path: Path) -> Settings:
    return config.model_copy(update={"attachment_dir": tmp_path / "files"})


@pytest.fixture
def folder(config: Settings) -> Path:
    return config.attachment_dir


def left(folder: Path) -> list[str]:
    """What there is in the folder."""
    return sorted(one.name for one in folder.rglob("*") if one.is_file())


async def upload(
    api: Client, who: str, content: Any = PDF, kind: str = "application/pdf"
) -> httpx.Response:
    headers = api.headers(who) | {"content-type": kind}
    return await api.http.post("/attachments", content=content, headers=headers)


async def fetched(api: Client, who: str, file: str) -> httpx.Response:
    return await api.http.get(f"/attachments/{file}", headers=api.headers(who))


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["extensions"]["code"]


async def reported(api: Client, who: str, file: str) -> DocumentReport:
    given = [{"sourceId": file, "report": said(attachment=file)}]
    done = await change(api, who, SUBMIT, source="spp", reports=given)
    assert done["results"][0]["code"] is None, done
    return await DocumentReport.get(source_id=file)


# --- Taken ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind"), [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")]
)
async def test_a_file_is_taken_and_given_back_as_it_was(
    api: Client, folder: Path, content: bytes, kind: str
) -> None:
    machine = await platform()

    made = await upload(api, machine, content, f"{kind}; charset=x")
    given = await fetched(api, machine, made.json()["id"])

    assert (made.status_code, made.json()["size"]) == (201, len(content))
    assert left(folder) == [made.json()["sha256"]]
    assert given.content == content
    names = ("content-type", "content-security-policy", "x-content-type-options", "cache-control")
    assert [given.headers[name] for name in names] == [
        kind,
        "default-src 'none'; sandbox",
        "nosniff",
        "no-store",
    ]
    assert given.headers["content-disposition"].startswith("attachment; filename=")


@pytest.mark.parametrize(
    ("content", "kind", "told"),
    [
        (PNG, "application/pdf", (415, "ATTACHMENT_TYPE")),
        (b"<script>%PDF-%%EOF", "application/pdf", (415, "ATTACHMENT_TYPE")),
        (PDF[:-7], "application/pdf", (415, "ATTACHMENT_TYPE")),
        (PDF, "text/html", (415, "ATTACHMENT_TYPE")),
        (b"", "image/png", (415, "ATTACHMENT_TYPE")),
        (PDF[:9] + b"x" * MAX_SIZE + b"%%EOF", "application/pdf", (413, "ATTACHMENT_TOO_LARGE")),
    ],
)
async def test_what_is_no_file_that_is_taken_leaves_nothing(
    api: Client, folder: Path, content: bytes, kind: str, told: tuple[int, str]
) -> None:
    answer = await upload(api, await platform(), content, kind)

    assert code(answer) == told
    assert left(folder) == []
    assert not await Attachment.exists()


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_a_file_without_an_end_is_stopped_at_its_bound(api: Client, folder: Path) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while sent < 100 * MAX_SIZE:
            sent += 65536
            yield PDF[:9] + b"x" * (65536 - 9)

    try:
        answer = code(await upload(api, await platform(), endless()))
    except httpx.TransportError:  # the service hung up
        answer = (413, "ATTACHMENT_TOO_LARGE")

    assert answer == (413, "ATTACHMENT_TOO_LARGE")
    assert sent < 10 * MAX_SIZE
    assert left(folder) == []


@pytest.mark.parametrize("when", ["write", "keep"])
async def test_a_full_disk_is_told_and_nothing_half_written_stays(
    api: Client, folder: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    def full(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    machine = await platform()
    target = "write" if when == "write" else "_settle"
    monkeypatch.setattr(files.Upload if when == "write" else files, target, full)
    answer = await upload(api, machine)
    monkeypatch.undo()

    assert code(answer) == (507, "STORAGE_FULL")
    assert [name for name in left(folder) if name.endswith(".part")] == []
    assert not await Attachment.exists()
    assert (await upload(api, machine)).status_code == 201


async def test_only_who_brings_reports_in_uploads_and_not_without_end(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine, reader = await platform(), await make.person(Role.READER)
    monkeypatch.setattr("resolvers.attachments.MAX_UNUSED", 1)

    answers = [await upload(api, who) for who in (reader, machine, machine)]
    nobody = await api.http.post("/attachments", content=PDF)

    assert code(answers[0]) == (404, "NOT_FOUND")
    assert answers[1].status_code == 201
    assert code(answers[2]) == (429, "ATTACHMENTS_WAITING")
    assert code(nobody) == (401, "UNAUTHENTICATED")


# --- Named and given --------------------------------------------------------------------------


async def test_a_file_is_for_whoever_reads_the_report(api: Client) -> None:
    machine, team, other = await platform(), await moderator(), await platform()
    manager = await make.person(Role.NETWORK_MANAGER, network="caf")
    police = await make.person(Role.NETWORK_MANAGER, network="police")
    file = (await upload(api, machine)).json()["id"]
    everyone = (machine, team, other, manager, police)

    unused = [(await fetched(api, who, file)).status_code for who in everyone]
    report = await reported(api, machine, file)
    before = [(await fetched(api, who, file)).status_code for who in everyone]
    done = await change(api, team, ACCEPT, id=key(report), without=False)
    after = [(await fetched(api, who, file)).status_code for who in everyone]

    assert unused == [200, 404, 404, 404, 404]
    assert before == [200, 200, 404, 404, 404]
    assert after == [200, 200, 404, 200, 404]
    shown = done["report"]["attachment"]
    by_link = await api.http.get(shown["url"], headers=api.headers(manager))
    assert (by_link.content, shown["size"], shown["mediaType"]) == (PDF, len(PDF), "PDF")


@pytest.mark.parametrize("wrong", ["x", "é", "..%2f..%2fetc%2fpasswd", "UmV2aWV3OjE=", "%00"])
async def test_an_id_of_no_file_finds_none(api: Client, wrong: str) -> None:
    answer = await fetched(api, await moderator(), wrong)

    assert answer.status_code == 404


async def test_a_file_is_named_once_and_by_whoever_uploaded_it(api: Client) -> None:
    machine, office = await platform(), await make.office()
    agent = await make.person(Role.OFFICE_AGENT, office=office)
    file = (await upload(api, machine)).json()["id"]
    entered = said(office=ids.encode("Office", office.id), attachment=file)

    foreign = await change(api, agent, ENTER, report=entered, mode="PAPER")
    given = [[{"sourceId": str(n), "report": said(attachment=file, passage="")}] for n in (1, 2, 1)]
    done = [await change(api, machine, SUBMIT, source="spp", reports=one) for one in given]

    assert foreign["userErrors"] == [{"code": "NOT_FOUND", "field": ["attachment"]}]
    results = [(one["results"][0]["status"], one["results"][0]["code"]) for one in done]
    assert results == [("accepted", None), (None, "NOT_FOUND"), ("unchanged", None)]


async def test_of_many_reports_at_once_one_gets_the_file(api: Client) -> None:
    office = await make.office()
    agent = await make.person(Role.OFFICE_AGENT, office=office)
    file = (await upload(api, agent)).json()["id"]
    report = said(office=ids.encode("Office", office.id), attachment=file)

    done = await asyncio.gather(
        *(change(api, agent, ENTER, report=report, mode="PAPER") for _ in range(6))
    )

    assert sorted(map(codes, done)) == [[]] + [["NOT_FOUND"]] * 5


# --- Purged -----------------------------------------------------------------------------------


async def test_files_that_no_report_names_go_after_a_day(api: Client, folder: Path) -> None:
    machine, team = await platform(), await moderator()
    used, alone = [(await upload(api, machine, one)).json()["id"] for one in (PDF, PDF + b"%%EOF")]
    report = await reported(api, machine, used)
    now, later = datetime.now(UTC), datetime.now(UTC) + KEPT + timedelta(minutes=1)
    (folder / "broken.part").touch()

    early = await remove_unused(Folder(folder), now)
    late = await remove_unused(Folder(folder), later)
    kept = [(await fetched(api, machine, one)).status_code for one in (used, alone)]
    await change(api, team, ACCEPT, id=key(report), without=True)
    withheld = await fetched(api, machine, used)
    last = await remove_unused(Folder(folder), later)

    assert (early, late, kept) == (0, 1, [200, 404])
    assert (withheld.status_code, last, left(folder)) == (200, 1, [])


async def test_the_same_bytes_stay_while_one_of_their_files_is_used(
    api: Client, folder: Path
) -> None:
    machine = await platform()
    one, other = [(await upload(api, machine)).json() for _ in range(2)]
    await reported(api, machine, one["id"])
    later = datetime.now(UTC) + KEPT + timedelta(minutes=1)

    removed = await remove_unused(Folder(folder), later)

    assert (removed, left(folder)) == (1, [other["sha256"]])
    assert (await fetched(api, machine, one["id"])).content == PDF


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_a_file_that_is_lost_is_told_and_no_fault(config: Settings) -> None:
    async with asking(config) as api:
        machine = await platform()
        made = (await upload(api, machine)).json()
        (config.attachment_dir / made["sha256"][:2] / made["sha256"]).unlink()

        assert code(await fetched(api, machine, made["id"])) == (503, "UNAVAILABLE")
