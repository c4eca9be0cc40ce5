"""Forgets what is to be kept no longer."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime, timedelta

from tortoise.transactions import in_transaction

from jobs import attachments
from jobs.command import Exit, say, with_database
from jobs.operator import audited
from models.attachment import Folder
from models.audit import Deed
from models.contact import ContactRequest
from settings import settings


def arguments(_: ArgumentParser) -> None:
    """It takes none: settings say how long things are kept."""


def run(_: Namespace) -> Exit:
    """Forget how to reach users who were met, or given up, RELAIS_CONTACT_DAYS ago.

    Files that were uploaded and that no report has named within a day are removed.

    Run it every day; it can be run again at any time.
    """
    return with_database(_purge)


async def _purge() -> Exit:
    now = datetime.now(UTC)
    before = now - timedelta(days=settings().contact_days)
    async with in_transaction():
        forgotten = await ContactRequest.forget(before)
        if forgotten:
            await audited(Deed("contact.forgotten", "", facts={"requests": forgotten}))
    say(f"forgot how to reach {forgotten} users")
    removed = await attachments.remove_unused(Folder(settings().attachment_dir), now)
    say(f"removed {removed} files that no report names")
    return Exit.DONE
