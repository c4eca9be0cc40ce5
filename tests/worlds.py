"""Worlds of tests/oracle.py: drawn by hypothesis, and put into a database."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import strategies as st
from tortoise.transactions import in_transaction

from models import account, reply, review, submission
from models.access import AccessToken
from models.audit import AuditEntry
from models.network import Network
from models.office import Office as OfficeRow
from models.procedure import Procedure
from models.text import search_terms
from tests.factories import START, TYPES, directory_file
from tests.facts import Grant, Office, Part, Place, Question, Reply, Review, Submission, World
from tests.oracle import MODERATION, ROLES

VIEWER, OVERSEER, OTHERS = 1, 2, (3, 4, 5)
NETWORKS, DEPARTMENTS = list(TYPES), ["01", "69"]
SENTIMENTS = [one.name for one in review.Sentiment]
CHANNELS = ["COUNTER", "PHONE"]
WORDS = ["attente", "guichet"]
RIGHTS = ["read_aggregates", "read_verbatims", "reply", "validate", "transfer"]
RIGHTS += ["administer", "read_audit", "intake", "moderate"]
HALF_DAYS = [START + timedelta(hours=hours) for hours in (0, 12, 24, 36)]  # 23:00 is tomorrow
SEEN_BY_ALL = Grant(1, OVERSEER, "reader", Place())
few = st.integers(0, 3)


def any_of(values: list[str]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), min_size=1, max_size=2)


@st.composite
def forests(draw: st.DrawFn) -> tuple[Office, ...]:
    """Offices, mostly of the network of the one above, in any department."""
    offices: list[Office] = []
    for key in range(1, draw(st.integers(2, 6)) + 1):
        above = draw(st.none() | st.sampled_from(offices)) if offices else None
        same = [above.network] * 6 if above else []
        network = draw(st.sampled_from(same + NETWORKS))
        department = draw(st.sampled_from(DEPARTMENTS))
        offices.append(Office(key, network, department, above.key if above else None))
    return tuple(offices)


@st.composite
def places(draw: st.DrawFn, offices: tuple[Office, ...], width: str) -> Place:
    office = draw(st.sampled_from(offices))
    if width == "office":
        return Place(office.network, None, office.key)
    department = draw(st.sampled_from([office.department, *DEPARTMENTS]))
    network = draw(st.sampled_from([office.network] * 2 + NETWORKS))
    return {
        "country": Place(),
        "network": Place(network),
        "department": Place(network, department),
    }[width]


@st.composite
def grants(
    draw: st.DrawFn, offices: tuple[Office, ...], keys: Iterator[int], who: int | None
) -> Grant:
    """A grant of any role; some are over what does not suit it, or do not hold now."""
    role = draw(st.sampled_from(list(ROLES)))
    suits = ROLES[role][1].split() * 4
    width = draw(st.sampled_from([*suits, "country", "network", "department", "office"]))
    rights = frozenset(draw(st.frozensets(st.sampled_from(RIGHTS), min_size=1, max_size=3)))
    states = ["in force"] * 5 + ["until later", "revoked", "over", "not begun"]
    return Grant(
        next(keys),
        who,
        role,
        draw(places(offices, width)),
        rights if role == "service" else frozenset(),
        draw(st.sampled_from(states)),
    )


@st.composite
def reviews(draw: st.DrawFn, offices: tuple[Office, ...], keys: Iterator[int]) -> Review:
    published = draw(st.sampled_from(HALF_DAYS))
    key = next(keys)
    parts = []
    for _ in range(draw(st.sampled_from([1, 1, 2, 3]))):
        place = draw(st.sampled_from([one.place for one in offices] * 2 + [Place()]))
        if place.width == "country":  # a part may name no office
            place = Place(
                draw(st.sampled_from(NETWORKS)), draw(st.sampled_from([*DEPARTMENTS, None]))
            )
        replies = {
            "open": (),
            "answered elsewhere": (),
            "answered": (Reply(next(keys), "Merci."),),
            "drafted": (Reply(next(keys), "Brouillon.", state="draft"),),
            "submitted": (Reply(next(keys), "Soumise.", version=2, state="submitted"),),
            "edited": (Reply(next(keys), "Bonjour.", version=3),),
            "withdrawn": (Reply(next(keys), "Non.", version=2, state="withdrawn"),),
            "again": (Reply(next(keys), "Non.", 2, "withdrawn"), Reply(next(keys), "Oui.")),
        }
        state = draw(st.sampled_from(list(replies)))
        live = any(one.state == "published" for one in replies[state])
        replied = draw(st.sampled_from(HALF_DAYS)) if live else None
        answered = live or state == "answered elsewhere"
        channels = draw(st.frozensets(st.sampled_from(CHANNELS)))
        parts.append(Part(next(keys), place, answered, replied, replies[state], channels))
    sentiment, word = draw(st.sampled_from(SENTIMENTS)), draw(st.sampled_from(WORDS))
    relation = draw(st.none() | st.sampled_from(SENTIMENTS))
    return Review(key, published, sentiment, word, relation, tuple(parts))


@st.composite
def submissions(draw: st.DrawFn, offices: tuple[Office, ...], keys: Iterator[int]) -> Submission:
    states = ["submitted"] * 3 + [after for _, after in MODERATION.values()]
    by, place = (
        draw(st.sampled_from([VIEWER, VIEWER, *OTHERS])),
        draw(st.sampled_from(offices)).place,
    )
    version = draw(st.integers(1, 2))
    return Submission(next(keys), by, place, draw(st.sampled_from(states)), version)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    offices, keys = draw(forests()), count(10)
    given = [SEEN_BY_ALL]
    for who, most in ((VIEWER, 4), *((other, 2) for other in OTHERS), (None, 1)):
        given += [draw(grants(offices, keys, who)) for _ in range(draw(st.integers(0, most)))]
    seats = [one.place for one in offices]
    bare = [Place(one.network, None, one.key) for one in offices]
    somewhere = st.sampled_from([*seats, *bare, Place("caf"), Place()])
    return World(
        offices=offices,
        reviews=tuple(draw(reviews(offices, keys)) for _ in range(draw(st.integers(1, 6)))),
        accounts=(VIEWER, OVERSEER, *OTHERS),
        grants=tuple(given),
        tokens=tuple((next(keys), one) for one in OTHERS[: draw(few)]),
        entries=tuple((next(keys), draw(somewhere)) for _ in range(draw(few))),
        submissions=tuple(draw(submissions(offices, keys)) for _ in range(draw(few))),
    )


@st.composite
def twins(draw: st.DrawFn) -> tuple[World, tuple[Review, ...]]:
    """A world, and reviews that may stand in place of those that its viewer does not see."""
    world, keys = draw(worlds()), count(500)
    return world, tuple(draw(reviews(world.offices, keys)) for _ in range(draw(few)))


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Few conditions at a time: most of those that have many find nothing."""
    days = st.sampled_from([date(2026, 1, day) for day in (1, 2, 3)])
    conditions: dict[str, st.SearchStrategy[Any]] = {
        "networks": any_of(NETWORKS),
        "departments": any_of(DEPARTMENTS),
        "offices": st.frozensets(st.integers(1, 6), min_size=1, max_size=2),
        "channels": any_of(CHANNELS),
        "answered": st.booleans(),
        "sentiments": any_of(SENTIMENTS),
        "axis": st.sampled_from([*SENTIMENTS, "any"]),
        "since": days,
        "until": days,
        "word": st.sampled_from(WORDS),
    }
    met = draw(st.lists(st.sampled_from(list(conditions)), max_size=2, unique=True))
    return Question(
        **{name: draw(conditions[name]) for name in met},
        by=draw(st.sampled_from(["published", "replied"])),
        descending=draw(st.booleans()),
    )


def person(world: World, who: int) -> str:
    return f"person-{world.base + who}"


async def settle(world: World) -> None:
    """Put a world into the database, in place of the one before."""
    async with in_transaction():
        await review.Review.all().delete()
        await submission.Submission.all().delete()
        await account.Grant.all().delete()
        await account.Account.all().delete()
        await _settle(world)


async def _settle(world: World) -> None:
    # Offices of worlds before stay: the audit trail names them, and is for ever.
    base = world.base
    file = await directory_file()
    networks = {one.code: one.id for one in await Network.all()}

    def where(place: Place) -> dict[str, Any]:
        return {
            "network_id": place.network and networks[place.network],
            "department_id": place.department,
            "office_id": place.office and base + place.office,
        }

    if not await OfficeRow.exists(id=base + world.offices[0].key):
        await OfficeRow.bulk_create(
            OfficeRow(
                id=base + one.key,
                directory_id=f"office-{base + one.key}",
                name="Accueil",
                type_id=TYPES[one.network],
                network_id=networks[one.network],
                department_id=one.department,
                parent_id=one.parent and base + one.parent,
                search=" accueil",
                fingerprint="",
                file=file,
            )
            for one in world.offices
        )
    machines = {who for _, who in world.tokens}
    await account.Account.bulk_create(
        account.Account(
            id=base + one,
            kind=account.AccountKind.MACHINE if one in machines else account.AccountKind.PERSON,
            subject=person(world, one),
            label=person(world, one),
        )
        for one in world.accounts
    )
    now = datetime.now(UTC)
    soon, before = now + timedelta(hours=1), now - timedelta(seconds=1)
    times: dict[str, dict[str, datetime]] = {
        "in force": {},
        "until later": {"starts_at": before, "ends_at": soon},
        "revoked": {"revoked_at": before},
        "over": {"ends_at": before},
        "not begun": {"starts_at": soon},
    }
    await account.Grant.bulk_create(
        account.Grant(
            id=base + one.key,
            account_id=one.account and base + one.account,
            invited_email=None if one.account else "agent@caf.fr",
            role=account.Role(one.role),
            rights=" ".join(sorted(one.rights)),
            **where(one.place),
            **times[one.state],
        )
        for one in world.grants
    )
    await AccessToken.bulk_create(
        AccessToken(
            id=base + key,
            account_id=base + who,
            prefix="relais_",
            sha256=str(base + key),
            expires_at=soon,
        )
        for key, who in world.tokens
    )
    known = {entry.id for entry in await AuditEntry.filter(action=f"test.{base}")}
    await AuditEntry.bulk_create(
        AuditEntry(
            id=base + key,
            at=START,
            actor_label="test",
            action=f"test.{base}",
            subject="",
            facts="{}",
            seal="",
            **where(place),
        )
        for key, place in world.entries
        if base + key not in known
    )
    await _publish(world, where)
    await _queue(world, where)


async def _publish(world: World, where: Any) -> None:
    base, parts = world.base, [(one, part) for one in world.reviews for part in one.parts]
    procedures = {one.code: one.id for one in await Procedure.all()}
    await review.Review.bulk_create(
        review.Review(
            id=base + one.key,
            source="test",
            source_id=str(one.key),
            title=one.word,
            description="Texte.",
            search=" ".join(search_terms(one.word)),
            sentiment=review.Sentiment[one.sentiment],
            published_at=one.published,
            relation=review.Sentiment[one.relation] if one.relation else None,
            simplicity=review.Sentiment[one.simplicity] if one.simplicity else None,
            procedure_id=procedures.get(one.procedure or ""),
        )
        for one in world.reviews
    )
    await review.ReviewStructure.bulk_create(
        review.ReviewStructure(
            id=base + part.key,
            review_id=base + one.key,
            position=one.parts.index(part) + 1,
            **where(part.place),
            channels=sum(review.Channel[name] for name in part.channels),
            sentiment=review.Sentiment[one.sentiment],
            published_at=one.published,
            answered=part.answered,
            replied_at=part.replied,
        )
        for one, part in parts
    )
    await reply.Reply.bulk_create(
        reply.Reply(
            id=base + one.key,
            structure_id=base + part.key,
            body=one.body,
            published_at=part.replied if one.state == "published" else None,
            version=one.version,
            withdrawn_at=HALF_DAYS[0] if one.withdrawn else None,
            state=one.state,
        )
        for _, part in parts
        for one in part.replies
    )
    await reply.ReplyVersion.bulk_create(
        reply.ReplyVersion(
            reply_id=base + one.key,
            version=one.version,
            step="import",
            state=one.state,
            greeting="",
            body=one.body,
            signature="",
            note="",
            at=START,
        )
        for _, part in parts
        for one in part.replies
    )


def queued_at(one: Submission) -> datetime:
    return HALF_DAYS[one.key % len(HALF_DAYS)]


async def _queue(world: World, where: Any) -> None:
    base, felt = world.base, review.Sentiment.NEGATIVE

    def told(one: Submission) -> dict[str, Any]:
        concerned = submission.Concerned(**where(one.place), received_name=None, channels=0)
        return submission.Told.of("Attente", "", sentiment=felt, structures=(concerned,)).columns

    await submission.Submission.bulk_create(
        submission.Submission(
            id=base + one.key,
            source="queue",
            source_id=str(base + one.key),
            entry=submission.EntryMode.COUNTER,
            state=submission.SubmissionState(one.state),
            version=one.version,
            submitted_at=queued_at(one),
            submitted_by_id=base + one.by,
            **told(one),
        )
        for one in world.submissions
    )
