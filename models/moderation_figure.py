"""Figures of moderation: counted once, when a month is closed, and never again (decision 0020)."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.models import Model
from tortoise.transactions import in_transaction

from models.disclosure import shown
from models.network import Network
from models.paris import PARIS
from models.report import TRIAGED
from models.sql import Sql, alone, connection, fetch
from models.submission import RejectReason, SubmissionState


class ModerationKind(StrEnum):
    """What is moderated."""

    SUBMISSIONS = "submissions"
    DOCUMENT_REPORTS = "document_reports"


class ModerationOutcome(StrEnum):
    """What had become of something that is not, or no longer, for others to read."""

    WAITING = "waiting"
    WITHDRAWN = "withdrawn"
    INSULT = "insult"
    PERSONAL_DATA = "personal_data"
    AGENT_NAMED = "agent_named"
    OUT_OF_PERIMETER = "out_of_perimeter"
    NOT_AN_EXPERIENCE = "not_an_experience"
    DUPLICATE = "duplicate"
    ADVERTISING = "advertising"


_ACCEPTED = {
    ModerationKind.SUBMISSIONS: {SubmissionState.PUBLISHED.value},
    ModerationKind.DOCUMENT_REPORTS: {state.value for state in TRIAGED},
}


class ModerationFigure(Model):
    """What was received in a month in a network, or in all of them, as it stood at closing.

    What is None is suppressed: it was never written down.
    """

    id = fields.BigIntField(primary_key=True)
    month = fields.IntField()
    kind = fields.CharEnumField(ModerationKind, max_length=16)
    network: fields.ForeignKeyNullableRelation[Network] = fields.ForeignKeyField(
        "models.Network", related_name="moderation_figures", on_delete=fields.RESTRICT, null=True
    )
    accepted = fields.IntField()
    kept_back = fields.IntField(null=True)
    waiting = fields.IntField(null=True)
    withdrawn = fields.IntField(null=True)
    insult = fields.IntField(null=True)
    personal_data = fields.IntField(null=True)
    agent_named = fields.IntField(null=True)
    out_of_perimeter = fields.IntField(null=True)
    not_an_experience = fields.IntField(null=True)
    duplicate = fields.IntField(null=True)
    advertising = fields.IntField(null=True)

    class Meta:
        table = "moderation_figure"

    @classmethod
    async def due(cls, now: datetime) -> list[int]:
        """Months, written 202611, that may be closed and are not: from the first one in use on.

        A month may be closed once another one has passed, in which moderation had its time.
        """
        text = (
            "SELECT min(at) FROM (SELECT min(submitted_at) AS at FROM submission"
            " UNION ALL SELECT min(submitted_at) FROM document_report) told"
        )
        ((first,),) = await fetch(Sql(text))
        if first is None:
            return []
        closed = {
            row[0] for row in await fetch(Sql("SELECT DISTINCT month FROM moderation_figure"))
        }
        begun = datetime.fromisoformat(first) if isinstance(first, str) else first
        months = range(_number(begun), _number(now) - 1)
        return [month for month in map(_written, months) if month not in closed]

    @classmethod
    async def close(cls, month: int, k: int) -> bool:
        """Count a month, for good. False when that was done before."""
        async with in_transaction():
            await alone("moderation figures")
            if await cls.exists(month=month):
                return False
            networks = await Network.all().order_by("id").values_list("id", flat=True)
            for kind in ModerationKind:
                found = await _counted(kind, month)
                rows = await asyncio.to_thread(_rows, month, kind, networks, found, k)
                await cls.bulk_create(rows)
        return True


def _rows(
    month: int,
    kind: ModerationKind,
    networks: Sequence[Any],
    found: Mapping[tuple[int, str], int],
    k: int,
) -> list[ModerationFigure]:
    counts = [[found.get((one, outcome), 0) for outcome in ModerationOutcome] for one in networks]
    accepted = [found.get((one, ""), 0) for one in networks]
    names = ("kept_back", *ModerationOutcome)
    places = zip([None, *networks], [sum(accepted), *accepted], shown(counts, k), strict=True)
    return [
        ModerationFigure(
            month=month,
            kind=kind,
            network_id=network,
            accepted=public,
            **dict(zip(names, told, strict=True)),
        )
        for network, public, told in places
    ]


async def _counted(kind: ModerationKind, month: int) -> dict[tuple[int, str], int]:
    """How many there are by network and outcome, which is empty for what others may read.

    A submission counts once, in the network of the structure that it names first.
    """
    if kind is ModerationKind.SUBMISSIONS:
        sqlite = connection().capabilities.dialect == "sqlite"
        network = "json_extract(q.parts, '$[0].network_id')"
        network = network if sqlite else "(q.parts::jsonb -> 0 ->> 'network_id')::bigint"
        source, reason = "submission q", "q.reason"
    else:
        network, source, reason = "q.network_id", "document_report q", "q.reject_reason"
    text = (
        f"SELECT {network}, q.state, {reason}, count(*) FROM {source}"
        " WHERE q.submitted_at >= ? AND q.submitted_at < ? GROUP BY 1, 2, 3"
    )
    number = month // 100 * 12 + month % 100 - 1
    counted: dict[tuple[int, str], int] = {}
    for its, state, why, count in await fetch(Sql(text, (_begin(number), _begin(number + 1)))):
        place = its, _outcome(kind, state, why)
        counted[place] = counted.get(place, 0) + count
    return counted


def _outcome(kind: ModerationKind, state: str, reason: str | None) -> str:
    if state in _ACCEPTED[kind]:
        return ""
    if state == SubmissionState.REJECTED and reason is not None:
        return RejectReason(reason).value
    waits = state == SubmissionState.SUBMITTED
    return ModerationOutcome.WAITING if waits else ModerationOutcome.WITHDRAWN


def _number(moment: datetime) -> int:
    """Of the month in Paris, counted from the year 0."""
    day = moment.astimezone(PARIS)
    return day.year * 12 + day.month - 1


def _written(number: int) -> int:
    return number // 12 * 100 + number % 12 + 1


def _begin(number: int) -> datetime:
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=PARIS).astimezone(UTC)
