"""Small worlds: offices, reviews and people, as the tests need them."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from cryptography.fernet import Fernet, MultiFernet

from jobs import reference
from jobs.people import Scope, give
from models.account import Account, Role
from models.audit import Place
from models.network import Department, Network
from models.office import DirectoryFile, Office, on_sphere
from models.procedure import Procedure, ProcedureNetwork
from models.reply import Reply
from models.report import DocumentReport, Reported, ReportReason
from models.review import Review, ReviewStructure, Sentiment
from models.submission import Concerned, EntryMode, Submission, Told
from models.text import search_terms, words
from models.webhook import Endpoint

_numbers = count(1)
START = datetime(2026, 1, 1, 11, 0, tzinfo=UTC)
TYPES = {"caf": "caf", "police": "commissariat_police", "gendarmerie": "gendarmerie"}


async def nothing() -> None:
    """Only the reference data."""
    await reference.load()


async def directory_file() -> DirectoryFile:
    """The file that all offices come from."""
    file, _ = await DirectoryFile.get_or_create(
        sha256="0" * 64, defaults={"name": "test.json", "source": "test", "licence": "test"}
    )
    return file


async def office(
    network: str = "caf",
    department: str | None = "69",
    *,
    name: str | None = None,
    parent: Office | None = None,
    place: tuple[float, float] = (45.75, 4.85),
) -> Office:
    """An office."""
    number, (x, y, z) = next(_numbers), on_sphere(*place)
    name = name or f"Accueil {number}"
    return await Office.create(
        directory_id=f"office-{number}",
        name=name,
        type_id=TYPES[network],
        network=await Network.get(code=network),
        department_id=department,
        parent=parent,
        latitude=place[0],
        longitude=place[1],
        x=x,
        y=y,
        z=z,
        search=f" {' '.join(words(name))}",
        fingerprint="",
        file=await directory_file(),
    )


async def procedure(*networks: str, name: str = "Carte grise", **columns: Any) -> Procedure:
    """A procedure of networks, of the Caf unless told otherwise."""
    code = columns.pop("code", f"p{next(_numbers)}")
    search = f" {' '.join(words(name))}"
    made = await Procedure.create(code=code, name=name, search=search, **columns)
    for network in networks or ("caf",):
        await ProcedureNetwork.create(procedure=made, network=await Network.get(code=network))
    return made


async def review(
    *offices: Office,
    sentiment: Sentiment = Sentiment.NEGATIVE,
    day: int = 0,
    title: str = "Attente",
    text: str = "Trop longue.",
    replied: int | None = None,
    **columns: Any,
) -> Review:
    """A review that concerns `offices`; all replied on day `replied`, if any."""
    at = START + timedelta(days=day)
    made = await Review.create(
        source="test",
        source_id=str(next(_numbers)),
        title=title,
        description=text,
        search=" ".join(search_terms(f"{title} {text}")),
        sentiment=sentiment,
        published_at=at,
        **columns,
    )
    when = None if replied is None else START + timedelta(days=replied)
    for position, concerned in enumerate(offices, 1):
        structure = await ReviewStructure.create(
            review=made,
            position=position,
            network_id=concerned.network_id,
            office=concerned,
            department_id=concerned.department_id,
            sentiment=sentiment,
            published_at=at,
            channels=1,
            answered=when is not None,
            replied_at=when,
        )
        if when:
            await Reply.create(structure=structure, body="Merci.", published_at=when)
    return made


async def webhook(office: Office) -> Endpoint:
    """An endpoint of an office, where nobody listens."""
    seals = MultiFernet([Fernet(Fernet.generate_key())])
    url, place = "https://receiver.invalid/x", Place(office.network_id, None, office.id)
    by = (await Account.machine("Outil")).id
    made, _ = await Endpoint.make(place, url, label="Outil", types=[], seals=seals, by=by)
    return made


async def submission(
    *offices: Office,
    by: str | None = None,
    title: str = "Attente",
    text: str = "Trop longue.",
    entry: EntryMode = EntryMode.ONLINE,
    **columns: Any,
) -> Submission:
    """A review that waits for moderation, and was brought in by a person, if any."""
    structures = tuple(
        Concerned(one.network_id, one.department_id, one.id, one.name, 1) for one in offices
    )
    told = Told.of(title, text, sentiment=Sentiment.NEGATIVE, structures=structures)
    brought_by = await Account.get(subject=by) if by else await Account.machine("Plateforme")
    made = Submission.new("test", f"s{next(_numbers)}", entry, told, by=brought_by.id)
    for name, value in columns.items():
        setattr(made, name, value)
    await made.save()
    return made


async def report(
    network: str = "caf",
    *,
    by: str | None = None,
    office: Office | None = None,
    title: str = "Déclaration de ressources",
    passage: str = "Le quotient est apprécié prorata temporis.",
    form: str = "",
    url: str = "",
    suggestion: str = "",
    reason: ReportReason = ReportReason.JARGON,
    **rest: Any,
) -> DocumentReport:
    """A report of a document that waits for triage, brought in by a person, if any."""
    its = await Network.get(id=office.network_id) if office else await Network.get(code=network)
    told = Reported.of(
        title,
        passage,
        form=form,
        url=url,
        suggestion=suggestion,
        reason=reason,
        network_id=its.id,
        office_id=office.id if office else None,
        department_id=office.department_id if office else None,
        **rest,
    )
    brought_by = await Account.get(subject=by) if by else await Account.machine("Plateforme")
    number = f"d{next(_numbers)}"
    return await DocumentReport.bring("test", number, EntryMode.ONLINE, told, by=brought_by.id)


async def accepted(report: DocumentReport) -> DocumentReport:
    """The same after triage."""
    team = await Account.machine("Équipe nationale")
    version = report.version
    await report.accept({}, without_attachment=False, by=team.id, expected_version=version)
    return report


async def person(
    role: Role,
    *,
    network: str | None = None,
    department: str | None = None,
    office: Office | None = None,
    name: str | None = None,
    rights: str = "",
) -> str:
    """The name of an account that was granted a role."""
    name = name or f"person-{next(_numbers)}"
    its = await Network.get(code=network) if network else None
    its = await Network.get(id=office.network_id) if office else its
    seat = await Department.get(code=department) if department else None
    await give(name, None, role, Scope(its, seat, office), rights=rights)
    return name
