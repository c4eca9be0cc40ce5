"""All that is kept of what one person told: what they may ask for by Article 15 of the GDPR."""

from argparse import ArgumentParser, Namespace
from typing import Any

import orjson
from tortoise.fields.relational import BackwardFKRelation
from tortoise.models import Model
from tortoise.transactions import in_transaction

from jobs.command import Exit, say, show, with_database
from jobs.erase import named_arguments
from jobs.operator import audited
from models import ids
from models.attachment import Attachment
from models.audit import AuditEntry, Deed
from models.erasure import REVIEW
from models.event import Event
from models.report import DocumentReport
from models.review import Review
from models.submission import Submission
from models.webhook import Delivery

Rows = dict[str, list[dict[str, Any]]]


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    named_arguments(parser)


def run(args: Namespace) -> Exit:
    """Print, as JSON, every row that concerns it: texts, replies, contact, history, audit trail.

    Internal comments and how to reach the author are among it: read it before you hand it on.
    """

    async def work() -> Exit:
        async with in_transaction():
            rows = await concerning(args.kind, args.source, args.source_id)
            for subject in _subjects(rows)[:1]:
                await audited(Deed("subject.exported", subject))
        if not rows:
            say(f"there is no {args.kind} {args.source_id} of {args.source}")
            return Exit.UNUSABLE
        show(orjson.dumps(rows, default=str, option=orjson.OPT_INDENT_2).decode())
        return Exit.DONE

    return with_database(work)


_NAMED = {"review": "Review", "submission": "Submission", "document_report": "DocumentReport"}
"""The tables of what others are told of, by the type of their ids."""


def _subjects(rows: Rows) -> list[str]:
    """The global ids by which what was found is known."""
    return [ids.encode(_NAMED[table], row["id"]) for table in _NAMED for row in rows.get(table, ())]


async def concerning(kind: str, source: str, source_id: str) -> Rows:
    """The rows of each table that concern what has this identifier at its source.

    What points at a row by a foreign key comes with it, so that a new table is not forgotten.
    """
    rows: Rows = {}
    for model in (Submission, Review) if kind == REVIEW else (DocumentReport,):
        for found in await model.filter(source=source, source_id=source_id):
            await _gather(found, rows)
            if isinstance(found, DocumentReport) and found.attachment_id:
                _add(rows, await Attachment.get(id=found.attachment_id))
    for subject in _subjects(rows):
        await _told(subject, rows)
    return rows


async def _gather(found: Model, rows: Rows) -> None:
    if not _add(rows, found):
        return
    for name in found._meta.backward_fk_fields | found._meta.backward_o2o_fields:  # noqa: SLF001
        relation = found._meta.fields_map[name]  # noqa: SLF001  (Tortoise has no public way)
        if isinstance(relation, BackwardFKRelation):
            key = {relation.relation_source_field or "": found.pk}
            for one in await relation.related_model.filter(**key):
                await _gather(one, rows)


async def _told(subject: str, rows: Rows) -> None:
    """What others were told of it, and who did what with it."""
    for event in await Event.filter(item=subject):
        _add(rows, event)
    for delivery in await Delivery.filter(item=subject):
        _add(rows, delivery)
    for entry in await AuditEntry.filter(subject=subject):
        _add(rows, entry)


def _add(rows: Rows, row: Model) -> bool:
    """Whether it is new."""
    kept = rows.setdefault(row._meta.db_table, [])  # noqa: SLF001  (as above)
    told = {name: getattr(row, name) for name in sorted(row._meta.db_fields)}  # noqa: SLF001
    if told in kept:
        return False
    kept.append(told)
    return True
